import type { FeatureKind } from "../../../contract/acting";
import type { Site } from "../../../contract/sites";
import { greatest } from "../maths/statistics";
import { dot } from "../maths/vectors";

/**
 * A sparse auto-encoder h = b + sum_i alpha_i v_i + e of one site (Bricken et al. 2023). Rows are features:
 * alpha = activation(encoder (x - b) + encoderBias), reconstruction = alpha decoder + decoderBias.
 */
export interface Sae {
  kind: FeatureKind;
  site: Site;
  layer: number;
  width: number;
  features: number;
  /** [features, width] */
  encoder: Float32Array;
  encoderBias: Float32Array;
  /** [features, width]; unit rows where the SAE was trained here. */
  decoder: Float32Array;
  decoderBias: Float32Array;
  /** TopK: how many features stay. */
  k?: number;
  /** JumpReLU: what a pre-activation must exceed. */
  threshold?: Float32Array;
  /** The decoder's bias is taken off the input before encoding. */
  centred: boolean;
  modelName: string;
  fingerprint: string;
}

const biases = new WeakMap<Sae, Float32Array>();

/** The biases that act on the raw state: encoderBias, less encoder . decoderBias where the input is centred. */
export function effectiveBiases(sae: Sae): Float32Array {
  const known = biases.get(sae);
  if (known) return known;
  const found = sae.encoderBias.map((bias, f) =>
    sae.centred ? bias - dot(encoderRow(sae, f), sae.decoderBias) : bias,
  );
  biases.set(sae, found);
  return found;
}

export function encoderRow({ encoder, width }: Sae, feature: number): Float32Array {
  return encoder.subarray(feature * width, (feature + 1) * width);
}

export function decoderRow({ decoder, width }: Sae, feature: number): Float32Array {
  return decoder.subarray(feature * width, (feature + 1) * width);
}

/** Turns pre-activations [rows, features] into activations, in place. */
export function activate(
  sae: Pick<Sae, "kind" | "features" | "k" | "threshold">,
  pre: Float32Array,
  rows: number,
): void {
  const { kind, features, threshold } = sae;
  if (kind === "topk") return keepTop(pre, rows, features, sae.k ?? 1);
  for (let at = 0; at < rows * features; at++) {
    const value = pre[at]!;
    const least = kind === "jumprelu" && threshold ? Math.max(0, threshold[at % features]!) : 0;
    if (!(value > least)) pre[at] = 0;
  }
}

/** Keeps the k greatest positive values of each row. */
export function keepTop(values: Float32Array, rows: number, width: number, k: number): void {
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * width, (r + 1) * width);
    const kept = topIndices(row, k);
    const saved = kept.map((index) => row[index]!);
    row.fill(0);
    kept.forEach((index, i) => (row[index] = Math.max(0, saved[i]!)));
  }
}

/**
 * Indices of the k greatest values. A threshold rises as the list fills, so that most of a row costs one comparison each.
 */
export function topIndices(row: Float32Array, k: number): number[] {
  return k < 64 ? heapTop(row, k) : greatest(row.length, k, (index) => row[index]!);
}

function heapTop(row: Float32Array, k: number): number[] {
  const index = new Int32Array(k);
  const value = new Float32Array(k);
  let size = 0;
  for (let i = 0; i < row.length; i++) {
    const v = row[i]!;
    if (size === k && !(v > value[0]!)) continue;
    let at: number;
    if (size < k) {
      at = size++;
      while (at > 0 && value[(at - 1) >> 1]! > v) {
        const up = (at - 1) >> 1;
        value[at] = value[up]!;
        index[at] = index[up]!;
        at = up;
      }
    } else {
      at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= k) break;
        if (child + 1 < k && value[child + 1]! < value[child]!) child++;
        if (value[child]! >= v) break;
        value[at] = value[child]!;
        index[at] = index[child]!;
        at = child;
      }
    }
    value[at] = v;
    index[at] = i;
  }
  return Array.from(index.subarray(0, size));
}

/** Activations of one state: sparse, strongest first. */
export function encodeOne(sae: Sae, state: Float32Array, limit = Infinity): { feature: number; activation: number }[] {
  const { width, encoder } = sae;
  const pre = effectiveBiases(sae).slice();
  for (let f = 0; f < pre.length; f++) {
    const at = f * width;
    let sum = 0;
    for (let i = 0; i < width; i++) sum += encoder[at + i]! * state[i]!;
    pre[f]! += sum;
  }
  activate(sae, pre, 1);
  const active: { feature: number; activation: number }[] = [];
  pre.forEach((activation, feature) => activation > 0 && active.push({ feature, activation }));
  active.sort((a, b) => b.activation - a.activation);
  return active.slice(0, limit);
}
