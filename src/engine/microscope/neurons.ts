import type { NeuronScore, NeuronsParams, NeuronsResult } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { ModelInfo } from "../../contract/model";
import type { Read } from "../../contract/sites";
import { downProjection, linearityOf } from "./architecture";
import { frozenScale, logitDirection } from "./direction";
import { editedWeights } from "./editedWeights";
import type { Lab, Weights } from "./lab";
import { greatest } from "./maths/statistics";
import { mixtureOutputs } from "./mixture";
import { neuronIdText } from "./neuronId";
import {
  checkpoint,
  layersOf,
  oneToken,
  positionOf,
  probeTokens,
  requireCount,
  requireLayer,
  requireSite,
} from "./probe";
import { apply, project } from "./project";
import { readRows, type Rows } from "./readRows";
import { promotedBy } from "./valueVectors";

/** Tokens shown that a value vector promotes, and as many that it suppresses. */
const shown = 10;

interface Candidate extends Omit<NeuronScore, "promotes" | "suppresses"> {
  layer: number;
  neuron: number;
}

/**
 * The neurons of a layer, or of all, that say most at a position (Geva et al. 2020): each adds its activation times its
 * value vector (its column of the down projection) to the stream. With a target they are ranked by what that adds to the
 * target's logit, the last norm's scale frozen; without one by its length. Strongest first, in either direction.
 * In a mixture a neuron belongs to an expert, and its contribution carries the router's weight.
 */
export async function neurons(lab: Lab, params: NeuronsParams, context: CallContext<never>): Promise<NeuronsResult> {
  const { info } = lab;
  const weights = editedWeights(lab.weights, params.edits);
  requireCount(params.count, "The number of neurons", 1, 1000);
  requireSite(info, "mlp_post");
  if (params.layer !== undefined) requireLayer(info, params.layer);
  const layers = params.layer === undefined ? layersOf(info) : [params.layer];
  const target = params.target === undefined ? undefined : oneToken(lab, params.target, "target");
  const tokens = await probeTokens(lab, params.input);
  const position = positionOf(params.position, tokens.length);
  const last = info.layers - 1;
  const states = await readRows(lab, {
    tokens,
    positions: [position],
    reads: [
      ...layers.flatMap((layer): Omit<Read, "positions">[] => [
        { site: "mlp_post", layer },
        { site: "mlp_out", layer },
      ]),
      ...(target ? [{ site: "resid_post", layer: last } as const, { site: "final_norm" } as const] : []),
    ],
    interventions: params.interventions,
    edits: params.edits,
    signal: context.signal,
  });
  const u =
    target &&
    logitDirection(lab, states.get("resid_post", last).data, states.get("final_norm").data, target, undefined).u;
  let best: Candidate[] = [];
  for (const layer of layers) {
    checkpoint(context.signal);
    const all = [...best, ...layerNeurons(info, weights, states, layer, u)];
    best = greatest(all.length, params.count, (i) => Math.abs(all[i]!.contribution)).map((i) => all[i]!);
  }
  const effects = await promotedBy(
    lab,
    best.map(({ layer, neuron, expert }) => ({ layer, neuron, expert })),
    shown,
    weights,
  );
  return {
    tokens,
    position,
    neurons: best.map(({ layer: _layer, neuron: _neuron, ...score }, i) => ({
      ...score,
      promotes: effects[i]!.promotes,
      suppresses: effects[i]!.suppresses,
    })),
  };
}

/** Every neuron of one layer with its contribution. */
function layerNeurons(
  info: ModelInfo,
  weights: Weights,
  states: Rows,
  layer: number,
  u: Float64Array | undefined,
): Candidate[] {
  const { name, experts } = downProjection(weights, layer);
  const state = states.get("mlp_post", layer);
  const count = weights.shape(name)[0]!;
  const mlpOut = states.get("mlp_out", layer).data;
  const postNorm = linearityOf(info).mlpPostNorm?.(layer);
  let along: ArrayLike<number> = u ?? new Float64Array(info.embedding);
  let stretch: Float64Array | undefined;
  if (postNorm) {
    const weight = weights.rows(postNorm, 0, 1);
    const scale = frozenScale(apply(weights, name, state.data), weight, mlpOut);
    stretch = Float64Array.from(weight, (w) => w * scale);
    along = stretch.map((value, i) => value * (u?.[i] ?? 0));
  }
  const mixture = experts > 0 ? mixtureOutputs(weights, name, layer, state, 0, mlpOut) : undefined;
  const slots = mixture ? mixture.experts.length : 1;
  const out: Candidate[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const expert = mixture?.experts[slot];
    const routing = mixture?.routing[slot] ?? 1;
    const gain = u ? project(weights, name, along, expert) : columnLengths(weights, name, expert, stretch);
    for (let neuron = 0; neuron < count; neuron++) {
      const activation = state.data[slot * count + neuron]!;
      const contribution = activation * routing * gain[neuron]!;
      out.push({
        id: neuronIdText({ layer, neuron, expert }),
        layer,
        neuron,
        activation,
        contribution,
        ...(expert === undefined ? {} : { expert, slot }),
      });
    }
  }
  return out;
}

/** Length of each value vector as it reaches the stream. */
function columnLengths(
  weights: Weights,
  name: string,
  expert: number | undefined,
  stretch: Float64Array | undefined,
): Float64Array {
  const [inputs, outputs] = weights.shape(name) as [number, number];
  const squares = new Float64Array(inputs);
  const step = 128;
  for (let from = 0; from < outputs; from += step) {
    const rows = Math.min(step, outputs - from);
    const data = weights.rows(name, (expert ?? 0) * outputs + from, rows);
    for (let r = 0; r < rows; r++) {
      const by = stretch ? stretch[from + r]! : 1;
      for (let i = 0; i < inputs; i++) squares[i]! += (by * data[r * inputs + i]!) ** 2;
    }
  }
  return squares.map(Math.sqrt);
}
