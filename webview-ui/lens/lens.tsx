import "./lens.css";
import type { VNode } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import type { LensProgress } from "../../src/contract/instruments";
import type { LensSettings } from "./settings";
import type { ProbeText } from "../kit/instrument";
import { Button, Checkbox, Dropdown } from "../kit/controls";
import { Help } from "../kit/help";
import { useRun, useSize } from "../kit/hooks";
import { inputOf, instrumentHost, isEmpty, useInstrument } from "../kit/instrument";
import { t } from "../kit/l10n";
import { metrics } from "../kit/lensMetric";
import { Empty, ErrorBox, Note, RunState } from "../kit/message";
import { Panel, ProbeBox } from "../kit/probeBox";
import { spell } from "../kit/tokenText";
import { visibleToken } from "../kit/visible";
import { LensData } from "./data";
import { Details } from "./details";
import { differenceGrid, lensGrid } from "./grids";
import { LensMap } from "./lensMap";
import { LensTable } from "./lensTable";
import { firstSettings, fittingZoom, rowSites, tunedName, zooms } from "./settings";
import { Toolbar } from "./toolbar";
import { TunedFit } from "./tunedFit";

const host = instrumentHost();

export function Lens(): VNode {
  const a = useLens();
  const b = useLens();
  const [measure, size] = useSize<HTMLDivElement>();
  const sync = useRef({ left: 0, top: 0, listeners: new Set<(left: number, top: number) => void>() }).current;
  const panel = useInstrument<LensSettings>(
    host,
    firstSettings,
    ({ target, position }) => ({
      target: target ?? "",
      selected: position === undefined || position < 0 ? null : { row: 0, column: position },
      zoom: -1,
    }),
    (probe, settings) => {
      if (isEmpty(probe)) return;
      a.start(probe, settings, settings.tuned, panel.state?.model?.sites ?? []);
      if (settings.compare && !isEmpty(settings.other)) {
        b.start(settings.other, settings, settings.otherTuned, panel.state?.model?.sites ?? []);
      }
    },
  );
  const { state, probe, setProbe, settings, set, again } = panel;
  const model = state?.model;
  const vocabulary = model?.vocabulary ?? 2;
  const [fitting, setFitting] = useState(false);

  const needsTarget = metrics.find(({ id }) => id === settings.metric)?.needsTarget ?? false;
  const metric = needsTarget && a.data.tokens.length > 0 && !hasTarget(a.data) ? "probability" : settings.metric;
  const zoom = settings.zoom >= 0 ? settings.zoom : fittingZoom(a.data.tokens.length, size.width);
  const cells = zooms[zoom]!;
  const gridA = useMemo(() => lensGrid(a.data, metric, vocabulary), [a.data, a.version, metric, vocabulary]);
  const gridB = useMemo(() => lensGrid(b.data, metric, vocabulary), [b.data, b.version, metric, vocabulary]);
  const comparing = settings.compare && b.data.rows.length > 0;
  const gridD = useMemo(
    () => (comparing ? differenceGrid(a.data, b.data, metric, vocabulary, settings.align) : null),
    [comparing, a.data, b.data, a.version, b.version, metric, vocabulary, settings.align],
  );
  const busy = a.run.status === "busy" || b.run.status === "busy";
  const zoomBy = (step: 1 | -1): void => set({ zoom: Math.max(0, Math.min(zooms.length - 1, zoom + step)) });
  const common = {
    metric,
    size: cells,
    selected: settings.selected,
    onSelect: (selected: LensSettings["selected"]) => set({ selected }),
    onZoom: zoomBy,
    sync,
    target: a.data.target ? visibleToken(a.data.target) : settings.target,
  };
  return (
    <Panel title={t("lensTitle")} help={<Help topic={settings.tuned ? "tunedLens" : "lens"} />} state={state}>
      <div class={settings.compare ? "columns" : "section"}>
        <ProbeBox
          probe={probe}
          onChange={setProbe}
          onRun={again}
          busy={busy}
          ready={Boolean(model)}
          label={settings.compare ? t("promptA") : t("prompt")}
          spelled={spell(a.data.tokens).whole}
        >
          <LensKind
            value={settings.tuned}
            onChange={(tuned) => (set({ tuned }), again())}
            onFit={() => setFitting(true)}
          />
          <Checkbox
            label={t("compare")}
            checked={settings.compare}
            onChange={(compare) => set({ compare, other: isEmpty(settings.other) ? probe : settings.other })}
          />
        </ProbeBox>
        {settings.compare && (
          <ProbeBox
            probe={settings.other}
            onChange={(other) => set({ other })}
            onRun={again}
            busy={busy}
            ready={Boolean(model)}
            label={t("promptB")}
            spelled={spell(b.data.tokens).whole}
          >
            <LensKind
              value={settings.otherTuned}
              onChange={(otherTuned) => (set({ otherTuned }), again())}
              onFit={() => setFitting(true)}
            />
            <Dropdown
              label={t("align")}
              value={settings.align}
              choices={[
                { value: "end", label: t("alignEnd") },
                { value: "start", label: t("alignStart") },
              ]}
              onChange={(align) => set({ align })}
            />
          </ProbeBox>
        )}
      </div>
      {fitting && (
        <TunedFit host={host} onClose={() => setFitting(false)} onFitted={() => (set({ tuned: true }), again())} />
      )}
      <RunState run={a.run} what={t("computingLens")} />
      {settings.compare && <RunState run={b.run} what={t("computingLensB")} />}
      {(a.run.error?.code === "fileMissing" || b.run.error?.code === "fileMissing") &&
        (settings.tuned || settings.otherTuned) && (
          <Note icon="info">
            {t("noTunedYet")} <Button onClick={() => setFitting(true)}>{t("fitTuned")}</Button>
          </Note>
        )}
      {a.data.rows.length === 0 ? (
        a.run.status === "idle" && (
          <Empty icon="layers" title={t("lensEmptyTitle")}>
            <p>{t("lensEmptyText")}</p>
            <Button onClick={() => (setProbe({ kind: "prompt", text: "The capital of France is" }), again())}>
              {t("tryExample")}
            </Button>
          </Empty>
        )
      ) : (
        <>
          <Toolbar
            host={host}
            settings={settings}
            set={set}
            again={again}
            metric={metric}
            zoom={zoom}
            onZoom={zoomBy}
            data={a.data}
            other={comparing ? b.data : null}
            model={model ?? null}
            grids={{ a: gridA, b: comparing ? gridB : null, difference: gridD }}
          />
          {a.data.partial && a.run.status === "cancelled" && <Note icon="circle-slash">{t("partialNote")}</Note>}
          {needsTarget && metric !== settings.metric && a.run.status === "done" && (
            <ErrorBox error={{ code: "unknownToken", message: t("noTargetNote") }} />
          )}
          <div class="lensBody">
            <div class={`maps${comparing ? " three" : ""}`} ref={measure}>
              {settings.table ? (
                <LensTable
                  data={a.data}
                  selected={settings.selected}
                  onSelect={(selected) => set({ selected })}
                  target={common.target}
                />
              ) : (
                <>
                  <LensMap {...common} data={a.data} grid={gridA} title={comparing ? t("mapA") : null} />
                  {comparing && <LensMap {...common} data={b.data} grid={gridB} title={t("mapB")} />}
                  {comparing && gridD && (
                    <LensMap
                      {...common}
                      data={a.data}
                      other={b.data}
                      align={settings.align}
                      grid={gridD}
                      title={t("mapDifference")}
                    />
                  )}
                </>
              )}
            </div>
            <Details
              host={host}
              data={a.data}
              other={comparing ? b.data : null}
              align={settings.align}
              selected={settings.selected}
              probe={probe}
              target={common.target}
              altered={(state?.interventions.length ?? 0) > 0}
            />
          </div>
          <p class="method">{t("lensMethod", { top: settings.top })}</p>
        </>
      )}
    </Panel>
  );
}

function hasTarget(data: LensData): boolean {
  return (
    data.target !== undefined || data.cells.some((row) => row.some((cell) => cell !== undefined && cell.rank >= 0))
  );
}

/** One lens run: its data grow as rows arrive, drawn at most once a frame. */
function useLens() {
  const run = useRun<null>();
  const [data, setData] = useState(() => new LensData());
  const [version, setVersion] = useState(0);
  const frame = useRef(0);
  const start = (probe: ProbeText, settings: LensSettings, tuned: boolean, available: readonly string[]): void => {
    const next = new LensData();
    const show = (): void => {
      frame.current = 0;
      setData(next);
      setVersion(next.version);
    };
    const sites = rowSites[settings.rows].filter((site) => available.includes(site));
    run.start(async (signal, progress) => {
      const result = await host.call(
        "lens",
        {
          input: inputOf(probe),
          sites: sites.length > 0 ? sites : ["resid_post"],
          top: settings.top,
          ...(settings.target !== "" && { target: settings.target }),
          ...(tuned && { tuned: tunedName }),
        },
        {
          signal,
          onProgress: (value: LensProgress) => {
            next.take(value);
            progress(value.fraction);
            frame.current ||= requestAnimationFrame(show);
          },
        },
      );
      next.finish(result);
      cancelAnimationFrame(frame.current);
      show();
      return null;
    });
  };
  return { run, data, version, start };
}

function LensKind(props: { value: boolean; onChange: (tuned: boolean) => void; onFit: () => void }): VNode {
  const { value, onChange, onFit } = props;
  return (
    <Dropdown<"plain" | "tuned" | "fit">
      label={t("lensKind")}
      value={value ? "tuned" : "plain"}
      choices={[
        { value: "plain", label: t("lensPlain") },
        { value: "tuned", label: t("lensTuned") },
        { value: "fit", label: t("fitTunedMenu") },
      ]}
      onChange={(choice) => (choice === "fit" ? onFit() : onChange(choice === "tuned"))}
    />
  );
}
