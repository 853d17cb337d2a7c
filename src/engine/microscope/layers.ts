import type { BlockEffect, LayersParams, LayersResult, Promoted } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { Read } from "../../contract/sites";
import { unembeddingName } from "./architecture";
import { finalNormOf, normRows } from "./finalNorm";
import type { Lab } from "./lab";
import { dot, row } from "./maths/vectors";
import { layersOf, positionOf, probeTokens, requireCount, requireSite } from "./probe";
import { readRows } from "./readRows";

/** Candidates a side, as a multiple of what is shown, where a cap on the logits may change their order. */
const margin = 4;

/** A step of the stream: indices of the states before and after it. */
interface Step {
  before: number;
  after: number;
}

/**
 * What each block does to the prediction at a position: the lens of the stream before and after attention, before and after
 * the MLP, and over the whole block, with KL(after || before) and the tokens whose log-probability rose and fell most.
 */
export async function layers(lab: Lab, params: LayersParams, context: CallContext<never>): Promise<LayersResult> {
  const { info } = lab;
  requireCount(params.top, "The number of tokens shown", 1, 100);
  for (const site of ["embed", "resid_post"] as const) requireSite(info, site);
  const perLayer = info.sites.includes("resid_mid") ? 2 : 1;
  const tokens = await probeTokens(lab, params.input);
  const position = positionOf(params.position, tokens.length);
  const reads: Omit<Read, "positions">[] = [{ site: "embed" }];
  for (const layer of layersOf(info)) {
    if (perLayer === 2) reads.push({ site: "resid_mid", layer });
    reads.push({ site: "resid_post", layer });
  }
  const states = await readRows(lab, {
    tokens,
    positions: [position],
    reads,
    interventions: params.interventions,
    edits: params.edits,
    signal: context.signal,
  });
  const norm = finalNormOf(lab);
  const normed = new Float32Array(reads.length * norm.weight.length);
  reads.forEach(({ site, layer }, i) => normRows(states.get(site, layer).data, norm, normed, i));

  const steps: Step[] = layersOf(info).flatMap((layer) => {
    const before = layer * perLayer;
    const after = before + perLayer;
    const whole = { before, after };
    return perLayer === 1 ? [whole] : [{ before, after: before + 1 }, { before: before + 1, after }, whole];
  });
  const effects = await stepEffects(lab, normed, steps, params.top);
  return {
    tokens,
    position,
    layers: layersOf(info).map((layer) => {
      if (perLayer === 1) return { layer, whole: effects[layer]! };
      const [attn, mlp, whole] = effects.slice(3 * layer, 3 * layer + 3);
      return { layer, attn: attn!, mlp: mlp!, whole: whole! };
    }),
  };
}

/** All steps in three unembeddings: the distributions, their normalisers, and the differences. */
async function stepEffects(lab: Lab, normed: Float32Array, steps: Step[], top: number): Promise<BlockEffect[]> {
  const width = lab.info.embedding;
  const pick = (indices: number[]) => {
    const out = new Float32Array(indices.length * width);
    indices.forEach((index, i) => out.set(row(normed, width, index), i * width));
    return out;
  };
  // Rows 0..n-1 are the steps' states before, n..2n-1 those after.
  const n = steps.length;
  const vectors = pick([...steps.map(({ before }) => before), ...steps.map(({ after }) => after)]);
  const reference = Int32Array.from({ length: 2 * n }, (_, i) => (i < n ? n + i : -1));
  const spread = await lab.unembed({ vectors, count: 2 * n, norm: false, top, reference });
  const heads = await lab.unembed({ vectors, count: 2 * n, norm: false, raw: true, top: 1 });
  const logZ = (i: number) => heads.values[i]! - Math.log(spread.values[i * top]!);

  // Logits are linear in the normed state, so the tokens that moved most are those of the difference.
  const cap = lab.weights.metadata(`${lab.info.architecture}.final_logit_softcapping`) ?? 0;
  const count = Math.min(lab.info.vocabulary, cap > 0 ? margin * top : top);
  const differences = Float32Array.from({ length: n * width }, (_, i) => vectors[n * width + i]! - vectors[i]!);
  const moved = await lab.unembed({
    vectors: differences,
    count: n,
    norm: false,
    raw: true,
    top: count,
    bottom: count,
  });

  const capped = (value: number) => cap * Math.tanh(value / cap);
  const change = (step: number, id: number, linear: number): Promoted => {
    let logitDelta = linear;
    if (cap > 0) {
      const weights = lab.weights.rows(unembeddingName(lab.weights), id, 1);
      const [before, after] = [row(vectors, width, step), row(vectors, width, n + step)];
      logitDelta = capped(dot(weights, after)) - capped(dot(weights, before));
    }
    return { id, text: lab.token(id).text, delta: logitDelta - (logZ(n + step) - logZ(step)), logitDelta };
  };
  const strongest = (step: number, ids: Int32Array, values: Float32Array, sign: 1 | -1) =>
    Array.from({ length: count }, (_, k) => change(step, ids[step * count + k]!, values[step * count + k]!))
      .sort((a, b) => sign * (b.delta - a.delta))
      .slice(0, top);
  const distribution = (i: number) =>
    Array.from({ length: top }, (_, k) => {
      const id = spread.ids[i * top + k]!;
      return { id, text: lab.token(id).text, p: spread.values[i * top + k]! };
    });
  return steps.map((_, step) => ({
    kl: spread.kl[step]!,
    promoted: strongest(step, moved.ids, moved.values, 1),
    suppressed: strongest(step, moved.bottomIds!, moved.bottomValues!, -1),
    before: distribution(step),
    after: distribution(n + step),
  }));
}
