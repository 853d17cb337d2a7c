import type { Fact, FactState } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import { greedy, type EditUse, type Input } from "../../../contract/verbs";
import type { Lab } from "../lab";
import { continuations } from "../measures/passes";
import { probeTokens } from "../probe";

/** A fact as tokens. */
export interface FactTokens {
  prompt: number[];
  from: number[];
  to: number[];
  paraphrases: number[][];
  neighbours: { prompt: number[]; answer: number[] }[];
}

export function checkFact(fact: Fact): void {
  for (const key of ["prompt", "subject", "from", "to"] as const) {
    if (typeof fact[key] !== "string" || fact[key].trim() === "") fail("badArgument", `The fact's '${key}' is empty.`);
  }
  if (!fact.prompt.includes(fact.subject)) {
    fail("badArgument", `The subject '${fact.subject}' does not occur in the prompt '${fact.prompt}'.`);
  }
  if (fact.from.trim() === fact.to.trim()) fail("badArgument", "The old and the new answer are the same.");
}

export function inputOf(fact: Pick<Fact, "chat">, prompt: string): Input {
  return fact.chat ? { kind: "chat", messages: [{ role: "user", content: prompt }] } : { kind: "prompt", text: prompt };
}

/** An answer's tokens as they follow the prompt: after raw text a blank comes first, in a chat nothing does. */
export function answerTokens(lab: Lab, fact: Pick<Fact, "chat">, prompt: string, answer: string): number[] {
  const blank = !fact.chat && !/\s$/.test(prompt) && !/^\s/.test(answer);
  const ids = lab.tokenize(blank ? ` ${answer}` : answer, false).map(({ id }) => id);
  if (ids.length === 0) fail("unknownToken", `'${answer}' makes no token of this model.`);
  return ids;
}

export async function factTokens(lab: Lab, fact: Fact): Promise<FactTokens> {
  checkFact(fact);
  const ids = async (prompt: string) => (await probeTokens(lab, inputOf(fact, prompt))).map(({ id }) => id);
  const neighbours = fact.neighbours ?? [];
  return {
    prompt: await ids(fact.prompt),
    from: answerTokens(lab, fact, fact.prompt, fact.from),
    to: answerTokens(lab, fact, fact.prompt, fact.to),
    paraphrases: await Promise.all((fact.paraphrases ?? []).map(ids)),
    neighbours: await Promise.all(
      neighbours.map(async ({ prompt, answer }) => ({
        prompt: await ids(prompt),
        answer: answerTokens(lab, fact, prompt, answer),
      })),
    ),
  };
}

interface RunOptions {
  edits?: EditUse[];
  signal: AbortSignal;
}

/** What the model says to a prompt, greedily, cut where a sentence ends. */
export async function say(lab: Lab, prompt: number[], { edits, signal }: RunOptions, max = 12): Promise<string> {
  const { forks } = await lab.generate(
    { input: { kind: "tokens", ids: prompt }, sampling: greedy, max, top: 0, ...(edits?.length ? { edits } : {}) },
    signal,
  );
  return forks[0]!.text;
}

/** The answer with the probabilities of the whole old and the whole new one. */
export async function factState(lab: Lab, { prompt, from, to }: FactTokens, options: RunOptions): Promise<FactState> {
  const [old, fresh] = await continuations(
    lab,
    [
      { prompt, continuation: from },
      { prompt, continuation: to },
    ],
    options,
  );
  return {
    answer: (await say(lab, prompt, options)).trim(),
    pFrom: Math.exp(old!.logProbability),
    pTo: Math.exp(fresh!.logProbability),
  };
}

/** Whether greedy decoding gives the answer, for many prompts at once. */
export async function answered(
  lab: Lab,
  pairs: { prompt: number[]; answer: number[] }[],
  options: RunOptions,
): Promise<boolean[]> {
  const found = await continuations(
    lab,
    pairs.map(({ prompt, answer }) => ({ prompt, continuation: answer })),
    options,
  );
  return found.map(({ greedy: said }) => said);
}
