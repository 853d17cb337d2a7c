import type { DirectionMode } from "../../../contract/acting";
import type { Intervention, Where } from "../../../contract/sites";

/** A direction ready to act: a unit vector with what its strengths and targets are measured in. */
export interface Acting {
  /** Unit vector. */
  vector: Float32Array;
  /** The layer (block output) it was found at. */
  layer: number;
  /** The layer's mean residual norm. */
  scale: number;
  /** Mean projection of the negative set on the vector: at the embedding, then for each block `resid_mid` and `resid_post`. */
  profile?: number[];
}

/** Adds strength x scale along the vector at one block's output. */
export function adding({ vector, scale }: Acting, layer: number, strength: number, where: Where): Intervention {
  return { site: "resid_post", layer, where, operation: "add", strength: strength * scale, values: vector };
}

/**
 * Takes the projection away at every site of the stream: the embedding, and after each block's attention and MLP (Arditi et al.
 * 2024). `share` 1 takes all of it.
 */
export function zeroing({ vector }: Acting, layers: number, share: number, where: Where): Intervention[] {
  return streamSites(layers).map((at) => ({
    ...at,
    where,
    operation: "projectOut",
    strength: share,
    values: vector,
    target: 0,
  }));
}

/** Sets the projection at every site of the stream to what the negative set has there. */
export function levelling(acting: Acting, layers: number, share: number, where: Where): Intervention[] {
  const { vector, profile } = acting;
  return streamSites(layers).flatMap((at, i) => {
    const target = profile?.[i];
    return target === undefined
      ? []
      : [{ ...at, where, operation: "projectOut" as const, strength: share, values: vector, target }];
  });
}

/** Sites of the stream in depth order: `embed`, then for each block `resid_mid` and `resid_post`. */
export function streamSites(layers: number): { site: "embed" | "resid_mid" | "resid_post"; layer?: number }[] {
  return [
    { site: "embed" },
    ...Array.from({ length: layers }, (_, layer) => [
      { site: "resid_mid" as const, layer },
      { site: "resid_post" as const, layer },
    ]).flat(),
  ];
}

/** The positions a mode acts on unless told otherwise. */
export const usualWhere: Record<DirectionMode, Where> = { add: "all", zero: "all", mean: "lastPrompt" };
