import type { EditUse } from "../../contract/verbs";
import { readLora, type LoraDelta } from "./files/lora";
import type { Weights } from "./lab";

/** The weights as they act while edits are on: each row with what the adapters add to it, scale x B A. */
export function editedWeights(weights: Weights, edits: readonly EditUse[] | undefined): Weights {
  const deltas = new Map<string, { delta: LoraDelta; scale: number }[]>();
  for (const { file, scale = 1 } of edits ?? []) {
    if (scale === 0) continue;
    const lora = readLora(file);
    for (const delta of lora.deltas) {
      // As llama.cpp scales: alpha / rank where the file gives an alpha.
      const factor = lora.alpha ? (scale * lora.alpha) / delta.rank : scale;
      deltas.set(delta.tensor, [...(deltas.get(delta.tensor) ?? []), { delta, scale: factor }]);
    }
  }
  if (deltas.size === 0) return weights;
  return {
    has: (name) => weights.has(name),
    shape: (name) => weights.shape(name),
    metadata: (key) => weights.metadata(key),
    rows(name, from, count) {
      const data = weights.rows(name, from, count);
      for (const { delta, scale } of deltas.get(name) ?? []) addDelta(data, delta, scale, from, count);
      return data;
    },
  };
}

function addDelta(
  data: Float32Array,
  { a, b, rank, inputs }: LoraDelta,
  scale: number,
  from: number,
  count: number,
): void {
  for (let r = 0; r < count; r++) {
    for (let k = 0; k < rank; k++) {
      const by = scale * b[(from + r) * rank + k]!;
      if (by === 0) continue;
      for (let i = 0; i < inputs; i++) data[r * inputs + i]! += by * a[k * inputs + i]!;
    }
  }
}
