import { fail } from "../../contract/errors";
import type { Fraction, NeuronCandidatesParams, NeuronCandidatesResult } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { Input } from "../../contract/verbs";
import { downProjection } from "./architecture";
import type { Lab } from "./lab";
import { auc, greatest, mean } from "./maths/statistics";
import { neuronIdText } from "./neuronId";
import { checkpoint, layersOf, probeTokens, requireCount, requireSite } from "./probe";

/**
 * All neurons of all layers ranked by how well their activation at the end of a prompt tells two sets of prompts apart: the
 * farther the AUC is from one half, on either side, the earlier. What it finds are candidates for an experiment, no causes.
 * An expert's neuron counts as 0 where its expert was not chosen.
 */
export async function neuronCandidates(
  lab: Lab,
  params: NeuronCandidatesParams,
  context: CallContext<Fraction>,
): Promise<NeuronCandidatesResult> {
  requireSite(lab.info, "mlp_post");
  requireCount(params.count, "The number of candidates", 1, 10_000);
  const { positive, negative } = params;
  if (positive.length === 0 || negative.length === 0) fail("badArgument", "Both prompt sets are needed.");
  const inputs = [...positive, ...negative];
  const layers = layersOf(lab.info).map((layer) => {
    const { name, experts } = downProjection(lab.weights, layer);
    const each = lab.weights.shape(name)[0]!;
    return { layer, each, experts, values: new Float32Array(inputs.length * each * Math.max(1, experts)) };
  });
  for (const [row, input] of inputs.entries()) {
    await readLast(lab, layers, row, input, context.signal);
    context.progress({ done: row + 1, total: inputs.length });
  }

  interface Candidate {
    id: string;
    auc: number;
    meanPositive: number;
    meanNegative: number;
  }
  let best: Candidate[] = [];
  for (const { layer, each, experts, values } of layers) {
    checkpoint(context.signal);
    const width = values.length / inputs.length;
    const column = (neuron: number, from: number, count: number) =>
      Float64Array.from({ length: count }, (_, row) => values[(from + row) * width + neuron]!);
    const found: Candidate[] = Array.from({ length: width }, (_, index) => {
      const a = column(index, 0, positive.length);
      const b = column(index, positive.length, negative.length);
      const expert = experts > 0 ? Math.floor(index / each) : undefined;
      const id = neuronIdText({ layer, neuron: index % each, expert });
      return { id, auc: auc(a, b), meanPositive: mean(a), meanNegative: mean(b) };
    });
    const all = [...best, ...found];
    best = greatest(all.length, params.count, (i) => {
      const { auc: area, meanPositive, meanNegative } = all[i]!;
      // Among equals the wider gap first.
      return Math.abs(area - 0.5) + 1e-6 * Math.tanh(Math.abs(meanPositive - meanNegative));
    }).map((i) => all[i]!);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { neurons: best };
}

interface LayerValues {
  layer: number;
  each: number;
  experts: number;
  /** [inputs, neurons of all experts] */
  values: Float32Array;
}

async function readLast(
  lab: Lab,
  layers: LayerValues[],
  row: number,
  input: Input,
  signal: AbortSignal,
): Promise<void> {
  const ids = (await probeTokens(lab, input)).map(({ id }) => id);
  await lab.pass({
    sequences: [ids],
    reads: layers.map(({ layer }) => ({ site: "mlp_post", layer, positions: "last" })),
    signal,
    onChunk: ({ states }) => {
      for (const [k, { each, experts, values }] of layers.entries()) {
        const state = states[k]!;
        if (state.positions.length === 0) continue;
        const base = row * each * Math.max(1, experts);
        if (!state.experts) values.set(state.data, base);
        else
          state.experts.forEach((expert, slot) =>
            values.set(state.data.subarray(slot * each, (slot + 1) * each), base + expert * each),
          );
      }
    },
  });
}
