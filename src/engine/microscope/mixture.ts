import type { State } from "../../contract/verbs";
import { choleskyInPlace, choleskySolve } from "./maths/ridge";
import { dot } from "./maths/vectors";
import type { Weights } from "./lab";
import { apply } from "./project";

/** What the chosen experts of one position gave. */
export interface MixtureOutputs {
  /** By slot: the expert. */
  experts: number[];
  /** By slot: the router's weight of its output. */
  routing: Float64Array;
  /** By slot: the expert's bias, where it has one. */
  biases: Float32Array[] | undefined;
}

/**
 * The router's weights, found from the model's own output: mlp_out is the weighted sum of what the chosen experts give, so
 * its coefficients follow by least squares (width equations for a handful of unknowns). `row` is the row of `state`.
 */
export function mixtureOutputs(
  weights: Weights,
  name: string,
  layer: number,
  state: State,
  row: number,
  mlpOut: Float32Array,
): MixtureOutputs {
  const neurons = weights.shape(name)[0]!;
  const used = state.width / neurons;
  const experts = Array.from({ length: used }, (_, slot) => state.experts![row * used + slot]!);
  const biasName = `blk.${layer}.ffn_down_exps.bias`;
  const biases = weights.has(biasName) ? experts.map((expert) => weights.rows(biasName, expert, 1)) : undefined;
  const outputs = experts.map((expert, slot) => {
    const from = row * state.width + slot * neurons;
    const out = apply(weights, name, state.data.subarray(from, from + neurons), expert);
    return biases ? out.map((value, i) => value + biases[slot]![i]!) : out;
  });
  const normal = new Float64Array(used * used);
  const right = new Float64Array(used);
  for (let a = 0; a < used; a++) {
    right[a] = dot(outputs[a]!, mlpOut);
    for (let b = 0; b < used; b++) normal[a * used + b] = dot(outputs[a]!, outputs[b]!);
    // Keeps two experts that gave the same from leaving the sum undetermined.
    normal[a * used + a]! *= 1 + 1e-12;
  }
  choleskyInPlace(normal, used);
  choleskySolve(normal, used, right, 1);
  return { experts, routing: right, biases };
}
