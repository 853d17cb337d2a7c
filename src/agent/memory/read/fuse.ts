import type { Found } from "../store";

/** Reciprocal-rank fusion (Cormack, Clarke and Büttcher 2009) of lists, best first, each with a weight. */
export function fuse(lists: readonly { found: readonly Found[]; weight: number }[], k = 60): Found[] {
  const scores = new Map<string, number>();
  for (const { found, weight } of lists) {
    found.forEach(({ id }, rank) => scores.set(id, (scores.get(id) ?? 0) + weight / (k + rank + 1)));
  }
  return [...scores].map(([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score);
}
