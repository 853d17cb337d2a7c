import type { PlanJudgement } from "../../contract/plan";
import type { GeneratedToken } from "../../contract/token";
import { verdicts, type Verdict } from "../prompts/judge";

/** What each word is worth. */
const worth: Record<Verdict, number> = { done: 1, good: 0.6, wrong: 0 };

export type Probabilities = Record<Verdict, number>;

/**
 * The judge's probabilities of its three words, from the alternatives of its first word's first token (full vocabulary,
 * renormalised). Undefined where they hold less than a fifth of the mass: then the samples say more.
 */
export function verdictProbabilities(tokens: readonly GeneratedToken[] | undefined): Probabilities | undefined {
  const first = tokens?.find(({ part, text }) => part === "answer" && text.trim() !== "");
  if (!first) return undefined;
  const sums: Probabilities = { done: 0, good: 0, wrong: 0 };
  for (const { text, p } of first.top) {
    const begun = text.trim().toLowerCase();
    const word = begun === "" ? undefined : verdicts.find((each) => each.startsWith(begun));
    if (word) sums[word] += p;
  }
  const mass = sums.done + sums.good + sums.wrong;
  if (!(mass >= 0.2)) return undefined;
  return { done: sums.done / mass, good: sums.good / mass, wrong: sums.wrong / mass };
}

/** Shares of the samples' words. */
export function shares(samples: readonly Verdict[]): Probabilities {
  const share = (word: Verdict): number => samples.filter((each) => each === word).length / Math.max(1, samples.length);
  return { done: share("done"), good: share("good"), wrong: share("wrong") };
}

/** Shannon entropy in nats. */
export function entropyOf(p: Probabilities): number {
  return verdicts.reduce((sum, word) => (p[word] > 0 ? sum - p[word] * Math.log(p[word]) : sum), 0);
}

/** 0..1: the expected worth. */
export function valueOf(p: Probabilities): number {
  return verdicts.reduce((sum, word) => sum + worth[word] * p[word], 0);
}

/** The figures of a judgement as a sentence. */
export function judgementText({ samples, probabilities, entropy, meter }: PlanJudgement, value: number): string {
  const counted = verdicts
    .map((word) => [word, samples.filter((each) => each === word).length] as const)
    .filter(([, n]) => n > 0)
    .map(([word, n]) => `${word} ${n} of ${samples.length}`)
    .join(", ");
  const exact = probabilities
    ? `, p(done) ${probabilities.done.toFixed(2)}, p(good) ${probabilities.good.toFixed(2)}, p(wrong) ${probabilities.wrong.toFixed(2)}`
    : "";
  const sign = meter === undefined ? "" : `, failing meter ${meter.toFixed(2)}`;
  return `Value ${value.toFixed(2)}: judged ${counted || "by probabilities"}${exact}, entropy ${entropy.toFixed(2)} nats${sign}.`;
}

/** Every judgement came out the same at the top of the scale: the judge tells nothing apart. */
export function tellsNothing(values: readonly number[]): boolean {
  return values.length >= 4 && values.every((value) => value === values[0]) && (values[0] ?? 0) >= 0.99;
}
