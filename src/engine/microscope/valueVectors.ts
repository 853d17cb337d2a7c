import { downProjection, linearityOf } from "./architecture";
import type { Lab, Weights } from "./lab";
import { norm } from "./maths/vectors";
import { parseNeuronId, type NeuronId } from "./neuronId";
import { requireCount } from "./probe";
import { columns } from "./project";

interface TokenLogit {
  text: string;
  id: number;
  logit: number;
}

export interface ValueEffect {
  /** Strongest first. */
  promotes: TokenLogit[];
  suppresses: TokenLogit[];
  /** Length of the value vector. */
  norm: number;
}

/**
 * What value vectors say (Geva et al. 2020, 2022): each column of the down projection times the weights of the norms on its
 * way out (a post-norm where there is one, then the last norm), through the unembedding. The numbers are logits a unit of
 * activation adds, up to the norms' scales, which depend on the prompt.
 */
export async function promotedBy(
  lab: Lab,
  ids: readonly NeuronId[],
  count: number,
  weights = lab.weights,
): Promise<ValueEffect[]> {
  if (ids.length === 0) return [];
  const { info } = lab;
  const width = info.embedding;
  const values = valueVectors(weights, ids);
  const lastNorm = weights.rows("output_norm.weight", 0, 1);
  const vectors = new Float32Array(ids.length * width);
  for (const [k, id] of ids.entries()) {
    const postNorm = linearityOf(info).mlpPostNorm?.(id.layer);
    const stretch = postNorm ? weights.rows(postNorm, 0, 1) : undefined;
    for (let i = 0; i < width; i++)
      vectors[k * width + i] = values[k]![i]! * lastNorm[i]! * (stretch ? stretch[i]! : 1);
  }
  const result = await lab.unembed({ vectors, count: ids.length, norm: false, raw: true, top: count, bottom: count });
  const list = (from: { ids: Int32Array; values: Float32Array }, k: number): TokenLogit[] =>
    Array.from({ length: count }, (_, j) => {
      const id = from.ids[k * count + j]!;
      return { text: lab.token(id).text, id, logit: from.values[k * count + j]! };
    });
  return ids.map((_, k) => ({
    promotes: list(result, k),
    suppresses: list({ ids: result.bottomIds!, values: result.bottomValues! }, k),
    norm: norm(values[k]!),
  }));
}

/** The value vectors themselves, dequantised; each layer's weight is walked once. */
export function valueVectors(weights: Weights, ids: readonly NeuronId[]): Float32Array[] {
  const out: Float32Array[] = new Array<Float32Array>(ids.length);
  const groups = new Map<string, number[]>();
  ids.forEach(({ layer, expert }, k) => {
    const key = `${layer}.${expert ?? 0}`;
    groups.set(key, [...(groups.get(key) ?? []), k]);
  });
  for (const group of groups.values()) {
    const { layer, expert } = ids[group[0]!]!;
    const { name } = downProjection(weights, layer);
    const found = columns(
      weights,
      name,
      group.map((k) => ids[k]!.neuron),
      expert,
    );
    group.forEach((k, i) => (out[k] = found[i]!));
  }
  return out;
}

/** One neuron's value vector, unembedded. */
export async function neuronValue(lab: Lab, params: { id: string; top: number }): Promise<ValueEffect> {
  requireCount(params.top, "The number of tokens shown", 1, 100);
  const [effect] = await promotedBy(lab, [parseNeuronId(lab, params.id)], params.top);
  return effect!;
}
