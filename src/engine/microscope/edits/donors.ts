import type { Fact } from "../../../contract/acting";
import type { Lab } from "../lab";
import { pca } from "../maths/pca";
import { norm } from "../maths/vectors";
import { unembeddingName } from "../architecture";
import { continuations, inGroups } from "../measures/passes";
import { uniformNumbers } from "../patching/random";
import { aboutOther, type Context } from "./contexts";

const pool = 64;
const strongest = 5;
const components = 12;

/** Other subjects in the place of the fact's own, the one that makes the model say the new answer most first. */
export interface DonorPool {
  names: string[];
  contexts: Context[];
  /** Log-probability of the new answer, by donor. */
  logProbabilities: number[];
}

/** Subjects are the given ones and capitalised words of the vocabulary. The pool does not depend on the layer that is edited. */
export async function donorPool(
  lab: Lab,
  fact: Fact,
  to: number[],
  donors: readonly string[],
  signal: AbortSignal,
): Promise<DonorPool> {
  const given = donors.slice(0, pool);
  const names = [...new Set([...given, ...vocabularyNames(lab, Math.max(16, pool - given.length))])].filter(
    (name) => name !== fact.subject,
  );
  const contexts = await Promise.all(names.map((name) => aboutOther(lab, fact, name)));
  const chances = await continuations(
    lab,
    contexts.map(({ ids }) => ({ prompt: ids, continuation: to })),
    { signal, share: true },
  );
  const order = [...chances.keys()].sort((a, b) => chances[b]!.logProbability - chances[a]!.logProbability);
  return {
    names: order.map((i) => names[i]!),
    contexts: order.map((i) => contexts[i]!),
    logProbabilities: order.map((i) => chances[i]!.logProbability),
  };
}

/**
 * Directions in which the new value may lie, each of length 1: the differences from the best donors, the main directions in which
 * subjects differ at this place, and the unembedding of the answers.
 */
export async function valueBasis(
  lab: Lab,
  answers: { from: number[]; to: number[] },
  own: Context,
  layer: number,
  { contexts }: DonorPool,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const states = await statesAt(lab, [own, ...contexts], layer, signal);
  const mine = states[0]!;
  const differences = states.slice(1).map((state) => state.map((value, i) => value - mine[i]!));
  const main = pca(differences, Math.min(components, differences.length - 1)).components;
  const rows = [
    ...differences.slice(0, strongest),
    ...main.map((component) => Float32Array.from(component)),
    ...answers.to.slice(0, 2).map((id) => unembeddingDirection(lab, id)),
    unembeddingDirection(lab, answers.from[0]!),
  ];
  return rows.flatMap((row) => {
    const size = norm(row);
    return size > 0 && Number.isFinite(size) ? [row.map((value) => value / size)] : [];
  });
}

/** The stream after a block, at the subject's last token of each context. */
export async function statesAt(
  lab: Lab,
  contexts: readonly Context[],
  layer: number,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const out = contexts.map(() => new Float32Array(0));
  // Nothing after the subject is needed for a state at the subject.
  const sequences = contexts.map(({ ids, at }) => ids.slice(0, at + 1));
  await inGroups(
    lab,
    sequences,
    [{ site: "resid_post", layer, positions: [-1] }],
    { signal, share: true },
    (sequence, _r, _p, row) => {
      out[sequence] = row.slice();
    },
  );
  return out;
}

/** Capitalised words of the vocabulary that stand alone, drawn with a fixed seed. */
export function vocabularyNames(lab: Lab, count: number): string[] {
  const random = uniformNumbers(17);
  const names = new Set<string>();
  for (let tries = 0; tries < 400 * count && names.size < count; tries++) {
    const { text, special } = lab.token(Math.floor(random() * lab.info.vocabulary));
    if (!special && /^ [A-Z][a-z]{2,}$/.test(text)) names.add(text.trim());
  }
  return [...names];
}

/** The direction of the last residual that raises a token's logit. */
function unembeddingDirection(lab: Lab, id: number): Float32Array {
  const row = lab.weights.rows(unembeddingName(lab.weights), id, 1);
  const weight = lab.weights.rows("output_norm.weight", 0, 1);
  return row.map((value, i) => value * weight[i]!);
}
