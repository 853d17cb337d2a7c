import type { Intervention } from "../../contract/sites";

/** `3.120`: neuron 120 of layer 3. Returns null where the text says no such thing. */
export function parseNeuron(text: string): { layer: number; neuron: number } | null {
  const match = /^\s*(\d{1,4})\s*\.\s*(\d{1,7})\s*$/.exec(text);
  return match ? { layer: Number(match[1]), neuron: Number(match[2]) } : null;
}

/** Zero ablation of one neuron, at every position. */
export function silence(layer: number, neuron: number): Intervention {
  return { site: "mlp_post", layer, where: "all", operation: "zero", indices: [neuron] };
}
