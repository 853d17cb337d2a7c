/** Sum of products of two rows of the same length. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export function norm(a: ArrayLike<number>): number {
  return Math.sqrt(dot(a, a));
}

/** 0 where either has no length. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const size = norm(a) * norm(b);
  return size === 0 ? 0 : dot(a, b) / size;
}

/** Root mean square of a row, as RMSNorm takes it (Zhang & Sennrich 2019). */
export function rms(a: ArrayLike<number>, eps: number): number {
  return Math.sqrt(dot(a, a) / a.length + eps);
}

/** A view of one row of a row-major matrix. */
export function row(data: Float32Array, width: number, index: number): Float32Array {
  return data.subarray(index * width, (index + 1) * width);
}

/** True where every number is finite. */
export function allFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
