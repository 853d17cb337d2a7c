import { logitDirection } from "../direction";
import { downProjection, linearityOf } from "../architecture";
import type { Lab } from "../lab";
import { logSumExp } from "../maths/distributions";
import { greatest } from "../maths/statistics";
import { lastLogits } from "../measures/passes";
import { layersOf, requireSite } from "../probe";
import { project } from "../project";
import { readRows } from "../readRows";

/** A neuron that carries an answer at one prompt's last position. */
export interface Carrier {
  layer: number;
  neuron: number;
  activation: number;
  /** Its part of the answer's logit, and how much log-probability is lost when it is set to zero. */
  contribution: number;
  drop: number;
}

const candidates = 40;

/**
 * Neurons that carry a token: ranked by their exact share of its logit (direct attribution through the down projection and the frozen
 * norm), then confirmed one by one by ablation. Those whose removal loses the answer most come first.
 */
export async function locateNeurons(
  lab: Lab,
  prompt: number[],
  target: number,
  count: number,
  signal: AbortSignal,
): Promise<Carrier[]> {
  requireSite(lab.info, "mlp_post");
  linearityOf(lab.info);
  const layers = layersOf(lab.info);
  const last = layers.length - 1;
  const tokens = prompt.map((id) => lab.token(id));
  const rows = await readRows(lab, {
    tokens,
    positions: [prompt.length - 1],
    reads: [
      ...layers.map((layer) => ({ site: "mlp_post" as const, layer })),
      { site: "resid_post", layer: last },
      { site: "final_norm" },
    ],
    signal,
  });
  const { u } = logitDirection(
    lab,
    rows.get("resid_post", last).data,
    rows.get("final_norm").data,
    lab.token(target),
    undefined,
  );
  const shares = layers.map((layer) => {
    const activations = rows.get("mlp_post", layer).data;
    const perUnit = project(lab.weights, downProjection(lab.weights, layer).name, u);
    return { activations, contributions: perUnit.map((value, i) => value * activations[i]!) };
  });
  const width = shares[0]!.contributions.length;
  const found = greatest(
    layers.length * width,
    candidates,
    (at) => shares[Math.floor(at / width)]!.contributions[at % width]!,
  ).map((at) => {
    const layer = Math.floor(at / width);
    const neuron = at % width;
    return {
      layer,
      neuron,
      activation: shares[layer]!.activations[neuron]!,
      contribution: shares[layer]!.contributions[neuron]!,
    };
  });
  const logits = await lastLogits(lab, [prompt, ...found.map(() => prompt)], {
    signal,
    interventions: found.map(({ layer, neuron }, i) => ({
      site: "mlp_post" as const,
      layer,
      where: [prompt.length - 1],
      operation: "zero" as const,
      indices: [neuron],
      sequences: [i + 1],
    })),
  });
  const chance = (row: Float32Array) => row[target]! - logSumExp(row);
  const plain = chance(logits[0]!);
  return found
    .map((each, i): Carrier => ({ ...each, drop: plain - chance(logits[i + 1]!) }))
    .sort((a, b) => b.drop - a.drop)
    .slice(0, count);
}
