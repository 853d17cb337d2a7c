import type { VNode } from "preact";
import type { Cost, EditFactResult, EditTestResult, FactState, Rate } from "../../src/contract/acting";
import { figure, percent } from "../kit/format";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { Note } from "../kit/message";
import { PlainBar } from "../kit/signedBar";
import { visible } from "../kit/visible";

/** What making an edit gave: answers before and after, where it was written, what it cost. */
export function Made({ result }: { result: EditFactResult & { name: string } }): VNode {
  const { before, after, success, warnings, layer, neurons, cost, details } = result;
  return (
    <div class="section">
      <div class="sectionHead">
        <Icon name={success ? "pass" : "warning"} />
        <h3>{success ? t("editWorked") : t("editFailed")}</h3>
        <span class="muted small">
          {neurons.length > 0 ? t("editInNeurons", { neurons: neurons.join(" ") }) : t("editInLayer", { layer })}
        </span>
      </div>
      {warnings.map((warning) => (
        <Note key={warning} icon="warning">
          {warning}
        </Note>
      ))}
      <States before={before} after={after} />
      <CostLine cost={cost} />
      <details>
        <summary>{t("editDetails")}</summary>
        <dl class="facts">
          {Object.entries(details).map(([name, value]) => (
            <div key={name} class="fact">
              <dt>{name}</dt>
              <dd>{typeof value === "number" ? figure(value) : visible(String(value))}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}

/** The answer and both probabilities, before against after. */
export function States({ before, after }: { before: FactState; after: FactState }): VNode {
  const row = (name: string, { answer, pFrom, pTo }: FactState): VNode => (
    <tr>
      <th scope="row">{name}</th>
      <td class="mono wrapCell">{visible(answer) || "∅"}</td>
      <td class="number">{percent(pFrom)}</td>
      <td class="barColumn">
        <PlainBar value={pFrom} most={1} warm />
      </td>
      <td class="number">{percent(pTo)}</td>
      <td class="barColumn">
        <PlainBar value={pTo} most={1} />
      </td>
    </tr>
  );
  return (
    <div class="tableBox">
      <table class="data">
        <caption class="hidden">{t("beforeAfter")}</caption>
        <thead>
          <tr>
            <th />
            <th>{t("answer")}</th>
            <th class="number">{t("pOld")}</th>
            <th class="barColumn" aria-hidden="true" />
            <th class="number">{t("pNew")}</th>
            <th class="barColumn" aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          {row(t("before"), before)}
          {row(t("after"), after)}
        </tbody>
      </table>
    </div>
  );
}

/** Rates with counts and intervals, each prompt with what is said to it now, and what broke. */
export function Tested({ result }: { result: EditTestResult }): VNode {
  const { rates, facts, cost, warnings } = result;
  const cards: [string, Rate, string][] = [
    [t("rateSuccess"), rates.success, t("rateSuccessSays")],
    [t("rateParaphrase"), rates.paraphrase, t("rateParaphraseSays")],
    [t("rateNeighbourhood"), rates.neighbourhood, t("rateNeighbourhoodSays")],
  ];
  return (
    <div class="section">
      {warnings.map((warning) => (
        <Note key={warning} icon="warning">
          {warning}
        </Note>
      ))}
      <div class="measureCards">
        {cards.map(([name, rate, says]) => (
          <div key={name} class="measure" title={says}>
            <span class="muted small">{name}</span>
            <span class="bigFigure">{rate.n > 0 ? percent(rate.rate) : "–"}</span>
            <span class="muted small">
              {rate.n > 0
                ? t("rateInterval", { low: percent(rate.low), high: percent(rate.high), n: rate.n })
                : t("rateNone")}
            </span>
          </div>
        ))}
      </div>
      {facts.map((fact, i) => (
        <div key={i} class="section">
          <States before={fact.before} after={fact.after} />
          {fact.paraphrases.length > 0 && (
            <Answers
              title={t("paraphrases")}
              rows={fact.paraphrases.map(({ prompt, answer, kept }) => ({ prompt, answer, good: kept }))}
            />
          )}
          {fact.neighbours.length > 0 && (
            <Answers
              title={t("neighbours")}
              rows={fact.neighbours.map(({ prompt, expected, answer, kept }) => ({
                prompt,
                expected,
                answer,
                good: kept,
              }))}
            />
          )}
        </div>
      ))}
      <CostLine cost={cost} />
    </div>
  );
}

function Answers(props: {
  title: string;
  rows: { prompt: string; expected?: string; answer: string; good: boolean }[];
}): VNode {
  const { title, rows } = props;
  const expected = rows.some((row) => row.expected !== undefined);
  return (
    <div class="tableBox">
      <table class="data">
        <caption class="tableTitle">{title}</caption>
        <thead>
          <tr>
            <th>
              <span class="hidden">{t("verdict")}</span>
            </th>
            <th>{t("prompt")}</th>
            {expected && <th>{t("expectedAnswer")}</th>}
            <th>{t("answerNow")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              <td>
                <Icon name={row.good ? "pass" : "error"} />
                <span class="hidden">{row.good ? t("verdictGood") : t("verdictBad")}</span>
              </td>
              <td class="wrapCell">{visibleLine(row.prompt)}</td>
              {expected && <td class="wrapCell">{row.expected ?? ""}</td>}
              <td class="mono wrapCell">{visible(row.answer) || "∅"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function visibleLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

function CostLine({ cost: { kl, perplexity } }: { cost: Cost }): VNode {
  return (
    <p class="method">
      {t("editCost", { kl: figure(kl), before: figure(perplexity.before), after: figure(perplexity.after) })}
    </p>
  );
}
