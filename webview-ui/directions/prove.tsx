import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type {
  BehaviourRates,
  Cost,
  DirectionMode,
  DirectionTestResult,
  PromptSet,
  Rate,
} from "../../src/contract/acting";
import type { DirectionJob, DirectionResults, DirectionsViewState } from "../../src/contract/directionsView";
import type { Word } from "../kit/l10n";
import { Button, Dropdown, TextField } from "../kit/controls";
import { figure, percent } from "../kit/format";
import { t } from "../kit/l10n";
import { Note } from "../kit/message";
import { quietly } from "../kit/quietly";
import { FileChoice } from "./fileChoice";
import type { FindSettings } from "./find";
import { host } from "./host";
import { Job } from "./job";
import { numberOf } from "./numbers";
import { behaviourIn, inputsOfSide, overlapOf, wrongWith } from "./sides";
import { SidesEditor } from "./sidesEditor";

export interface ProveSettings {
  file: string;
  strength: string;
  max: string;
}

/** A direction is added where the behaviour is not, and taken away where it is, on prompts it was not found on. */
export function Prove(props: {
  state: DirectionsViewState;
  sets: readonly PromptSet[];
  settings: FindSettings & ProveSettings;
  set: (change: Partial<FindSettings & ProveSettings>) => void;
  onSet: (id: string) => void;
  job: DirectionJob | null | undefined;
  results: DirectionResults | undefined;
}): VNode {
  const { state, sets, settings, set, onSet, job, results } = props;
  const { proof, find, file } = settings;
  const behaviour = behaviourIn(proof);
  const wrong = wrongWith(proof, 1);
  const overlap = overlapOf(find, proof);
  const [strength, max] = [numberOf(settings.strength), numberOf(settings.max)];
  const ready = file !== "" && behaviour !== undefined && wrong === null && strength !== null && max !== null && !job;
  const prove = (): void => {
    if (!behaviour) return;
    quietly(
      host,
      host.call("test", {
        file,
        positive: inputsOfSide(proof.positive, proof.chat),
        negative: inputsOfSide(proof.negative, proof.chat),
        behaviour,
        examples: 6,
        ...(typeof strength === "number" ? { strength } : {}),
        ...(typeof max === "number" ? { max: Math.max(1, Math.min(2048, Math.round(max))) } : {}),
      }),
    );
  };
  const tested = results?.test;
  return (
    <div class="section grow">
      <FileChoice files={state.files} value={file} onChange={(next) => set({ file: next })} />
      <p class="muted">{t("proveSays")}</p>
      <SidesEditor
        sides={proof}
        sets={sets}
        chosen={settings.set}
        onSet={onSet}
        onChange={(next) => set({ proof: next })}
      />
      {overlap > 0 && <Note icon="warning">{t("overlap", { n: overlap })}</Note>}
      <div class="toolbar">
        <TextField
          label={t("strength")}
          value={settings.strength}
          size={6}
          placeholder={t("ownStrength")}
          title={t("strengthUnit")}
          onInput={(text) => set({ strength: text })}
        />
        <TextField
          label={t("tokensAnAnswer")}
          value={settings.max}
          size={5}
          placeholder="40"
          onInput={(text) => set({ max: text })}
        />
        <Button kind="primary" icon="beaker" disabled={!ready} onClick={prove}>
          {t("prove")}
        </Button>
        {!ready && !job && (
          <span class="muted small">
            {file === ""
              ? t("needsFile")
              : wrong === "identical"
                ? t("identicalPrompts")
                : wrong
                  ? t("bothGroups")
                  : behaviour
                    ? t("needsNumbers")
                    : t("needsBehaviour")}
          </span>
        )}
      </div>
      <Job kind="test" job={job} results={results} />
      {tested && <Proof result={tested.result} file={tested.file} />}
    </div>
  );
}

const ways: readonly { mode: DirectionMode | "plain"; label: Word }[] = [
  { mode: "plain", label: "plainModel" },
  { mode: "add", label: "proofAdded" },
  { mode: "zero", label: "proofZero" },
  { mode: "mean", label: "proofMean" },
];

function Proof({ result, file }: { result: DirectionTestResult; file: string }): VNode {
  const { n, collapsed, costs, perplexity } = result;
  const rows: Record<DirectionMode | "plain", { rates: BehaviourRates; cost: Cost | null; collapsed: number | null }> =
    {
      plain: { rates: result.baseline, cost: null, collapsed: null },
      add: { rates: result.added, cost: costs.added, collapsed: collapsed.added },
      zero: { rates: result.ablated, cost: costs.ablated, collapsed: collapsed.ablated },
      mean: { rates: result.mean, cost: costs.mean, collapsed: collapsed.mean },
    };
  const broken = ways.filter(({ mode }) => (rows[mode].collapsed ?? 0) > 0.5);
  return (
    <section class="section results" aria-label={t("proofTitle", { file })}>
      <h2>{t("proofTitle", { file })}</h2>
      <p class="muted small">
        {t("proofOn", { positive: n.positive, negative: n.negative, strength: figure(result.strength) })}
      </p>
      {broken.map(({ mode, label }) => (
        <Note key={mode} icon="warning">
          {t("mostCollapsed", { way: t(label), share: percent(rows[mode].collapsed ?? 0) })}
        </Note>
      ))}
      {result.baseline.positive.rate < 0.5 && <Note icon="warning">{t("oneSidedPositive")}</Note>}
      {result.baseline.negative.rate > 0.5 && <Note icon="warning">{t("oneSidedNegative")}</Note>}
      <div class="tableBox">
        <table class="data">
          <thead>
            <tr>
              <th>{t("way")}</th>
              <th class="number">{t("rateOn", { side: t("positivePrompts") })}</th>
              <th class="number">{t("rateOn", { side: t("negativePrompts") })}</th>
              <th class="number" title={t("klCostSays")}>
                {t("klShort")}
              </th>
              <th class="number" title={t("perplexitySays")}>
                {t("perplexityChange")}
              </th>
              <th class="number" title={t("collapsedSays")}>
                {t("collapsedShare")}
              </th>
            </tr>
          </thead>
          <tbody>
            {ways.map(({ mode, label }) => (
              <tr key={mode}>
                <th scope="row">{t(label)}</th>
                <td class="number">{interval(rows[mode].rates.positive)}</td>
                <td class="number">{interval(rows[mode].rates.negative)}</td>
                <td class="number">{rows[mode].cost ? figure(rows[mode].cost.kl) : "–"}</td>
                <td class="number">
                  {rows[mode].cost
                    ? change(rows[mode].cost.perplexity)
                    : t("perplexityPlain", { value: figure(perplexity.before) })}
                </td>
                <td class="number">{rows[mode].collapsed === null ? "–" : percent(rows[mode].collapsed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Examples result={result} />
      <p class="method">{t("proofMethod")}</p>
    </section>
  );
}

function interval({ rate, low, high }: Rate): VNode {
  return (
    <>
      <b>{percent(rate)}</b> <span class="muted">{t("intervalShown", { low: percent(low), high: percent(high) })}</span>
    </>
  );
}

function change({ before, after }: Cost["perplexity"]): string {
  const share = ((after - before) / before) * 100;
  return `${share >= 0 ? "+" : "−"}${figure(Math.abs(share))} %`;
}

function Examples({ result }: { result: DirectionTestResult }): VNode | null {
  const [mode, setMode] = useState<DirectionMode>("add");
  if (result.examples.length === 0) return null;
  const shown = result.examples.filter((each) => each.mode === mode);
  return (
    <section class="section" aria-label={t("proofExamples")}>
      <div class="sectionHead">
        <h3>{t("proofExamples")}</h3>
        <Dropdown
          label={t("way")}
          value={mode}
          choices={ways.flatMap(({ mode: value, label }) => (value === "plain" ? [] : [{ value, label: t(label) }]))}
          onChange={setMode}
        />
      </div>
      <div class="tableBox">
        <table class="data wrapped">
          <thead>
            <tr>
              <th>{t("prompt")}</th>
              <th>{t("plainModel")}</th>
              <th>{t("alteredAnswer")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ prompt, set, before, after, collapsed, entropy }, i) => (
              <tr key={i}>
                <td>
                  {prompt}
                  <div class="muted small">{t(set === "positive" ? "positivePrompts" : "negativePrompts")}</div>
                </td>
                <td>{before || t("nothingSaid")}</td>
                <td>
                  {after || t("nothingSaid")}
                  {collapsed && <div class="collapsed small">{t("collapsedNote", { entropy: figure(entropy) })}</div>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
