import { dot } from "./vectors";

export interface Pca {
  mean: Float64Array;
  /** Unit vectors, strongest first. */
  components: Float64Array[];
  /** Share of the variance on each component. */
  explained: number[];
  /** By row, its coordinates on the components. */
  coordinates: number[][];
}

/**
 * Principal components (Pearson 1901) of few long rows, through the rows' Gram matrix: the cost is in rows^2 x width.
 * Each component's sign is fixed by its largest coordinate being positive, so that the same rows give the same picture.
 */
export function pca(rows: readonly ArrayLike<number>[], count: number): Pca {
  const n = rows.length;
  const width = rows[0]?.length ?? 0;
  const mean = new Float64Array(width);
  for (const values of rows) for (let i = 0; i < width; i++) mean[i]! += values[i]! / n;
  const centred = rows.map((values) => Float64Array.from(values, (value, i) => value - mean[i]!));
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = dot(centred[i]!, centred[j]!);
      gram[i * n + j] = value;
      gram[j * n + i] = value;
    }
  }
  const total = centred.reduce((sum, values) => sum + dot(values, values), 0);
  const { values, vectors } = symmetricEigen(gram, n);
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]!).slice(0, count);
  const components: Float64Array[] = [];
  const coordinates: number[][] = rows.map(() => []);
  const explained: number[] = [];
  for (const k of order) {
    const variance = Math.max(0, values[k]!);
    const size = Math.sqrt(variance);
    const component = new Float64Array(width);
    if (size > 1e-12 * Math.sqrt(total)) {
      for (let r = 0; r < n; r++) {
        const by = vectors[r * n + k]! / size;
        for (let i = 0; i < width; i++) component[i]! += by * centred[r]![i]!;
      }
    }
    const along = centred.map((row) => dot(row, component));
    const extreme = along.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    const sign = extreme < 0 ? -1 : 1;
    components.push(component.map((value) => sign * value));
    along.forEach((value, r) => coordinates[r]!.push(sign * value));
    explained.push(total > 0 ? variance / total : 0);
  }
  return { mean, components, explained, coordinates };
}

/** Eigenvalues and eigenvectors (columns) of a symmetric matrix by cyclic Jacobi rotations (Jacobi 1846). */
export function symmetricEigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const scale = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) off += a[i * n + j]! ** 2;
    if (off <= 1e-24 * scale) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q]!;
        if (apq === 0) continue;
        const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) rotate(a, k * n + p, k * n + q, c, s);
        for (let k = 0; k < n; k++) rotate(a, p * n + k, q * n + k, c, s);
        for (let k = 0; k < n; k++) rotate(v, k * n + p, k * n + q, c, s);
      }
    }
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors: v };
}

function rotate(data: Float64Array, p: number, q: number, c: number, s: number): void {
  const x = data[p]!;
  const y = data[q]!;
  data[p] = c * x - s * y;
  data[q] = s * x + c * y;
}
