import "./attention.css";
import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { AttentionResult } from "../../src/contract/instruments";
import type { Cell, Grid } from "../kit/heatmap/grid";
import { Button, Checkbox, Dropdown } from "../kit/controls";
import { Card } from "../kit/cellCard";
import { percent } from "../kit/format";
import { Heatmap } from "../kit/heatmap/heatmap";
import { ExportTable } from "../kit/exportTable";
import { Help } from "../kit/help";
import { useRun, useSize } from "../kit/hooks";
import { IconButton } from "../kit/icon";
import { inputOf, instrumentHost, isEmpty, useInstrument } from "../kit/instrument";
import { InstrumentMenu } from "../kit/instrumentMenu";
import { t } from "../kit/l10n";
import { Empty, RunState } from "../kit/message";
import { attentionTable } from "../kit/resultTables";
import { Panel, ProbeBox } from "../kit/probeBox";
import { spell } from "../kit/tokenText";
import { visibleToken } from "../kit/visible";
import { patternGrid, withoutSink } from "./grids";
import { HeadPicture } from "./headPicture";
import { WeightTable } from "./weightTable";

const host = instrumentHost();

interface Settings {
  layer: number;
  /** -1 is the average of all heads. */
  head: number;
  hideSink: boolean;
  position: number;
  table: boolean;
  zoom: number;
}

const sizes = [6, 10, 16, 24, 34, 46];

export function Attention(): VNode {
  const run = useRun<AttentionResult>();
  const panel = useInstrument<Settings>(
    host,
    { layer: 0, head: -1, hideSink: false, position: -1, table: false, zoom: -1 },
    ({ layer, head, position }) => ({
      ...(layer !== undefined && { layer }),
      head: head ?? -1,
      position: position ?? -1,
    }),
    (probe, { layer }) => {
      if (isEmpty(probe)) return;
      const last = Math.max(0, (panel.state?.model?.layers ?? 1) - 1);
      run.start((signal) =>
        host.call("attention", { input: inputOf(probe), layer: Math.min(layer, last) }, { signal }),
      );
    },
  );
  const { state, probe, setProbe, settings, set, again } = panel;
  const { result } = run;
  const layers = state?.model?.layers ?? 0;
  const toLayer = (layer: number): void => {
    set({ layer });
    again();
  };
  return (
    <Panel title={t("attentionTitle")} help={<Help topic="attention" />} state={state}>
      <ProbeBox
        probe={probe}
        onChange={setProbe}
        onRun={again}
        busy={run.status === "busy"}
        ready={Boolean(state?.model)}
        spelled={spell(result?.tokens ?? []).whole}
      >
        <Dropdown
          label={t("layer")}
          value={String(settings.layer)}
          choices={Array.from({ length: Math.max(1, layers) }, (_, i) => ({
            value: String(i),
            label: t("siteLayer", { layer: i }),
          }))}
          onChange={(layer) => toLayer(Number(layer))}
        />
        <IconButton
          icon="arrow-down"
          label={t("layerBelow")}
          disabled={settings.layer <= 0}
          onClick={() => toLayer(settings.layer - 1)}
        />
        <IconButton
          icon="arrow-up"
          label={t("layerAbove")}
          disabled={settings.layer >= layers - 1}
          onClick={() => toLayer(settings.layer + 1)}
        />
        <Checkbox
          label={t("hideSink")}
          title={t("hideSinkSays")}
          checked={settings.hideSink}
          onChange={(hideSink) => set({ hideSink })}
        />
      </ProbeBox>
      <RunState run={run} what={t("computingAttention")} />
      {result ? (
        <>
          <Patterns result={result} settings={settings} set={set} />
          <ExportTable host={host} name="attention" table={() => attentionTable(result)} />
        </>
      ) : (
        run.status === "idle" && (
          <Empty icon="eye" title={t("attentionEmptyTitle")}>
            <p>{t("panelEmptyText")}</p>
            <Button
              onClick={() => (
                setProbe({ kind: "prompt", text: "The capital of France is Paris. The capital of Italy is" }),
                again()
              )}
            >
              {t("tryExample")}
            </Button>
          </Empty>
        )
      )}
    </Panel>
  );
}

function Patterns(props: {
  result: AttentionResult;
  settings: Settings;
  set: (change: Partial<Settings>) => void;
}): VNode {
  const { result, settings, set } = props;
  const { tokens, heads, mean } = result;
  const head = heads.find((each) => each.head === settings.head);
  const shown = useMemo(() => {
    const adjust = (pattern: number[][]): number[][] => (settings.hideSink ? withoutSink(pattern) : pattern);
    return {
      mean: patternGrid(adjust(mean), tokens),
      heads: heads.map((each) => ({
        ...each,
        pattern: adjust(each.pattern),
        grid: patternGrid(adjust(each.pattern), tokens),
      })),
      meanPattern: adjust(mean),
    };
  }, [result, settings.hideSink]);
  const own = shown.heads.find((each) => each.head === head?.head);
  const grid: Grid = own?.grid ?? shown.mean;
  const pattern = own?.pattern ?? shown.meanPattern;
  const [measure, room] = useSize<HTMLDivElement>();
  const [selected, setSelected] = useState<Cell | null>(null);
  const [hovered, setHovered] = useState<{ cell: Cell; box: DOMRect } | null>(null);
  const fit = sizes.findLastIndex((each) => each * tokens.length <= Math.max(200, room.width - 100));
  const zoom = settings.zoom >= 0 ? settings.zoom : Math.max(0, fit);
  const size = { width: sizes[zoom]!, height: Math.min(sizes[zoom]!, 24) };
  const row =
    selected?.row ?? (settings.position < 0 ? tokens.length - 1 : Math.min(settings.position, tokens.length - 1));
  const name = (index: number): string => visibleToken(tokens[index] ?? { text: "" });
  const describe = ({ row, column }: Cell): string =>
    t("attentionSpoken", { query: name(row), key: name(column), weight: percent(pattern[row]?.[column] ?? 0) });
  const title = own
    ? t("headTitle", { layer: result.layer, head: own.head })
    : t("headsMean", { layer: result.layer, n: heads.length });
  return (
    <>
      <section class="section" aria-label={t("heads")}>
        <h2>{t("heads")}</h2>
        <div class="headGrid" role="group" aria-label={t("heads")}>
          <HeadPicture
            grid={shown.mean}
            name={t("averaged")}
            note=""
            chosen={own === undefined}
            onChoose={() => set({ head: -1 })}
          />
          {shown.heads.map(({ head: number, sink, grid: each }) => (
            <HeadPicture
              key={number}
              grid={each}
              name={t("headNumber", { head: number })}
              note={t("sinkIs", { share: percent(sink) })}
              chosen={own?.head === number}
              onChoose={() => set({ head: number })}
            />
          ))}
        </div>
      </section>
      <section class="section" aria-label={title}>
        <div class="sectionHead">
          <h2>{title}</h2>
          {own && <span class="muted small">{t("sinkIs", { share: percent(own.sink) })}</span>}
          <span class="grow" />
          <IconButton
            icon="zoom-out"
            label={t("zoomOut")}
            disabled={zoom === 0}
            onClick={() => set({ zoom: zoom - 1 })}
          />
          <IconButton
            icon="zoom-in"
            label={t("zoomIn")}
            disabled={zoom === sizes.length - 1}
            onClick={() => set({ zoom: zoom + 1 })}
          />
          <IconButton
            icon="table"
            label={t("showTable")}
            pressed={settings.table}
            onClick={() => set({ table: !settings.table })}
          />
        </div>
        <div class="patternBody">
          {settings.table ? (
            <WeightTable
              tokens={tokens}
              pattern={pattern}
              row={row}
              onRow={(next) => setSelected({ row: next, column: 0 })}
            />
          ) : (
            <div class="patternMap" ref={measure}>
              <Heatmap
                grid={grid}
                version={0}
                size={size}
                gutter={84}
                header={18}
                label={`${title}. ${t("attentionMapLabel")}`}
                describe={describe}
                selected={selected}
                onSelect={setSelected}
                onHover={(cell, box) => setHovered(cell && box ? { cell, box } : null)}
                onZoom={(step) => set({ zoom: Math.max(0, Math.min(sizes.length - 1, zoom + step)) })}
                maxHeight={620}
              />
              <div class="legend small muted">
                <span>0 %</span>
                <span class="legendRamp" aria-hidden="true" />
                <span>100 %</span>
                <span>{t("attentionScale")}</span>
              </div>
            </div>
          )}
          {!settings.table && (
            <WeightTable
              tokens={tokens}
              pattern={pattern}
              row={row}
              onRow={(next) => setSelected({ row: next, column: 0 })}
              brief
            />
          )}
        </div>
        {hovered && (
          <Card anchor={hovered.box} label={describe(hovered.cell)}>
            <p>{describe(hovered.cell)}</p>
          </Card>
        )}
      </section>
      <div class="section">
        <span class="muted small">{t("instrumentsThere")}</span>
        <InstrumentMenu
          host={host}
          without="attention"
          make={(instrument) => ({
            instrument,
            tokens: tokens.map(({ id }) => id),
            position: row,
            layer: result.layer,
            title: t("placeTitle", { token: name(row) }).slice(0, 200),
          })}
        />
      </div>
      <p class="method">{t("attentionMethod")}</p>
    </>
  );
}
