import { fail } from "../../../contract/errors";
import { dot } from "../maths/vectors";

/** Samples of a site's states, uncentred: what the covariance of keys is made of. */
export interface KeySamples {
  count: number;
  width: number;
  /** [count, width] */
  data: Float32Array;
}

/**
 * C^-1 k for the uncentred covariance C of the samples plus a ridge (relative to its mean eigenvalue), by conjugate gradients:
 * C itself, of width^2 numbers, is never made (Meng et al. 2022 use it as the metric of a rank-one edit).
 */
export function whitened({ count, width, data }: KeySamples, key: ArrayLike<number>, ridge: number): Float64Array {
  if (count < 2) fail("badArgument", "There is too little text for the statistics of the keys.");
  let trace = 0;
  for (let i = 0; i < count * width; i++) trace += data[i]! * data[i]!;
  const penalty = (ridge * trace) / count / width;
  if (!(penalty > 0)) fail("notFinite", "The keys' statistics are all zero.");
  const times = (v: Float64Array): Float64Array => {
    const out = v.map((value) => penalty * value);
    for (let s = 0; s < count; s++) {
      const row = data.subarray(s * width, (s + 1) * width);
      const by = dot(row, v) / count;
      for (let i = 0; i < width; i++) out[i]! += by * row[i]!;
    }
    return out;
  };
  const x = new Float64Array(width);
  const residual = Float64Array.from({ length: width }, (_, i) => key[i]!);
  const direction = residual.slice();
  let size = dot(residual, residual);
  const goal = 1e-10 * size;
  for (let step = 0; step < 4 * width && step < 2000 && size > goal; step++) {
    const moved = times(direction);
    const by = size / dot(direction, moved);
    for (let i = 0; i < width; i++) {
      x[i]! += by * direction[i]!;
      residual[i]! -= by * moved[i]!;
    }
    const next = dot(residual, residual);
    const keep = next / size;
    size = next;
    for (let i = 0; i < width; i++) direction[i] = residual[i]! + keep * direction[i]!;
  }
  return x;
}

/** The row that answers 1 to the key and as little as can be to the samples: C^-1 k / (k . C^-1 k). */
export function keyRow(samples: KeySamples, key: ArrayLike<number>, ridge: number): Float32Array {
  const row = whitened(samples, key, ridge);
  const own = dot(row, key);
  if (!(own > 0)) fail("notFinite", "The key has no length.");
  return Float32Array.from(row, (value) => value / own);
}
