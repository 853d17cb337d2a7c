import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { SteerGridCell, SteerGridResult } from "../../src/contract/acting";
import type { DirectionJob, DirectionResults, DirectionsViewState } from "../../src/contract/directionsView";
import type { Input } from "../../src/contract/verbs";
import type { Cell, Grid } from "../kit/heatmap/grid";
import { Button, Dropdown, TextField } from "../kit/controls";
import { figure, percent } from "../kit/format";
import { Heatmap } from "../kit/heatmap/heatmap";
import { t } from "../kit/l10n";
import { Note } from "../kit/message";
import { quietly } from "../kit/quietly";
import { FileChoice } from "./fileChoice";
import type { FindSettings } from "./find";
import { host } from "./host";
import { Job } from "./job";
import { numberOf, numbersOf } from "./numbers";
import type { ProveSettings } from "./prove";
import { askedIn, behaviourIn, inputsOfSide } from "./sides";

export interface GridSettings {
  strengths: string;
  gridSide: "negative" | "positive";
  gridPrompts: string;
}

/** Layers x strengths: how often the behaviour shows, and what it costs. */
export function Steering(props: {
  state: DirectionsViewState;
  settings: FindSettings & ProveSettings & GridSettings;
  set: (change: Partial<ProveSettings & GridSettings>) => void;
  job: DirectionJob | null | undefined;
  results: DirectionResults | undefined;
}): VNode {
  const { state, settings, set, job, results } = props;
  const { file, proof } = settings;
  const strengths = numbersOf(settings.strengths);
  const behaviour = behaviourIn(proof);
  const most = numberOf(settings.gridPrompts);
  const prompts = inputsOfSide(proof[settings.gridSide], proof.chat).slice(0, most ?? 8);
  const ready =
    file !== "" && strengths !== null && behaviour !== undefined && prompts.length > 0 && most !== null && !job;
  const layers = Math.max(0, (state.model?.layers ?? 1) - 1);
  const steer = (): void => {
    if (!behaviour || !strengths) return;
    quietly(host, host.call("grid", { file, prompts, behaviour, strengths, layers: "all" }));
  };
  return (
    <div class="section grow">
      <FileChoice files={state.files} value={file} onChange={(next) => set({ file: next })} />
      <p class="muted">{t("gridSays")}</p>
      <div class="toolbar">
        <Dropdown
          label={t("gridOn")}
          value={settings.gridSide}
          choices={[
            { value: "negative", label: t("negativePrompts") },
            { value: "positive", label: t("positivePrompts") },
          ]}
          onChange={(gridSide) => set({ gridSide })}
        />
        <TextField
          label={t("promptsAtMost")}
          value={settings.gridPrompts}
          size={4}
          onInput={(gridPrompts) => set({ gridPrompts })}
        />
        <TextField
          label={t("strengths")}
          value={settings.strengths}
          size={22}
          title={t("strengthUnit")}
          onInput={(text) => set({ strengths: text })}
          onEnter={() => ready && steer()}
        />
        <Button kind="primary" icon="play" disabled={!ready} onClick={steer}>
          {t("drawGrid")}
        </Button>
        <span class="muted small">
          {file === ""
            ? t("needsFile")
            : strengths === null || most === null
              ? t("needsNumbers")
              : behaviour === undefined || prompts.length === 0
                ? t("gridNeedsProof")
                : t("gridWork", { answers: strengths.length * layers * prompts.length })}
        </span>
      </div>
      <Job kind="grid" job={job} results={results} />
      {results?.grid && <Picture {...results.grid} />}
    </div>
  );
}

function Picture({ result, file, prompts }: { result: SteerGridResult; file: string; prompts: Input[] }): VNode {
  const [selected, setSelected] = useState<Cell | null>(null);
  const rate = useMemo(() => gridOf(result, "rate"), [result]);
  const kl = useMemo(() => gridOf(result, "kl"), [result]);
  const cell = selected && cellAt(result, selected);
  const describe = (at: Cell): string => {
    const found = cellAt(result, at);
    if (!found) return t("gridNotYet");
    return t("gridSpoken", {
      layer: found.layer,
      strength: figure(found.strength),
      rate: percent(found.rate.rate),
      kl: figure(found.kl),
    });
  };
  const size = { width: 62, height: 22 };
  const map = (grid: Grid, title: string, legend: string): VNode => (
    <section class="section" aria-label={title}>
      <h3>{title}</h3>
      <Heatmap
        grid={grid}
        version={grid.version}
        size={size}
        gutter={44}
        header={20}
        label={title}
        describe={describe}
        selected={selected}
        onSelect={setSelected}
        maxHeight={420}
      />
      <div class="legend small muted">
        <span class="legendRamp" aria-hidden="true" />
        <span>{legend}</span>
      </div>
    </section>
  );
  return (
    <section class="section results" aria-label={t("gridTitle", { file })}>
      <h2>{t("gridTitle", { file })}</h2>
      <p class="muted small">{t("gridAxes", { n: result.n })}</p>
      {result.partial && <Note icon="info">{t("gridPartial")}</Note>}
      <div class="columns">
        {map(rate, t("gridRate"), "0 – 100 %")}
        {map(kl, t("gridKl"), t("gridKlLegend"))}
      </div>
      {cell ? <Answers cell={cell} prompts={prompts} /> : <p class="muted">{t("gridChoose")}</p>}
    </section>
  );
}

function Answers({ cell, prompts }: { cell: SteerGridCell; prompts: Input[] }): VNode {
  const { layer, strength, rate, kl, collapsed, answers } = cell;
  return (
    <section class="section" aria-label={t("gridAnswers")}>
      <h3>{t("gridAt", { layer, strength: figure(strength) })}</h3>
      <p>
        {t("gridFacts", {
          rate: percent(rate.rate),
          low: percent(rate.low),
          high: percent(rate.high),
          kl: figure(kl),
          collapsed: percent(collapsed),
        })}
      </p>
      {collapsed > 0.5 && <Note icon="warning">{t("gridCollapsed")}</Note>}
      <div class="tableBox">
        <table class="data wrapped">
          <thead>
            <tr>
              <th>{t("prompt")}</th>
              <th>{t("answer")}</th>
            </tr>
          </thead>
          <tbody>
            {answers.map((answer, i) => (
              <tr key={i}>
                <td>{prompts[i] ? askedIn(prompts[i]) : ""}</td>
                <td>{answer || t("nothingSaid")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** The last layer on top. */
function cellAt({ layers, strengths, cells }: SteerGridResult, { row, column }: Cell): SteerGridCell | undefined {
  const layer = layers[layers.length - 1 - row];
  return cells.find((each) => each.layer === layer && each.strength === strengths[column]);
}

/** KL of one nat and more is the ramp's end: such text has little to do with the plain model's. */
function gridOf(result: SteerGridResult, what: "rate" | "kl"): Grid {
  const { layers, strengths } = result;
  const value = (row: number, column: number): number => result[what][layers.length - 1 - row]?.[column] ?? NaN;
  const levels = new Int16Array(layers.length * strengths.length);
  for (let row = 0; row < layers.length; row++) {
    for (let column = 0; column < strengths.length; column++) {
      const at = value(row, column);
      levels[row * strengths.length + column] = Number.isFinite(at) ? Math.round(255 * Math.min(1, at)) : -1;
    }
  }
  return {
    rows: layers.length,
    columns: strengths.length,
    levels,
    version: result.cells.length,
    kind: "one",
    text: (row, column) => {
      const at = value(row, column);
      if (!Number.isFinite(at)) return "";
      return what === "rate" ? `${Math.round(at * 100)} %` : figure(at, 2);
    },
    rowLabel: (row) => t("siteLayer", { layer: layers[layers.length - 1 - row] ?? 0 }),
    columnLabel: (column) => figure(strengths[column] ?? NaN),
  };
}
