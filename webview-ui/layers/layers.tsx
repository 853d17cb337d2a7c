import "./layers.css";
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { AttributionResult, LayersResult } from "../../src/contract/instruments";
import type { Token } from "../../src/contract/token";
import type { ProbeText } from "../kit/instrument";
import { Button, Tabs, TextField } from "../kit/controls";
import { ExportTable } from "../kit/exportTable";
import { Help } from "../kit/help";
import { useRun } from "../kit/hooks";
import { inputOf, instrumentHost, isEmpty, useInstrument } from "../kit/instrument";
import { InstrumentMenu } from "../kit/instrumentMenu";
import { t } from "../kit/l10n";
import { Empty, RunState } from "../kit/message";
import { Panel, ProbeBox } from "../kit/probeBox";
import { attributionTable, layersTable } from "../kit/resultTables";
import { TokenStrip } from "../kit/tokenStrip";
import { spell } from "../kit/tokenText";
import { visibleToken } from "../kit/visible";
import { Attribution } from "./attribution";
import { Blocks } from "./blocks";

const host = instrumentHost();

type Tab = "layers" | "attribution";

interface Settings {
  tab: Tab;
  /** -1 is the last. */
  position: number;
  target: string;
  foil: string;
}

/** What each block adds, and what made a logit: two readings of one run at one position. */
export function Layers(): VNode {
  const layers = useRun<LayersResult>();
  const attribution = useRun<AttributionResult>();
  /** What each tab's figures were made of, so that a change of tab runs only what is not there. */
  const [made, setMade] = useState<Record<Tab, string>>({ layers: "", attribution: "" });
  const panel = useInstrument<Settings>(
    host,
    { tab: "layers", position: -1, target: "", foil: "" },
    ({ instrument, position, target }) => ({
      tab: instrument === "attribution" ? "attribution" : "layers",
      position: position ?? -1,
      target: target ?? "",
      foil: "",
    }),
    (probe, settings) => {
      if (!isEmpty(probe)) begin(probe, settings, settings.tab);
    },
  );
  const { state, probe, setProbe, settings, set, again } = panel;

  const key = (probe: ProbeText, { position, target, foil }: Settings, tab: Tab): string =>
    JSON.stringify([
      probe,
      position,
      state?.model?.fingerprint,
      state?.interventions,
      ...(tab === "layers" ? [] : [target, foil]),
    ]);
  const begin = (probe: ProbeText, settings: Settings, tab: Tab): void => {
    setMade((before) => ({ ...before, [tab]: key(probe, settings, tab) }));
    const input = inputOf(probe);
    const { position } = settings;
    if (tab === "layers") layers.start((signal) => host.call("layers", { input, position, top: 10 }, { signal }));
    else {
      attribution.start(async (signal) => {
        // Without a target the model's own first choice is explained.
        const target = settings.target !== "" ? settings.target : await firstChoice(input, position, signal);
        const foil = settings.foil === "" ? {} : { foil: settings.foil };
        return await host.call("attribution", { input, position, target, ...foil }, { signal });
      });
    }
  };
  const turn = (tab: Tab): void => {
    set({ tab });
    const shown = layers.result !== null || attribution.result !== null;
    if (shown && made[tab] !== key(probe, settings, tab)) begin(probe, settings, tab);
  };
  const current = settings.tab === "layers" ? layers : attribution;
  const tokens: Token[] = (current.result ?? layers.result ?? attribution.result)?.tokens ?? [];
  const position =
    current.result?.position ?? (settings.position < 0 ? tokens.length + settings.position : settings.position);
  const place = tokens[position] && visibleToken(tokens[position]);
  return (
    <Panel title={t("layersTitle")} help={<Help topic={settings.tab} />} state={state}>
      <ProbeBox
        probe={probe}
        onChange={setProbe}
        onRun={again}
        busy={current.status === "busy"}
        ready={Boolean(state?.model)}
        spelled={spell(tokens).whole}
      >
        {settings.tab === "attribution" && <TargetFields settings={settings} set={set} again={again} />}
      </ProbeBox>
      {tokens.length > 0 && (
        <div class="section">
          <span class="muted small">{t("positionHint")}</span>
          <TokenStrip
            tokens={tokens}
            chosen={position}
            label={t("choosePosition")}
            onChoose={(index) => {
              set({ position: index });
              again();
            }}
          />
        </div>
      )}
      <RunState run={current} what={settings.tab === "layers" ? t("computingLayers") : t("computingAttribution")} />
      {tokens.length === 0 && current.status === "idle" ? (
        <Empty icon="list-tree" title={t("layersEmptyTitle")}>
          <p>{t("panelEmptyText")}</p>
          <Button onClick={() => (setProbe({ kind: "prompt", text: "The capital of France is" }), again())}>
            {t("tryExample")}
          </Button>
        </Empty>
      ) : (
        <Tabs<Tab>
          label={t("layersTitle")}
          active={settings.tab}
          onChange={turn}
          tabs={[
            {
              id: "layers",
              label: t("instrumentLayers"),
              view: layers.result && (
                <>
                  <Blocks result={layers.result} />
                  <ExportTable host={host} name="layers" table={() => layersTable(layers.result as LayersResult)} />
                </>
              ),
            },
            {
              id: "attribution",
              label: t("instrumentAttribution"),
              view: attribution.result && (
                <>
                  <Attribution result={attribution.result} />
                  <ExportTable
                    host={host}
                    name="attribution"
                    table={() => attributionTable(attribution.result as AttributionResult)}
                  />
                </>
              ),
            },
          ]}
        />
      )}
      {place && (
        <div class="section">
          <span class="muted small">{t("instrumentsThere")}</span>
          <InstrumentMenu
            host={host}
            without={settings.tab}
            make={(instrument) => ({
              instrument,
              tokens: tokens.map(({ id }) => id),
              position,
              ...(settings.target !== "" && { target: settings.target }),
              title: t("placeTitle", { token: place }).slice(0, 200),
            })}
          />
        </div>
      )}
    </Panel>
  );
}

async function firstChoice(input: ReturnType<typeof inputOf>, position: number, signal: AbortSignal): Promise<string> {
  const { layers } = await host.call("layers", { input, position, top: 1 }, { signal });
  const last = layers.at(-1);
  return (last?.mlp ?? last?.whole ?? last?.attn)?.after[0]?.text ?? "";
}

function TargetFields(props: {
  settings: Settings;
  set: (change: Partial<Settings>) => void;
  again: () => void;
}): VNode {
  const { settings, set, again } = props;
  return (
    <>
      <TextField
        label={t("target")}
        value={settings.target}
        placeholder={t("likeliest")}
        title={t("attributionTargetSays")}
        size={10}
        onInput={(target) => set({ target })}
        onEnter={again}
      />
      <TextField
        label={t("foil")}
        value={settings.foil}
        placeholder={t("none")}
        title={t("foilSays")}
        size={10}
        onInput={(foil) => set({ foil })}
        onEnter={again}
      />
    </>
  );
}
