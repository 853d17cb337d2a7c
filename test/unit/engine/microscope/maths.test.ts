import { describe, expect, it } from "vitest";
import { entropy, klDivergence, logProbabilities, rankOf } from "../../../../src/engine/microscope/maths/distributions";
import { pca, symmetricEigen } from "../../../../src/engine/microscope/maths/pca";
import { addRows, regressionSums, solveRidge } from "../../../../src/engine/microscope/maths/ridge";
import { auc, greatest, pairHistogram, wilson } from "../../../../src/engine/microscope/maths/statistics";
import { cosine } from "../../../../src/engine/microscope/maths/vectors";
import { generator } from "../../../fixtures/models/randomModel";

describe("statistics", () => {
  it("AUC counts pairs, ties half", () => {
    const positive = [3, 1, 2, 2];
    const negative = [0, 2, 1];
    let pairs = 0;
    for (const p of positive) for (const n of negative) pairs += p > n ? 1 : p === n ? 0.5 : 0;
    expect(auc(positive, negative)).toBeCloseTo(pairs / 12, 12);
    expect(auc([5, 6], [1, 2])).toBe(1);
    expect(auc([1, 2], [5, 6])).toBe(0);
    expect(auc([], [1])).toBe(0.5);
  });

  it("histograms share their edges and lose nothing", () => {
    const histogram = pairHistogram([0, 1, 2, 10], [5, 10], 5);
    expect(histogram.edges).toEqual([0, 2, 4, 6, 8, 10]);
    expect(histogram.positive).toEqual([2, 1, 0, 0, 1]);
    expect(histogram.negative).toEqual([0, 0, 1, 0, 1]);
    expect(pairHistogram([3, 3], [3], 4).positive.reduce((a, b) => a + b)).toBe(2);
  });

  it("Wilson's interval is the published one", () => {
    // Newcombe 1998, table I: 81 of 263
    const [low, high] = wilson(81, 263);
    expect(low).toBeCloseTo(0.2553, 4);
    expect(high).toBeCloseTo(0.3662, 4);
    expect(wilson(0, 10)[0]).toBe(0);
    expect(wilson(10, 10)[1]).toBeCloseTo(1, 12);
    expect(wilson(0, 0)).toEqual([0, 1]);
  });

  it("greatest keeps order, ignores NaN", () => {
    const values = [1, NaN, 5, 3, 5];
    expect(greatest(values.length, 3, (i) => values[i]!)).toEqual([2, 4, 3]);
  });
});

describe("distributions", () => {
  it("KL, entropy and rank of known distributions", () => {
    const p = logProbabilities([Math.log(0.5), Math.log(0.25), Math.log(0.25)]);
    const q = logProbabilities([0, 0, 0]);
    expect(entropy(p)).toBeCloseTo(1.5 * Math.log(2), 12);
    expect(klDivergence(p, q)).toBeCloseTo(Math.log(3) - 1.5 * Math.log(2), 12);
    expect(klDivergence(p, p)).toBe(0);
    expect(rankOf([3, 9, 5], 2)).toBe(1);
  });

  it("huge logits do not overflow", () => {
    const p = logProbabilities([1000, 999]);
    expect(Math.exp(p[0]!) + Math.exp(p[1]!)).toBeCloseTo(1, 12);
  });
});

/** a^T b by its definition. */
const plainGram = (a: Float32Array, b: Float32Array, rows: number) => {
  const [m, n] = [a.length / rows, b.length / rows];
  const out = new Float32Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) for (let r = 0; r < rows; r++) out[i * n + j]! += a[r * m + i]! * b[r * n + j]!;
  return Promise.resolve(out);
};

describe("ridge", () => {
  const random = generator(7);
  const rows = 200;
  const x = Float32Array.from({ length: rows * 4 }, () => random() - 0.5);
  const truth = (r: number) => [2 * x[r * 4]! - x[r * 4 + 1]! + 3, 0.5 * x[r * 4 + 3]! - 1];
  const y = Float32Array.from({ length: rows * 2 }, (_, i) => truth(Math.floor(i / 2))[i % 2]!);

  it("finds an affine map, fed in pieces", async () => {
    const sums = regressionSums(4, 2);
    await addRows(sums, x.subarray(0, 400), y.subarray(0, 200), 100, plainGram);
    await addRows(sums, x.subarray(400), y.subarray(200), 100, plainGram);
    const { weight, bias } = solveRidge(sums, 0);
    expect([...weight].map((w) => Math.round(w * 1e4) / 1e4 + 0)).toEqual([2, 0, -1, 0, 0, 0, 0, 0.5]);
    expect(bias[0]).toBeCloseTo(3, 4);
    expect(bias[1]).toBeCloseTo(-1, 4);
  });

  it("a heavy penalty leaves the mean alone", async () => {
    const sums = regressionSums(4, 2);
    await addRows(sums, x, y, rows, plainGram);
    const { weight, bias } = solveRidge(sums, 1e9);
    expect(Math.max(...weight.map(Math.abs))).toBeLessThan(1e-6);
    expect(bias[0]).toBeCloseTo(sums.y[0]! / rows, 4);
  });

  it("one row is refused", async () => {
    const sums = regressionSums(4, 2);
    await addRows(sums, x, y, 1, plainGram);
    expect(() => solveRidge(sums, 0.1)).toThrow(/two rows/);
  });
});

describe("PCA", () => {
  it("finds the plane that rows lie in", () => {
    const u = [1, 2, 2, 0].map((v) => v / 3);
    const w = [0, 0, 0, 1];
    const points = [
      [5, 1],
      [-5, 1],
      [3, -1],
      [-3, -1],
    ];
    const rows = points.map(([a, b]) => u.map((value, i) => a! * value + b! * w[i]! + 7));
    const { components, explained, coordinates } = pca(rows, 2);
    expect(Math.abs(cosine(components[0]!, u))).toBeCloseTo(1, 10);
    expect(Math.abs(cosine(components[1]!, w))).toBeCloseTo(1, 10);
    expect(explained[0]! + explained[1]!).toBeCloseTo(1, 10);
    expect(explained[0]!).toBeCloseTo(68 / 72, 10);
    expect(Math.abs(coordinates[0]![0]!)).toBeCloseTo(5, 10);
  });

  it("equal rows have no variance and no NaN", () => {
    const { explained, coordinates } = pca(
      [
        [1, 2],
        [1, 2],
      ],
      2,
    );
    expect(explained).toEqual([0, 0]);
    expect(coordinates.flat().every(Number.isFinite)).toBe(true);
  });

  it("eigenvectors reproduce the matrix", () => {
    const m = Float64Array.from([4, 1, 0, 1, 3, 1, 0, 1, 2]);
    const { values, vectors } = symmetricEigen(m, 3);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        let sum = 0;
        for (let k = 0; k < 3; k++) sum += vectors[i * 3 + k]! * values[k]! * vectors[j * 3 + k]!;
        expect(sum).toBeCloseTo(m[i * 3 + j]!, 10);
      }
  });
});
