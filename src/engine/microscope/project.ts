import type { Weights } from "./lab";

/** Rows dequantised at once. */
const rowsAtOnce = 128;

/**
 * u^T W of a weight [inputs, outputs] in ggml's order: for every input, how much one unit of it gives along u (length
 * outputs). `expert` picks a slice of a three-dimensional weight.
 */
export function project(weights: Weights, name: string, u: ArrayLike<number>, expert = 0): Float64Array {
  const [inputs, outputs] = weights.shape(name) as [number, number];
  const out = new Float64Array(inputs);
  for (let from = 0; from < outputs; from += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, outputs - from);
    const rows = weights.rows(name, expert * outputs + from, count);
    for (let r = 0; r < count; r++) {
      const by = u[from + r]!;
      const row = rows.subarray(r * inputs, (r + 1) * inputs);
      for (let i = 0; i < inputs; i++) out[i]! += by * row[i]!;
    }
  }
  return out;
}

/** W x of a weight [inputs, outputs]: what it gives for x (length inputs). */
export function apply(weights: Weights, name: string, x: ArrayLike<number>, expert = 0): Float64Array {
  const [inputs, outputs] = weights.shape(name) as [number, number];
  const out = new Float64Array(outputs);
  for (let from = 0; from < outputs; from += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, outputs - from);
    const rows = weights.rows(name, expert * outputs + from, count);
    for (let r = 0; r < count; r++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += rows[r * inputs + i]! * x[i]!;
      out[from + r] = sum;
    }
  }
  return out;
}

/** Columns of a weight [inputs, outputs], each of length outputs: the value vectors of a down projection. */
export function columns(weights: Weights, name: string, indices: readonly number[], expert = 0): Float32Array[] {
  const [inputs, outputs] = weights.shape(name) as [number, number];
  const out = indices.map(() => new Float32Array(outputs));
  for (let from = 0; from < outputs; from += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, outputs - from);
    const rows = weights.rows(name, expert * outputs + from, count);
    for (const [k, index] of indices.entries())
      for (let r = 0; r < count; r++) out[k]![from + r] = rows[r * inputs + index]!;
  }
  return out;
}

/** A vector of the file (a norm, a bias), or undefined where the model has none. */
export function vector(weights: Weights, name: string): Float32Array | undefined {
  return weights.has(name) ? weights.rows(name, 0, 1) : undefined;
}
