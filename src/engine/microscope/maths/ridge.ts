import { fail } from "../../../contract/errors";

/**
 * Cholesky factor L (lower, row-major) of a symmetric positive-definite matrix, in place.
 * Throws `notFinite` where the matrix is not positive definite: the penalty is too small for the data.
 */
export function choleskyInPlace(a: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    const rowJ = a.subarray(j * n, j * n + n);
    let diagonal = rowJ[j]!;
    for (let k = 0; k < j; k++) diagonal -= rowJ[k]! ** 2;
    if (!(diagonal > 0))
      fail("notFinite", "The regression is not determined by the data.", {
        remedy: "Give more text or a larger ridge.",
      });
    const root = Math.sqrt(diagonal);
    rowJ[j] = root;
    for (let i = j + 1; i < n; i++) {
      const rowI = a.subarray(i * n, i * n + n);
      let sum = rowI[j]!;
      for (let k = 0; k < j; k++) sum -= rowI[k]! * rowJ[k]!;
      rowI[j] = sum / root;
    }
  }
}

/** Solves L L^T X = B for all columns of B [n, m] at once, in place. */
export function choleskySolve(factor: Float64Array, n: number, b: Float64Array, m: number): void {
  const eliminate = (into: number, from: number, by: number) => {
    const target = b.subarray(into * m, into * m + m);
    const source = b.subarray(from * m, from * m + m);
    for (let c = 0; c < m; c++) target[c]! -= by * source[c]!;
  };
  const divide = (at: number, by: number) => {
    const target = b.subarray(at * m, at * m + m);
    for (let c = 0; c < m; c++) target[c]! /= by;
  };
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) eliminate(i, k, factor[i * n + k]!);
    divide(i, factor[i * n + i]!);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) eliminate(i, k, factor[k * n + i]!);
    divide(i, factor[i * n + i]!);
  }
}

/** Running sums of a regression from x [inputs] to y [outputs]; rows are fed in pieces and not kept. */
export interface RegressionSums {
  inputs: number;
  outputs: number;
  rows: number;
  x: Float64Array;
  y: Float64Array;
  /** Sum of x x^T, [inputs, inputs]. */
  xx: Float64Array;
  /** Sum of x y^T, [inputs, outputs]. */
  xy: Float64Array;
}

export function regressionSums(inputs: number, outputs: number): RegressionSums {
  return {
    inputs,
    outputs,
    rows: 0,
    x: new Float64Array(inputs),
    y: new Float64Array(outputs),
    xx: new Float64Array(inputs * inputs),
    xy: new Float64Array(inputs * outputs),
  };
}

/** a^T b of rows, [width of a, width of b]. */
export type Gram = (a: Float32Array, b: Float32Array, rows: number) => Promise<Float32Array>;

/** Adds `rows` rows of both sides; `gram` makes the products. */
export async function addRows(
  sums: RegressionSums,
  x: Float32Array,
  y: Float32Array,
  rows: number,
  gram: Gram,
): Promise<void> {
  addTotals(sums.x, x);
  addTotals(sums.y, y);
  addTo(sums.xx, await gram(x, x, rows));
  addTo(sums.xy, await gram(x, y, rows));
  sums.rows += rows;
}

function addTotals(into: Float64Array, rows: Float32Array): void {
  for (let i = 0; i < rows.length; i++) into[i % into.length]! += rows[i]!;
}

function addTo(into: Float64Array, values: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i]! += values[i]!;
}

export interface Affine {
  /** [inputs, outputs]: y = x W + b. */
  weight: Float32Array;
  bias: Float32Array;
}

/**
 * Ridge regression (Hoerl & Kennard 1970) of y on x with an intercept that is not penalised, in closed form by Cholesky.
 * `ridge` is relative to the mean eigenvalue of x's covariance, so that one value suits every layer.
 */
export function solveRidge(sums: RegressionSums, ridge: number): Affine {
  const { inputs, outputs, rows } = sums;
  if (rows < 2) fail("badArgument", "A regression needs at least two rows.");
  const covariance = new Float64Array(inputs * inputs);
  let trace = 0;
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j <= i; j++) {
      const value = sums.xx[i * inputs + j]! / rows - (sums.x[i]! / rows) * (sums.x[j]! / rows);
      covariance[i * inputs + j] = value;
      covariance[j * inputs + i] = value;
    }
    trace += covariance[i * inputs + i]!;
  }
  const penalty = ridge * (trace / inputs) + Number.EPSILON * trace;
  for (let i = 0; i < inputs; i++) covariance[i * inputs + i]! += penalty;
  const solution = new Float64Array(inputs * outputs);
  for (let i = 0; i < inputs; i++)
    for (let j = 0; j < outputs; j++)
      solution[i * outputs + j] = sums.xy[i * outputs + j]! / rows - (sums.x[i]! / rows) * (sums.y[j]! / rows);
  choleskyInPlace(covariance, inputs);
  choleskySolve(covariance, inputs, solution, outputs);
  const bias = new Float32Array(outputs);
  for (let j = 0; j < outputs; j++) {
    let offset = sums.y[j]! / rows;
    for (let i = 0; i < inputs; i++) offset -= (sums.x[i]! / rows) * solution[i * outputs + j]!;
    bias[j] = offset;
  }
  return { weight: Float32Array.from(solution), bias };
}
