import { fail } from "../../../contract/errors";
import type { Behaviour } from "../../../contract/instruments";
import type { Rate } from "../../../contract/acting";
import type { Lab } from "../lab";
import { wilson } from "../maths/statistics";
import { continuations, type Alteration } from "./passes";

/** Whether an answer shows the behaviour: any entry that matches is enough. Case and leading blanks do not count. */
export function shows(behaviour: Behaviour, answer: string): boolean {
  const said = answer.trimStart().toLowerCase();
  return (
    (behaviour.startsWith ?? []).some((text) => said.startsWith(text.trimStart().toLowerCase())) ||
    (behaviour.contains ?? []).some((text) => said.includes(text.toLowerCase())) ||
    (behaviour.firstToken ?? []).some((text) => said.startsWith(text.trimStart().toLowerCase()))
  );
}

export function requireBehaviour(behaviour: Behaviour): void {
  const entries = [...(behaviour.startsWith ?? []), ...(behaviour.contains ?? []), ...(behaviour.firstToken ?? [])];
  if (entries.length === 0 || entries.some((text) => text.trim() === "")) {
    fail("badArgument", "The behaviour does not say how it is recognised.", {
      remedy: 'Give {"startsWith": [...]}, {"contains": [...]} or {"firstToken": [...]} with texts that are not empty.',
    });
  }
}

/** The first tokens by which the behaviour shows itself at once; empty where it can only be seen in a whole answer. */
export function openings(lab: Lab, behaviour: Behaviour, length = 3): number[][] {
  const texts = [
    ...(behaviour.startsWith ?? []).map((text) => ({ text, length })),
    ...(behaviour.firstToken ?? []).map((text) => ({ text, length: 1 })),
  ];
  const lists = texts.map(({ text, length: limit }) =>
    lab
      .tokenize(text, false)
      .slice(0, limit)
      .map(({ id }) => id),
  );
  // One that begins with another adds nothing to the sum of probabilities.
  const kept = lists.filter(
    (list, i) => list.length > 0 && !lists.some((other, j) => j !== i && covers(other, list, j < i)),
  );
  return kept;
}

function covers(other: number[], list: number[], equalCounts: boolean): boolean {
  if (other.length === 0 || other.length > list.length) return false;
  if (other.length === list.length && !equalCounts) return false;
  return other.every((id, i) => id === list[i]);
}

/**
 * Log-odds that the reply opens with the behaviour, a prompt each: log P - log(1 - P), P the sum over the openings (the
 * refusal score of Arditi et al. 2024, with openings of several tokens).
 */
export async function openingScores(
  lab: Lab,
  prompts: number[][],
  opened: number[][],
  options: Alteration & { signal: AbortSignal },
): Promise<number[]> {
  const pairs = prompts.flatMap((prompt) => opened.map((continuation) => ({ prompt, continuation })));
  const found = await continuations(lab, pairs, options);
  return prompts.map((_, i) => {
    const sum = opened.reduce((total, _o, j) => total + Math.exp(found[i * opened.length + j]!.logProbability), 0);
    const p = Math.min(1 - 1e-9, Math.max(1e-9, sum));
    return Math.log(p) - Math.log(1 - p);
  });
}

/** A rate with its Wilson interval. */
export function rateOf(hits: number, n: number): Rate {
  const [low, high] = wilson(hits, n);
  const rate = n === 0 ? 0 : hits / n;
  // Rounding may put an end of the interval a hair inside.
  return { rate, n, low: Math.min(low, rate), high: Math.max(high, rate) };
}
