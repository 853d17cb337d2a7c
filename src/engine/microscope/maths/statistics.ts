/**
 * Area under the ROC curve: the chance that a value of `positive` is greater than one of `negative`, ties counted half
 * (Mann & Whitney 1947). 0.5 where a side is empty.
 */
export function auc(positive: ArrayLike<number>, negative: ArrayLike<number>): number {
  const p = positive.length;
  const n = negative.length;
  if (p === 0 || n === 0) return 0.5;
  const values = new Float64Array(p + n);
  for (let i = 0; i < p; i++) values[i] = positive[i]!;
  for (let i = 0; i < n; i++) values[p + i] = negative[i]!;
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  let rankSum = 0;
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    const rank = (from + 1 + to) / 2;
    for (let i = from; i < to; i++) if (order[i]! < p) rankSum += rank;
    from = to;
  }
  return (rankSum - (p * (p + 1)) / 2) / (p * n);
}

export interface PairHistogram {
  /** bins + 1 edges, ascending. */
  edges: number[];
  positive: number[];
  negative: number[];
}

/** Counts of two samples in the same equal bins over their joint range. */
export function pairHistogram(positive: ArrayLike<number>, negative: ArrayLike<number>, bins: number): PairHistogram {
  let low = Infinity;
  let high = -Infinity;
  for (const sample of [positive, negative]) {
    for (let i = 0; i < sample.length; i++) {
      low = Math.min(low, sample[i]!);
      high = Math.max(high, sample[i]!);
    }
  }
  if (low > high) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);
  const counts = (sample: ArrayLike<number>) => {
    const out = new Array<number>(bins).fill(0);
    for (let i = 0; i < sample.length; i++) {
      const bin = Math.min(bins - 1, Math.floor(((sample[i]! - low) / (high - low)) * bins));
      out[bin]!++;
    }
    return out;
  };
  return { edges, positive: counts(positive), negative: counts(negative) };
}

/** 95 % interval of a rate of `hits` in `n` (Wilson 1927). [0, 1] where n is 0. */
export function wilson(hits: number, n: number): [number, number] {
  if (n === 0) return [0, 1];
  const z = 1.959963984540054;
  const p = hits / n;
  const centre = p + (z * z) / (2 * n);
  const spread = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}

export function mean(values: ArrayLike<number>): number {
  if (values.length === 0) return 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Indices of the k greatest values by `score`, greatest first; equal scores keep their order. */
export function greatest(count: number, k: number, score: (index: number) => number): number[] {
  const kept: { index: number; score: number }[] = [];
  for (let index = 0; index < count; index++) {
    const value = score(index);
    if (Number.isNaN(value)) continue;
    if (kept.length >= k && value <= kept[kept.length - 1]!.score) continue;
    let at = kept.length;
    while (at > 0 && kept[at - 1]!.score < value) at--;
    kept.splice(at, 0, { index, score: value });
    if (kept.length > k) kept.pop();
  }
  return kept.map(({ index }) => index);
}
