import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Behaviour, NeuronExperimentResult } from "../../src/contract/instruments";
import type { InstrumentHost } from "../kit/instrument";
import type { Groups } from "../kit/promptSets";
import { Button } from "../kit/controls";
import { Curve } from "../kit/curve";
import { figure, percent } from "../kit/format";
import { Help } from "../kit/help";
import { useRun } from "../kit/hooks";
import { t } from "../kit/l10n";
import { RunState } from "../kit/message";
import { visible } from "../kit/visible";
import { behaviourOf, countOf, inputsOf, PromptGroups } from "../kit/promptSets";

/** Numbers separated by blanks, commas or semicolons; null where one of them is none. */
export function numbers(text: string): number[] | null {
  const parts = text
    .replaceAll("−", "-")
    .split(/[\s,;]+/)
    .filter((part) => part !== "");
  const values = parts.map(Number);
  return values.every(Number.isFinite) ? values : null;
}

/** Correlation, removal, dose: the three steps that tell whether a neuron matters for a behaviour. */
export function Experiment(props: {
  host: InstrumentHost;
  id: string;
  groups: Groups;
  onGroups: (groups: Groups) => void;
}): VNode {
  const { host, id, groups, onGroups } = props;
  const run = useRun<NeuronExperimentResult>();
  const [neutral, setNeutral] = useState("");
  const [doses, setDoses] = useState("");
  const dose = numbers(doses);
  const ready = countOf(groups.positive) > 0 && countOf(groups.negative) > 0 && dose !== null;
  const start = (): void => {
    const behaviour = behaviourOf(groups);
    const texts = neutral.split("\n").filter((line) => line.trim() !== "");
    run.start((signal, progress) =>
      host.call(
        "neuronExperiment",
        {
          id,
          positive: inputsOf(groups.positive, groups.chat),
          negative: inputsOf(groups.negative, groups.chat),
          ...(behaviour && { behaviour }),
          ...(texts.length > 0 && { neutral: texts }),
          ...(dose && dose.length > 0 && { doses: dose }),
        },
        { signal, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
      ),
    );
  };
  return (
    <section class="section" aria-label={t("experimentTitle")}>
      <div class="sectionHead">
        <h2>{t("experimentTitle")}</h2>
        <Help topic="experiment" />
      </div>
      <PromptGroups host={host} groups={groups} onChange={onGroups} />
      <div class="columns">
        <label class="groupField">
          <span class="fieldLabel">{t("neutralText")}</span>
          <textarea
            class="box"
            rows={2}
            value={neutral}
            placeholder={t("neutralHint")}
            onInput={(event) => setNeutral(event.currentTarget.value)}
          />
        </label>
        <label class="groupField">
          <span class="fieldLabel">{t("doses")}</span>
          <input
            class="box mono"
            value={doses}
            placeholder={t("dosesHint")}
            aria-invalid={dose === null}
            onInput={(event) => setDoses(event.currentTarget.value)}
          />
          {dose === null && <span class="small errorText">{t("dosesBad")}</span>}
        </label>
      </div>
      <div class="row">
        <Button kind="primary" icon="beaker" disabled={!ready || run.status === "busy"} onClick={start}>
          {t("runExperiment")}
        </Button>
        {!ready && <span class="muted small">{t("bothGroups")}</span>}
      </div>
      <RunState run={run} what={t("runningExperiment")} />
      {run.result && <Results result={run.result} />}
    </section>
  );
}

function Results({ result }: { result: NeuronExperimentResult }): VNode {
  const { correlation, ablation, dose, n } = result;
  const { edges, positive, negative } = correlation.histogram;
  const middles = useMemo(() => edges.slice(1).map((edge, i) => (edge + edges[i]!) / 2), [edges]);
  const bars = useMemo(
    () => [
      { name: t("positivePrompts"), values: positive, colour: "accent" as const, bars: true },
      { name: t("negativePrompts"), values: negative, colour: "warm" as const, bars: true },
    ],
    [positive, negative],
  );
  const curves = useMemo(
    () => [
      { name: t("behaviourRate"), values: dose.map(({ rate }) => rate * 100), colour: "accent" as const },
      {
        name: t("klNeutral"),
        values: dose.map(({ kl }) => kl),
        colour: "warm" as const,
        side: "right" as const,
        dashed: true,
      },
    ],
    [dose],
  );
  const doses = useMemo(() => dose.map(({ activation }) => activation), [dose]);
  return (
    <div class="section results">
      <p class="muted">{t("experimentOn", { id: result.id, positive: n.positive, negative: n.negative })}</p>
      <p class="muted">{t("recognisedBy", { how: recognised(result.behaviour) })}</p>
      <div class="columns">
        <section class="section">
          <h3>{t("stepCorrelation")}</h3>
          <p>
            <span class="bigFigure">{t("aucIs", { value: figure(correlation.auc) })}</span>{" "}
            <span class="muted small">
              {t("meansAre", {
                positive: figure(correlation.meanPositive),
                negative: figure(correlation.meanNegative),
              })}
            </span>
          </p>
          <Curve
            label={t("histogramLabel")}
            x={middles}
            xLabel={t("activation")}
            yLabel={t("prompts")}
            series={bars}
            height={200}
          />
          <details>
            <summary>{t("showTable")}</summary>
            <Histogram edges={edges} positive={positive} negative={negative} />
          </details>
        </section>
        <section class="section">
          <h3>{t("stepRemoval")}</h3>
          <table class="data compact">
            <thead>
              <tr>
                <th>{t("removal")}</th>
                <th class="number">{t("plainModel")}</th>
                <th class="number">{t("zeroAblation")}</th>
                <th class="number">{t("meanAblation")}</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">{t("rateWith")}</th>
                <td class="number">{percent(ablation.zero.before)}</td>
                <td class="number">{percent(ablation.zero.after)}</td>
                <td class="number">{percent(ablation.mean.after)}</td>
              </tr>
              <tr>
                <th scope="row">{t("rateWithout")}</th>
                <td class="number">{percent(ablation.zero.negativeBefore)}</td>
                <td class="number">{percent(ablation.zero.negativeAfter)}</td>
                <td class="number">{percent(ablation.mean.negativeAfter)}</td>
              </tr>
              <tr>
                <th scope="row">{t("klNeutral")}</th>
                <td class="number">–</td>
                <td class="number">{t("nats", { value: figure(ablation.zero.kl) })}</td>
                <td class="number">{t("nats", { value: figure(ablation.mean.kl) })}</td>
              </tr>
            </tbody>
          </table>
        </section>
      </div>
      <section class="section">
        <h3>{t("stepDose")}</h3>
        <Curve
          label={t("doseLabel")}
          x={doses}
          xLabel={t("activationSet")}
          yLabel={t("behaviourRatePercent")}
          rightLabel={t("klNats")}
          series={curves}
          range={percentRange}
          height={200}
        />
        <details>
          <summary>{t("showTable")}</summary>
          <table class="data compact">
            <thead>
              <tr>
                <th class="number">{t("activationSet")}</th>
                <th class="number">{t("behaviourRate")}</th>
                <th class="number">{t("klNeutral")}</th>
              </tr>
            </thead>
            <tbody>
              {dose.map(({ activation, rate, kl }) => (
                <tr key={activation}>
                  <td class="number">{figure(activation)}</td>
                  <td class="number">{percent(rate)}</td>
                  <td class="number">{figure(kl)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </section>
      <p class="method">{t("experimentMethod")}</p>
    </div>
  );
}

/** How the behaviour was told, in words: its texts are shown, blanks and all. */
function recognised({ startsWith = [], contains = [], firstToken = [] }: Behaviour): string {
  const list = (texts: string[]): string => texts.map(visible).join(" · ");
  return [
    ...(startsWith.length > 0 ? [t("recognisedStarts", { texts: list(startsWith) })] : []),
    ...(contains.length > 0 ? [t("recognisedContains", { texts: list(contains) })] : []),
    ...(firstToken.length > 0 ? [t("recognisedFirst", { texts: list(firstToken) })] : []),
  ].join("; ");
}

const percentRange: [number, number] = [0, 100];

function Histogram({ edges, positive, negative }: { edges: number[]; positive: number[]; negative: number[] }): VNode {
  return (
    <table class="data compact">
      <thead>
        <tr>
          <th>{t("activation")}</th>
          <th class="number">{t("positivePrompts")}</th>
          <th class="number">{t("negativePrompts")}</th>
        </tr>
      </thead>
      <tbody>
        {positive.map((value, i) => (
          <tr key={i}>
            <td>{`${figure(edges[i]!)} … ${figure(edges[i + 1]!)}`}</td>
            <td class="number">{value}</td>
            <td class="number">{negative[i]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
