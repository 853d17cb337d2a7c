import { fail } from "../../../contract/errors";
import type { ModelInfo } from "../../../contract/model";
import type { SiteAt } from "../../../contract/sites";
import type { Affine } from "../maths/ridge";
import { allFinite, rms } from "../maths/vectors";
import { openSafeTensors, writeSafeTensors, type SafeTensor } from "./safetensors";

/**
 * A tuned lens on disk: a safetensors file with `layer.N.weight` [width, width] (row-major, y = x W + b) and `layer.N.bias`
 * [width] for what leaves every layer but the last, and N = -1 for the embedding. Both sides of the map are divided by
 * their root mean square.
 */
export interface TunedLens {
  width: number;
  /** By layer: -1 is the embedding, the last layer has none. */
  layers: Map<number, Affine>;
}

const format = "vitrine.tunedLens.1";

export function saveTunedLens(file: string, lens: TunedLens, info: ModelInfo, tokens: number): void {
  const tensors: Record<string, SafeTensor> = {};
  for (const [layer, { weight, bias }] of lens.layers) {
    tensors[`layer.${layer}.weight`] = { shape: [lens.width, lens.width], data: weight };
    tensors[`layer.${layer}.bias`] = { shape: [lens.width], data: bias };
  }
  writeSafeTensors(file, tensors, {
    format,
    model: info.name,
    fingerprint: info.fingerprint,
    layers: String(info.layers),
    tokens: String(tokens),
  });
}

/** Opens a lens and refuses one that was made for another model. */
export function openTunedLens(file: string, info: ModelInfo): TunedLens {
  const tensors = openSafeTensors(file);
  if (tensors.metadata["format"] !== format) fail("damagedFile", `'${file}' is no tuned lens.`);
  if (tensors.metadata["fingerprint"] !== info.fingerprint)
    fail(
      "wrongModel",
      `The tuned lens '${file}' was fitted on another model (${tensors.metadata["model"] ?? "unnamed"}).`,
      {
        remedy: "Fit one on this model.",
      },
    );
  const width = info.embedding;
  const layers = new Map<number, Affine>();
  for (let layer = -1; layer < info.layers - 1; layer++) {
    if (tensors.shape(`layer.${layer}.weight`).join() !== `${width},${width}`)
      fail("wrongModel", `The tuned lens '${file}' has another width than this model.`);
    const weight = tensors.read(`layer.${layer}.weight`);
    const bias = tensors.read(`layer.${layer}.bias`);
    if (bias.length !== width || !allFinite(weight) || !allFinite(bias))
      fail("damagedFile", `The tuned lens '${file}' holds numbers that are not finite or not enough of them.`);
    layers.set(layer, { weight, bias });
  }
  return { width, layers };
}

/** Rows of a layer's stream as the last layer would have them, up to their scale. Sites with no translator stay. */
export function translate(lens: TunedLens, at: SiteAt, rows: Float32Array): Float32Array {
  // What enters a block is what left the block before.
  const layer =
    at.site === "embed"
      ? -1
      : at.site === "resid_post"
        ? at.layer
        : at.site === "resid_pre"
          ? (at.layer ?? 0) - 1
          : undefined;
  const affine = layer === undefined ? undefined : lens.layers.get(layer);
  return affine ? applyAffine(affine, rows, lens.width) : rows;
}

/** y = (x / rms(x)) W + b for each row. */
export function applyAffine(affine: Affine, rows: Float32Array, width: number): Float32Array {
  const out = new Float32Array(rows.length);
  for (let from = 0; from < rows.length; from += width) {
    const y = out.subarray(from, from + width);
    const scale = 1 / rms(rows.subarray(from, from + width), 0);
    y.set(affine.bias);
    for (let i = 0; i < width; i++) {
      const x = rows[from + i]! * scale;
      const w = affine.weight.subarray(i * width, (i + 1) * width);
      for (let j = 0; j < width; j++) y[j]! += x * w[j]!;
    }
  }
  return out;
}
