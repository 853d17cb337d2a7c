import type { Cost } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { Read } from "../../../contract/sites";
import type { Lab } from "../lab";
import { klDivergence, logProbabilities } from "../maths/distributions";
import { inGroups, type Alteration } from "./passes";

/** Tokens of neutral text looked at a passage: long enough for context, short enough for many passages. */
const longest = 64;

/** Neutral passages as tokens; those of fewer than three tokens say nothing and are left out. */
export function neutralTokens(lab: Lab, texts: readonly string[], limit = 40): number[][] {
  const lists = texts
    .map((text) =>
      lab
        .tokenize(text, true)
        .slice(0, Math.min(longest, lab.info.context))
        .map(({ id }) => id),
    )
    .filter((ids) => ids.length >= 3)
    .slice(0, limit);
  if (lists.length === 0)
    fail("badArgument", "There is no neutral text to measure the cost on.", { remedy: "Give some sentences." });
  return lists;
}

/**
 * KL(plain || altered) a token and both perplexities over neutral passages, every position but the first of each. Passages
 * are taken a few at a time, so that only their logits are in memory.
 */
export async function costOf(lab: Lab, passages: number[][], altered: Alteration, signal: AbortSignal): Promise<Cost> {
  const [cost] = await costsOf(lab, passages, [altered], signal);
  return cost!;
}

/** The same for several alterations; the plain run is made once. */
export async function costsOf(
  lab: Lab,
  passages: number[][],
  alterations: readonly Alteration[],
  signal: AbortSignal,
): Promise<Cost[]> {
  const group = Math.max(1, Math.floor(2 ** 24 / (longest * lab.info.vocabulary)));
  const sums = alterations.map(() => ({ kl: 0, after: 0 }));
  let before = 0;
  let count = 0;
  const reads: Read[] = [{ site: "logits", positions: "all" }];
  for (let from = 0; from < passages.length; from += group) {
    const part = passages.slice(from, from + group);
    const plain = part.map((ids) => new Array<Float64Array>(ids.length));
    await inGroups(lab, part, reads, { signal }, (sequence, _read, position, row) => {
      const next = part[sequence]![position + 1];
      if (next === undefined) return;
      const logs = logProbabilities(row);
      plain[sequence]![position] = logs;
      before -= logs[next]!;
      count++;
    });
    for (const [i, altered] of alterations.entries()) {
      await inGroups(lab, part, reads, { ...altered, signal }, (sequence, _read, position, row) => {
        const next = part[sequence]![position + 1];
        if (next === undefined) return;
        const logs = logProbabilities(row);
        sums[i]!.kl += klDivergence(plain[sequence]![position]!, logs);
        sums[i]!.after -= logs[next]!;
      });
    }
  }
  return sums.map(({ kl, after }) => ({
    kl: kl / count,
    perplexity: { before: Math.exp(before / count), after: Math.exp(after / count) },
  }));
}
