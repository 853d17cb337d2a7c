import { fail } from "../../../contract/errors";
import { pca } from "../maths/pca";
import { dot, norm } from "../maths/vectors";

/** A candidate direction of one layer and position, from the training states of both sets. */
export interface Difference {
  /** Raw difference (length kept) for means; for PCA the unit component times the mean difference along it. */
  vector: Float32Array;
  norm: number;
}

/** mean(positive) - mean(negative) (Marks & Tegmark 2023). */
export function differenceOfMeans(positive: readonly Float32Array[], negative: readonly Float32Array[]): Difference {
  const vector = meanOf(positive);
  const other = meanOf(negative);
  for (let i = 0; i < vector.length; i++) vector[i]! -= other[i]!;
  return { vector, norm: norm(vector) };
}

/**
 * First principal component of paired differences (Zou et al. 2023, 2310.01405): with both orders of each pair, so that the
 * component passes through the origin. Its sign and length are those of the mean difference along it.
 */
export function pairedComponent(positive: readonly Float32Array[], negative: readonly Float32Array[]): Difference {
  if (positive.length !== negative.length) {
    fail("badArgument", `Pairs are needed: there are ${positive.length} and ${negative.length} prompts.`, {
      remedy: "Give as many negative prompts as positive ones, in the same order, or use the difference of means.",
    });
  }
  const differences = positive.map((row, i) => row.map((value, j) => value - negative[i]![j]!));
  const both = [...differences, ...differences.map((row) => row.map((value) => -value))];
  const component = pca(both, 1).components[0]!;
  const mean = meanOf(differences);
  const along = dot(mean, component);
  if (!(Math.abs(along) > 0)) return { vector: new Float32Array(mean.length), norm: 0 };
  return { vector: Float32Array.from(component, (value) => value * along), norm: Math.abs(along) };
}

export function meanOf(rows: readonly Float32Array[]): Float32Array {
  const sum = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) for (let i = 0; i < sum.length; i++) sum[i]! += row[i]!;
  return Float32Array.from(sum, (value) => value / rows.length);
}

/** A vector at length 1. Throws `notFinite` where it has no length: the two sets do not differ there. */
export function unit(vector: Float32Array): Float32Array {
  const size = norm(vector);
  if (!(size > 0) || !Number.isFinite(size)) {
    fail("notFinite", "The direction has no length.", {
      remedy: "The two sides do not differ there; choose other prompts or another layer.",
    });
  }
  return vector.map((value) => value / size);
}
