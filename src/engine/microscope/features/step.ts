import type { Products } from "./products";
import { topIndices } from "./sae";
import type { Gradients, Parameters } from "./parameters";

/** What a batch gave: means over its rows. */
export interface StepMeasures {
  loss: number;
  /** Sum of squared errors, and of squared distances from the batch's mean. */
  squaredError: number;
  variance: number;
  l0: number;
  /** Index and error of rows the SAE does badly on, worst first: where dead features are put. */
  worst: number[];
}

/** Arrays of a step that are used again and again. */
export class Workspace {
  readonly centred: Float32Array;
  readonly activations: Float32Array;
  readonly error: Float32Array;
  /** Gradient of the activations, then of the pre-activations. */
  readonly back: Float32Array;
  constructor(
    readonly batch: number,
    width: number,
    features: number,
    dense: boolean,
  ) {
    this.centred = new Float32Array(batch * width);
    this.activations = new Float32Array(batch * features);
    this.error = new Float32Array(batch * width);
    this.back = new Float32Array(dense ? batch * features : 0);
  }
}

export interface Penalty {
  /** Weight of sum |alpha| (l1) or of L0 (jumprelu), warmed up. */
  lambda: number;
}

/**
 * Loss and gradients of one batch x [B, d].
 * - l1: mean of |e| + lambda sum |alpha|, |e| the length of the error
 * - topk: mean of |e|^2 / (2 width), k activations kept (Gao et al. 2024); everything after the encoder is sparse
 * - jumprelu: mean of |e|^2 / (2 width) + lambda L0, straight-through at the threshold (Rajamanoharan et al. 2024)
 */
export function lossAndGradients(
  p: Parameters,
  x: Float32Array,
  work: Workspace,
  products: Products,
  { lambda }: Penalty,
  gradients: Gradients,
  fired: Uint8Array,
): StepMeasures {
  const { width, features } = p;
  const { batch, centred, activations, error } = work;
  for (let r = 0; r < batch; r++) {
    for (let i = 0; i < width; i++) centred[r * width + i] = x[r * width + i]! - p.decoderBias[i]!;
  }
  products.encode(centred, p.encoder, activations);
  for (const each of [
    gradients.encoder,
    gradients.encoderBias,
    gradients.decoder,
    gradients.decoderBias,
    gradients.logThreshold,
  ]) {
    each.fill(0);
  }
  if (p.kind === "topk") return sparseStep(p, x, work, gradients, fired);

  const pre = addBias(activations, p.encoderBias, batch, features);
  const saved = p.kind === "jumprelu" ? pre.slice() : pre;
  const threshold = p.kind === "jumprelu" ? p.logThreshold.map(Math.exp) : undefined;
  let count = 0;
  let sum = 0;
  for (let r = 0; r < batch; r++) {
    for (let f = 0; f < features; f++) {
      const at = r * features + f;
      const value = pre[at]!;
      if (value > (threshold ? threshold[f]! : 0)) {
        fired[f] = 1;
        count++;
        sum += value;
      } else pre[at] = 0;
    }
  }
  products.decode(pre, p.decoder, error);
  const measured = finishError(p, x, work);
  // Gradient of the loss by the error, over rows.
  for (let r = 0; r < batch; r++) {
    const row = error.subarray(r * width, (r + 1) * width);
    let size = 0;
    for (let i = 0; i < width; i++) size += row[i]! * row[i]!;
    const scale = p.kind === "l1" ? 1 / (batch * Math.max(Math.sqrt(size), 1e-6)) : 1 / (batch * width);
    for (let i = 0; i < width; i++) row[i]! *= scale;
  }
  products.back(pre, error, p.decoder, { activations: work.back, decoder: gradients.decoder });
  if (threshold) jumpGradients(p, saved, pre, threshold, work, lambda, gradients);
  else {
    const pull = lambda / batch;
    for (let at = 0; at < pre.length; at++) work.back[at] = pre[at]! > 0 ? work.back[at]! + pull : 0;
  }
  products.encoderGradient(work.back, centred, gradients.encoder);
  sumColumns(work.back, batch, features, gradients.encoderBias);
  biasGradient(p, error, gradients);
  const penalty = p.kind === "l1" ? (lambda * sum) / batch : (lambda * count) / batch;
  return { ...measured, loss: measured.loss + penalty, l0: count / batch };
}

function addBias(values: Float32Array, bias: Float32Array, rows: number, width: number): Float32Array {
  for (let r = 0; r < rows; r++) for (let f = 0; f < width; f++) values[r * width + f]! += bias[f]!;
  return values;
}

/** reconstruction -> error = reconstruction + bias - x, with its measures. The loss is that of the kind, without penalty. */
function finishError(p: Parameters, x: Float32Array, { batch, error }: Workspace): Omit<StepMeasures, "l0"> {
  const { width } = p;
  const mean = new Float64Array(width);
  for (let r = 0; r < batch; r++) for (let i = 0; i < width; i++) mean[i]! += x[r * width + i]! / batch;
  let [squaredError, variance, lengths] = [0, 0, 0];
  const sizes = new Float64Array(batch);
  for (let r = 0; r < batch; r++) {
    let size = 0;
    for (let i = 0; i < width; i++) {
      const at = r * width + i;
      const e = error[at]! + p.decoderBias[i]! - x[at]!;
      error[at] = e;
      size += e * e;
      variance += (x[at]! - mean[i]!) ** 2;
    }
    squaredError += size;
    lengths += Math.sqrt(size);
    sizes[r] = size;
  }
  const worst = Array.from(sizes.keys()).sort((a, b) => sizes[b]! - sizes[a]!);
  const loss = p.kind === "l1" ? lengths / batch : squaredError / (2 * batch * width);
  return { loss, squaredError, variance, worst };
}

/**
 * d loss / d pre passes where the feature is on; the threshold's gradient uses a rectangle of width `bandwidth` in place of the
 * jump's delta function.
 */
function jumpGradients(
  p: Parameters,
  pre: Float32Array,
  active: Float32Array,
  threshold: Float32Array,
  { batch, back }: Workspace,
  lambda: number,
  gradients: Gradients,
): void {
  const { features, width } = p;
  const bandwidth = 0.01 * Math.sqrt(width);
  for (let r = 0; r < batch; r++) {
    for (let f = 0; f < features; f++) {
      const at = r * features + f;
      const t = threshold[f]!;
      if (Math.abs(pre[at]! - t) < bandwidth / 2) {
        // Both terms by log threshold: d/d t times t.
        gradients.logThreshold[f]! += t * (-(t / bandwidth) * back[at]! - lambda / (bandwidth * batch));
      }
      if (active[at] === 0) back[at] = 0;
    }
  }
}

function sumColumns(values: Float32Array, rows: number, width: number, into: Float32Array): void {
  for (let r = 0; r < rows; r++) for (let f = 0; f < width; f++) into[f]! += values[r * width + f]!;
}

/** The decoder's bias is in the reconstruction and, with the other sign, in the encoder's input. */
function biasGradient(p: Parameters, error: Float32Array, gradients: Gradients): void {
  const { width, features } = p;
  for (let at = 0; at < error.length; at += width)
    for (let i = 0; i < width; i++) gradients.decoderBias[i]! += error[at + i]!;
  for (let f = 0; f < features; f++) {
    const g = gradients.encoderBias[f]!;
    if (g === 0) continue;
    for (let i = 0; i < width; i++) gradients.decoderBias[i]! -= g * p.encoder[f * width + i]!;
  }
}

/** TopK: after the encoder only k features a row take part, so everything else is done for those alone. */
function sparseStep(
  p: Parameters,
  x: Float32Array,
  work: Workspace,
  gradients: Gradients,
  fired: Uint8Array,
): StepMeasures {
  const { width, features, k } = p;
  const { batch, activations, centred, error } = work;
  addBias(activations, p.encoderBias, batch, features);
  const kept: { feature: number; value: number }[][] = [];
  let count = 0;
  error.fill(0);
  for (let r = 0; r < batch; r++) {
    const row = activations.subarray(r * features, (r + 1) * features);
    const active = topIndices(row, k).flatMap((feature) =>
      row[feature]! > 0 ? [{ feature, value: row[feature]! }] : [],
    );
    kept.push(active);
    count += active.length;
    const out = error.subarray(r * width, (r + 1) * width);
    for (const { feature, value } of active) {
      fired[feature] = 1;
      const at = feature * width;
      for (let i = 0; i < width; i++) out[i]! += value * p.decoder[at + i]!;
    }
  }
  const measured = finishError(p, x, work);
  const scale = 1 / (batch * width);
  for (let at = 0; at < error.length; at++) error[at]! *= scale;
  for (let r = 0; r < batch; r++) {
    const e = error.subarray(r * width, (r + 1) * width);
    const input = centred.subarray(r * width, (r + 1) * width);
    for (const { feature, value } of kept[r]!) {
      const at = feature * width;
      let g = 0;
      for (let i = 0; i < width; i++) {
        g += e[i]! * p.decoder[at + i]!;
        gradients.decoder[at + i]! += value * e[i]!;
      }
      for (let i = 0; i < width; i++) gradients.encoder[at + i]! += g * input[i]!;
      gradients.encoderBias[feature]! += g;
    }
  }
  biasGradient(p, error, gradients);
  return { ...measured, l0: count / batch };
}
