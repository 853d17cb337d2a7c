import type { FeaturesMeasures } from "../../../contract/acting";
import type { Intervention } from "../../../contract/sites";
import type { Progressing } from "../directions/extract";
import type { Lab } from "../lab";
import { logSumExp } from "../maths/distributions";
import { inGroups } from "../measures/passes";
import { checkpoint } from "../probe";
import { decoderRow, encodeOne, type Sae } from "./sae";

/**
 * Measures an SAE on held-out windows: L0, explained variance, dead features, and the share of cross-entropy recovered,
 * (zeroed - reconstructed) / (zeroed - plain), with the site replaced at every position but the first.
 */
export async function evaluateSae(
  lab: Lab,
  sae: Sae,
  windows: number[][],
  signal: AbortSignal,
  progress: Progressing["progress"] = () => undefined,
): Promise<FeaturesMeasures> {
  const at = { site: sae.site, layer: sae.layer };
  const mean = new Float64Array(sae.width);
  const square = new Float64Array(sae.width);
  const fired = new Uint8Array(sae.features);
  const ce = { plain: 0, reconstructed: 0, zeroed: 0 };
  let [tokens, l0, squaredError, predicted] = [0, 0, 0, 0];
  for (const [done, window] of windows.entries()) {
    checkpoint(signal);
    progress(done, windows.length, "measuring");
    const reconstruction = new Float32Array(window.length * sae.width);
    await inGroups(lab, [window], [{ ...at, positions: "all" }], { signal }, (_s, _r, position, row) => {
      const out = reconstruction.subarray(position * sae.width, (position + 1) * sae.width);
      if (position === 0) return;
      const active = reconstruct(sae, row, out);
      tokens++;
      l0 += active.length;
      for (const { feature } of active) fired[feature] = 1;
      for (let i = 0; i < sae.width; i++) {
        squaredError += (out[i]! - row[i]!) ** 2;
        mean[i]! += row[i]!;
        square[i]! += row[i]! ** 2;
      }
    });
    const where = window.map((_, i) => i).slice(1);
    const patched: Intervention = {
      ...at,
      where,
      operation: "patch",
      values: reconstruction.slice(sae.width),
      rows: where.length,
    };
    const zeroed: Intervention = { ...at, where, operation: "zero" };
    ce.plain += await crossEntropy(lab, window, [], signal);
    ce.reconstructed += await crossEntropy(lab, window, [patched], signal);
    ce.zeroed += await crossEntropy(lab, window, [zeroed], signal);
    predicted += window.length - 2;
  }
  const variance = mean.reduce((sum, value, i) => sum + (square[i]! - (value * value) / Math.max(1, tokens)), 0);
  const means = {
    plain: ce.plain / predicted,
    reconstructed: ce.reconstructed / predicted,
    zeroed: ce.zeroed / predicted,
  };
  return {
    l0: l0 / Math.max(1, tokens),
    explainedVariance: variance > 0 ? 1 - squaredError / variance : 0,
    ceRecovered: (means.zeroed - means.reconstructed) / (means.zeroed - means.plain),
    ce: means,
    dead: fired.reduce((sum, each) => sum + (each ? 0 : 1), 0),
    tokens,
  };
}

/** Writes the reconstruction of a state and gives its active features. */
export function reconstruct(
  sae: Sae,
  state: Float32Array,
  into: Float32Array,
): { feature: number; activation: number }[] {
  const active = encodeOne(sae, state);
  into.set(sae.decoderBias);
  for (const { feature, activation } of active) {
    const row = decoderRow(sae, feature);
    for (let i = 0; i < into.length; i++) into[i]! += activation * row[i]!;
  }
  return active;
}

/** Sum of -ln p of the tokens after the second position on: the ones that a changed state can touch. */
async function crossEntropy(
  lab: Lab,
  window: number[],
  interventions: Intervention[],
  signal: AbortSignal,
): Promise<number> {
  let sum = 0;
  await inGroups(
    lab,
    [window],
    [{ site: "logits", positions: "all" }],
    { interventions, signal },
    (_s, _r, position, row) => {
      const next = window[position + 1];
      if (position === 0 || next === undefined) return;
      sum += logSumExp(row) - row[next]!;
    },
  );
  return sum;
}
