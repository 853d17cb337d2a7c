import type { EditRates, EditTestParams, EditTestResult, Fact } from "../../../contract/acting";
import type { EditUse } from "../../../contract/verbs";
import type { Progressing } from "../directions/extract";
import { neutralText } from "../directions/neutralText";
import type { Lab } from "../lab";
import { rateOf } from "../measures/behaviour";
import { costOf, neutralTokens } from "../measures/neutral";
import { checkpoint } from "../probe";
import { answered, factState, factTokens, say, type FactTokens } from "./facts";

/** What an edit did to one fact. `known`: the untouched model gave the old answer. */
export interface FactOutcome {
  known: boolean;
  change: boolean;
  success: boolean;
  /** By paraphrase, whether the new answer came. */
  paraphrases: boolean[];
  /** By neighbour that the untouched model answered right, whether it still does; undefined for the others. */
  neighbours: (boolean | undefined)[];
}

/** Change, success, paraphrases and neighbours of one fact under an edit. */
export async function outcomeOf(
  lab: Lab,
  fact: FactTokens,
  edits: EditUse[],
  signal: AbortSignal,
): Promise<FactOutcome> {
  const { prompt, from, to, paraphrases, neighbours } = fact;
  const plain = await answered(lab, [{ prompt, answer: from }, ...neighbours], { signal });
  const edited = await answered(
    lab,
    [
      { prompt, answer: from },
      { prompt, answer: to },
      ...paraphrases.map((each) => ({ prompt: each, answer: to })),
      ...neighbours,
    ],
    { edits, signal },
  );
  return {
    known: plain[0]!,
    change: !edited[0]!,
    success: edited[1]!,
    paraphrases: edited.slice(2, 2 + paraphrases.length),
    neighbours: neighbours.map((_, i) => (plain[i + 1] ? edited[2 + paraphrases.length + i]! : undefined)),
  };
}

/** The four rates over facts; paraphrases and neighbours are counted one by one. */
export function ratesOf(outcomes: readonly FactOutcome[]): { rates: EditTestResult["rates"] } & EditRates {
  const yes = (list: readonly boolean[]) => rateOf(list.filter(Boolean).length, list.length);
  const rates = {
    change: yes(outcomes.map(({ change }) => change)),
    success: yes(outcomes.map(({ success }) => success)),
    paraphrase: yes(outcomes.flatMap(({ paraphrases }) => paraphrases)),
    neighbourhood: yes(outcomes.flatMap(({ neighbours }) => neighbours.filter((kept) => kept !== undefined))),
  };
  return {
    rates,
    change: rates.change.rate,
    success: rates.success.rate,
    paraphrase: rates.paraphrase.rate,
    neighbourhood: rates.neighbourhood.rate,
    n: outcomes.length,
  };
}

/** Tests an adapter on facts, with the answers to read, and says where it did nothing or broke something. */
export async function testEdit(lab: Lab, params: EditTestParams, run: Progressing): Promise<EditTestResult> {
  const edits: EditUse[] = [{ file: params.file, ...(params.scale === undefined ? {} : { scale: params.scale }) }];
  const outcomes: FactOutcome[] = [];
  const facts: EditTestResult["facts"] = [];
  for (const fact of params.facts) {
    checkpoint(run.signal);
    const tokens = await factTokens(lab, fact);
    const outcome = await outcomeOf(lab, tokens, edits, run.signal);
    outcomes.push(outcome);
    facts.push(await reported(lab, fact, tokens, outcome, edits, run.signal));
    run.progress(facts.length, params.facts.length, "testing");
  }
  const cost = await costOf(lab, neutralTokens(lab, params.neutral ?? neutralText), { edits }, run.signal);
  const summary = ratesOf(outcomes);
  return { ...summary, cost, facts, warnings: warningsOf(summary.rates, cost.kl, outcomes) };
}

async function reported(
  lab: Lab,
  fact: Fact,
  tokens: FactTokens,
  outcome: FactOutcome,
  edits: EditUse[],
  signal: AbortSignal,
): Promise<EditTestResult["facts"][number]> {
  const altered = { edits, signal };
  const answers = async (prompts: number[][]) => {
    const out: string[] = [];
    for (const prompt of prompts) out.push((await say(lab, prompt, altered)).trim());
    return out;
  };
  const paraphrased = await answers(tokens.paraphrases);
  const nearby = await answers(tokens.neighbours.map(({ prompt }) => prompt));
  return {
    before: await factState(lab, tokens, { signal }),
    after: await factState(lab, tokens, altered),
    paraphrases: (fact.paraphrases ?? []).map((prompt, i) => ({
      prompt,
      answer: paraphrased[i]!,
      kept: outcome.paraphrases[i]!,
    })),
    neighbours: (fact.neighbours ?? []).map(({ prompt, answer }, i) => ({
      prompt,
      expected: answer,
      answer: nearby[i]!,
      kept: outcome.neighbours[i] ?? false,
    })),
  };
}

export function warningsOf(rates: EditTestResult["rates"], kl: number, outcomes: readonly FactOutcome[]): string[] {
  const warnings: string[] = [];
  const known = outcomes.filter((outcome) => outcome.known).length;
  if (known < outcomes.length)
    warnings.push(`The untouched model gives the old answer to ${known} of ${outcomes.length} facts.`);
  if (rates.change.rate === 0) warnings.push("The edit did nothing: every answer is the old one.");
  else if (rates.success.rate < 0.5) warnings.push("The edit changed answers, but mostly not to the new ones.");
  if (rates.neighbourhood.n > 0 && rates.neighbourhood.rate < 0.8) warnings.push("The edit broke neighbouring facts.");
  if (kl > 0.1) warnings.push(`The edit disturbs neutral text: ${kl.toFixed(2)} nats a token.`);
  return warnings;
}
