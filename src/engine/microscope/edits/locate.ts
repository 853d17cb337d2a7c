import { logitDirection } from "../direction";
import { downProjection, linearityOf } from "../architecture";
import type { Lab } from "../lab";
import { logSumExp } from "../maths/distributions";
import { greatest, mean } from "../maths/statistics";
import { inGroups, lastLogits } from "../measures/passes";
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
/** More are looked at where some will be left out. */
const candidatesToRefine = 100;
/** A neuron that is on for other subjects, on average, with more than this part of its activation holds no fact of this one. */
const mostShared = 0.5;

/**
 * Neurons that carry a token: ranked by their exact share of its logit (direct attribution through the down projection and the frozen
 * norm), then confirmed one by one by ablation. Those whose removal loses the answer most come first. With `others`, prompts of
 * other subjects, neurons that are on for these too are left out (the refining of Dai et al. 2021, section 3.3), unless no other is left.
 */
export async function locateNeurons(
  lab: Lab,
  prompt: number[],
  target: number,
  count: number,
  signal: AbortSignal,
  others: number[][] = [],
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
  const ranked = greatest(
    layers.length * width,
    others.length > 0 ? candidatesToRefine : candidates,
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
  const found = others.length > 0 ? await refined(lab, ranked, others, signal) : ranked;
  const logits = await lastLogits(lab, [prompt, ...found.map(() => prompt)], {
    signal,
    share: true,
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

/** The neurons whose activation is their own subject's: at the end of other subjects' prompts it is much smaller, or of the other sign. */
async function refined<N extends Pick<Carrier, "layer" | "neuron" | "activation">>(
  lab: Lab,
  neurons: N[],
  others: number[][],
  signal: AbortSignal,
): Promise<N[]> {
  const layers = [...new Set(neurons.map(({ layer }) => layer))];
  const reads = layers.map((layer) => ({ site: "mlp_post" as const, layer, positions: [-1] }));
  const seen = neurons.map((): number[] => []);
  await inGroups(lab, others, reads, { signal, share: true }, (_sequence, read, _position, row) => {
    neurons.forEach(({ layer, neuron, activation }, i) => {
      if (layer === layers[read]) seen[i]!.push(row[neuron]! / activation);
    });
  });
  const own = neurons.filter((_, i) => mean(seen[i]!) <= mostShared);
  return own.length > 0 ? own : neurons;
}
