/**
 * The matrix products of a training step. Matrices are row-major; with B rows of a batch, d the width and F features, encoder and
 * decoder are [F, d].
 */
export interface Products {
  /** x encoder^T: [B, F] from [B, d]. */
  encode(x: Float32Array, encoder: Float32Array, into: Float32Array): void;
  /** a decoder: [B, d] from [B, F]. */
  decode(a: Float32Array, decoder: Float32Array, into: Float32Array): void;
  /** e decoder^T [B, F], and a^T e [F, d]. */
  back(
    a: Float32Array,
    e: Float32Array,
    decoder: Float32Array,
    into: { activations: Float32Array; decoder: Float32Array },
  ): void;
  /** g^T x: [F, d] from [B, F] and [B, d]. */
  encoderGradient(g: Float32Array, x: Float32Array, into: Float32Array): void;
  /** Seconds spent in them so far. */
  seconds(): number;
  close(): void;
}

export interface Shape {
  batch: number;
  width: number;
  features: number;
}

/** The products in typed arrays, by blocks that stay in the cache: where there is no ggml, and what ggml is checked against. */
export function plainProducts({ batch, width, features }: Shape): Products {
  let spent = 0;
  const timed = (work: () => void) => {
    const start = performance.now();
    work();
    spent += (performance.now() - start) / 1000;
  };
  return {
    encode: (x, encoder, into) => timed(() => rowsByRows(x, encoder, into, batch, features, width)),
    decode: (a, decoder, into) => timed(() => rowsByColumns(a, decoder, into, batch, features, width)),
    back: (a, e, decoder, into) =>
      timed(() => {
        rowsByRows(e, decoder, into.activations, batch, features, width);
        outer(a, e, into.decoder, batch, features, width);
      }),
    encoderGradient: (g, x, into) => timed(() => outer(g, x, into, batch, features, width)),
    seconds: () => spent,
    close: () => undefined,
  };
}

const block = 64;

/** out[r, c] = a[r] . b[c], with both of `inner` numbers. */
function rowsByRows(
  a: Float32Array,
  b: Float32Array,
  out: Float32Array,
  rows: number,
  columns: number,
  inner: number,
): void {
  for (let c0 = 0; c0 < columns; c0 += block) {
    const c1 = Math.min(columns, c0 + block);
    for (let r = 0; r < rows; r++) {
      const x = a.subarray(r * inner, (r + 1) * inner);
      for (let c = c0; c < c1; c++) {
        const at = c * inner;
        let sum = 0;
        for (let i = 0; i < inner; i++) sum += x[i]! * b[at + i]!;
        out[r * columns + c] = sum;
      }
    }
  }
}

/** out[r] = sum_c a[r, c] b[c]; zeros of a cost nothing. */
function rowsByColumns(
  a: Float32Array,
  b: Float32Array,
  out: Float32Array,
  rows: number,
  columns: number,
  inner: number,
): void {
  out.fill(0, 0, rows * inner);
  for (let r = 0; r < rows; r++) {
    const row = out.subarray(r * inner, (r + 1) * inner);
    for (let c = 0; c < columns; c++) {
      const by = a[r * columns + c]!;
      if (by === 0) continue;
      const at = c * inner;
      for (let i = 0; i < inner; i++) row[i]! += by * b[at + i]!;
    }
  }
}

/** out[c] = sum_r a[r, c] b[r]. */
function outer(
  a: Float32Array,
  b: Float32Array,
  out: Float32Array,
  rows: number,
  columns: number,
  inner: number,
): void {
  out.fill(0, 0, columns * inner);
  for (let r = 0; r < rows; r++) {
    const x = b.subarray(r * inner, (r + 1) * inner);
    for (let c = 0; c < columns; c++) {
      const by = a[r * columns + c]!;
      if (by === 0) continue;
      const at = c * inner;
      for (let i = 0; i < inner; i++) out[at + i]! += by * x[i]!;
    }
  }
}
