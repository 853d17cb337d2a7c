import type { Intervention } from "../../../contract/sites";
import type { Lab } from "../lab";
import { klDivergence, logProbabilities } from "../maths/distributions";
import { mean } from "../maths/statistics";
import { dot, norm } from "../maths/vectors";
import { continuations, lastLogits } from "../measures/passes";
import { checkpoint } from "../probe";
import type { Context } from "./contexts";

export interface ValueSearch {
  contexts: Context[];
  essences: Context[];
  to: number[];
  layer: number;
  /** Directions of length 1 the value may be made of. */
  basis: Float32Array[];
  /** Length of the stream at the place: the unit of steps. */
  scale: number;
}

export interface FoundValue {
  /** What is added to the MLP's output. */
  value: Float32Array;
  loss: number;
  /** Mean log-probability of the new answer over the contexts. */
  logProbability: number;
  essenceKl: number;
  steps: number;
}

const essenceWeight = 0.3;
const lengthWeight = 0.02;
const rounds = 8;
const strides = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6];

/**
 * The value that makes the model say the new answer, found with forward passes alone: in a small subspace, the gradient is taken by
 * differences (a run a direction, batched), and a line search goes along it. The loss is -log p(new answer), a KL that keeps what else the
 * model says of the subject, and a cost of length (the objective of Meng et al. 2022, equation 4, without backpropagation).
 */
export async function searchValue(lab: Lab, search: ValueSearch, signal: AbortSignal): Promise<FoundValue> {
  const { basis, scale } = search;
  const plain = await lastLogits(
    lab,
    search.essences.map(({ ids }) => ids),
    { signal },
  );
  const essence = plain.map((row) => logProbabilities(row));
  const evaluate = async (list: Float64Array[]) => losses(lab, search, essence, list, signal);

  // The differences to each donor, whole and in part, are tried first: often one is nearly right.
  const starts = [0.3, 0.6, 1, 1.5].flatMap((by) => [0, 1, 2].map((i) => unitVector(basis.length, i, by)));
  const first = await evaluate([new Float64Array(basis.length), ...starts]);
  let at = first.reduce((best, each) => (each.loss < best.loss ? each : best));
  let steps = 0;
  for (; steps < rounds && !(at.logProbability > Math.log(0.97) && at.essenceKl < 0.3); steps++) {
    checkpoint(signal);
    const h = 0.05;
    const around = await evaluate(basis.map((_, i) => moved(at.at, unitVector(basis.length, i, h), 1)));
    const slope = Float64Array.from(around, ({ loss }) => (loss - at.loss) / h);
    const size = norm(slope);
    if (!(size > 0)) break;
    const along = slope.map((value) => -value / size);
    // The best single direction is tried too: it does not suffer from what the others spoil.
    const single = slope.reduce((best, value, i) => (Math.abs(value) > Math.abs(slope[best]!) ? i : best), 0);
    const alone = unitVector(basis.length, single, -Math.sign(slope[single]!));
    const tried = await evaluate(
      strides.flatMap((stride) => [moved(at.at, along, stride), moved(at.at, alone, stride)]),
    );
    const best = tried.reduce((a, b) => (b.loss < a.loss ? b : a));
    if (best.loss > at.loss - 1e-3) break;
    at = best;
  }
  return {
    value: combined(basis, at.at, scale),
    loss: at.loss,
    logProbability: at.logProbability,
    essenceKl: at.essenceKl,
    steps,
  };
}

export interface Evaluated {
  at: Float64Array;
  loss: number;
  logProbability: number;
  essenceKl: number;
}

/**
 * Losses of several values at once: a sequence a value and context. Those of one context stand together, so that what comes
 * before the subject is run once for all values.
 */
export async function losses(
  lab: Lab,
  { contexts, essences, to, layer, basis, scale }: ValueSearch,
  essence: Float64Array[],
  list: Float64Array[],
  signal: AbortSignal,
  share = true,
): Promise<Evaluated[]> {
  const values = list.map((at) => combined(basis, at, scale));
  const acting = (places: Context[]): Intervention[] =>
    places.flatMap(({ at }, c) =>
      values.map((each, i) => ({
        site: "mlp_out" as const,
        layer,
        where: [at],
        operation: "add" as const,
        strength: 1,
        values: each,
        sequences: [c * values.length + i],
      })),
    );
  const said = await continuations(
    lab,
    contexts.flatMap(({ ids }) => values.map(() => ({ prompt: ids, continuation: to }))),
    { interventions: acting(contexts), signal, share },
  );
  const kept = await lastLogits(
    lab,
    essences.flatMap(({ ids }) => values.map(() => ids)),
    { interventions: acting(essences), signal, share },
  );
  return list.map((at, i) => {
    const logProbability = mean(contexts.map((_, c) => said[c * values.length + i]!.logProbability));
    const essenceKl = mean(
      essences.map((_, e) => klDivergence(essence[e]!, logProbabilities(kept[e * values.length + i]!))),
    );
    const length = dot(at, at);
    return { at, loss: -logProbability + essenceWeight * essenceKl + lengthWeight * length, logProbability, essenceKl };
  });
}

function combined(basis: Float32Array[], at: Float64Array, scale: number): Float32Array {
  const out = new Float32Array(basis[0]!.length);
  basis.forEach((row, k) => {
    const by = at[k]! * scale;
    if (by !== 0) for (let i = 0; i < out.length; i++) out[i]! += by * row[i]!;
  });
  return out;
}

function unitVector(length: number, index: number, by: number): Float64Array {
  const out = new Float64Array(length);
  if (index < length) out[index] = by;
  return out;
}

function moved(from: Float64Array, along: Float64Array, by: number): Float64Array {
  return from.map((value, i) => value + by * along[i]!);
}
