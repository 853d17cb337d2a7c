/** Shannon entropy of softmax(logits), nats, and the logarithm of its normaliser. */
export function logSumExp(logits: ArrayLike<number>): number {
  let top = -Infinity;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > top) top = logits[i]!;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - top);
  return top + Math.log(sum);
}

/** log softmax, in place of the logits' own type. */
export function logProbabilities(logits: ArrayLike<number>): Float64Array {
  const z = logSumExp(logits);
  return Float64Array.from(logits, (value) => value - z);
}

/** KL(p || q) in nats of two rows of log-probabilities. Never below 0: rounding is cut off. */
export function klDivergence(logP: ArrayLike<number>, logQ: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < logP.length; i++) {
    const p = Math.exp(logP[i]!);
    if (p > 0) sum += p * (logP[i]! - logQ[i]!);
  }
  return Math.max(0, sum);
}

export function entropy(logP: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < logP.length; i++) {
    const p = Math.exp(logP[i]!);
    if (p > 0) sum -= p * logP[i]!;
  }
  return sum;
}

/** How many entries are greater than the one at `index`: 0 is the likeliest. */
export function rankOf(values: ArrayLike<number>, index: number): number {
  let rank = 0;
  const own = values[index]!;
  for (let i = 0; i < values.length; i++) if (values[i]! > own) rank++;
  return rank;
}
