import type { BlockEffect, LayersParams, LayersResult, Promoted } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { Read } from "../../contract/sites";
import { finalNormOf, normRows, type FinalNorm } from "./finalNorm";
import type { Lab } from "./lab";
import { greatest } from "./maths/statistics";
import { checkpoint, layersOf, positionOf, probeTokens, requireCount, requireSite } from "./probe";
import { readRows } from "./readRows";

/** Candidates a side, as a multiple of what is shown: a logit cap may change their order a little. */
const margin = 4;

/**
 * What each block does to the prediction at a position: the lens of the stream before and after attention, before and after
 * the MLP, and over the whole block, with KL(after || before) and the tokens whose log-probability rose and fell most.
 */
export async function layers(lab: Lab, params: LayersParams, context: CallContext<never>): Promise<LayersResult> {
  const { info } = lab;
  requireCount(params.top, "The number of tokens shown", 1, 100);
  for (const site of ["resid_pre", "resid_post"] as const) requireSite(info, site);
  const withMiddle = info.sites.includes("resid_mid");
  const tokens = await probeTokens(lab, params.input);
  const position = positionOf(params.position, tokens.length);
  const reads = layersOf(info).flatMap((layer): Omit<Read, "positions">[] => [
    { site: "resid_pre", layer },
    ...(withMiddle ? [{ site: "resid_mid", layer } as const] : []),
    { site: "resid_post", layer },
  ]);
  const { signal } = context;
  const states = await readRows(lab, {
    tokens,
    positions: [position],
    reads,
    interventions: params.interventions,
    signal,
  });
  const norm = finalNormOf(lab);
  const out: LayersResult["layers"] = [];
  for (const layer of layersOf(info)) {
    checkpoint(signal);
    const before = states.get("resid_pre", layer).data;
    const after = states.get("resid_post", layer).data;
    const middle = withMiddle ? states.get("resid_mid", layer).data : undefined;
    const effect = (from: Float32Array, to: Float32Array) => blockEffect(lab, norm, from, to, params.top);
    out.push({
      layer,
      ...(middle ? { attn: await effect(before, middle), mlp: await effect(middle, after) } : {}),
      whole: await effect(before, after),
    });
  }
  return { tokens, position, layers: out };
}

async function blockEffect(
  lab: Lab,
  norm: FinalNorm,
  before: Float32Array,
  after: Float32Array,
  top: number,
): Promise<BlockEffect> {
  const width = norm.weight.length;
  const normed = new Float32Array(2 * width);
  normRows(before, norm, normed, 0);
  normRows(after, norm, normed, 1);
  // Logits are linear in the normed state, so the tokens that moved most are those of the difference.
  const difference = Float32Array.from({ length: width }, (_, i) => normed[width + i]! - normed[i]!);
  const count = Math.min(lab.info.vocabulary, top * margin);
  const moved = await lab.unembed({ vectors: difference, count: 1, norm: false, raw: true, top: count, bottom: count });
  const ids = [...moved.ids, ...moved.bottomIds!];
  const logits = [...moved.values, ...moved.bottomValues!];
  const pair = await lab.unembed({
    vectors: normed,
    count: 2,
    norm: false,
    top,
    targets: ids,
    reference: Int32Array.of(1, -1),
  });
  const change = (k: number): Promoted => ({
    id: ids[k]!,
    text: lab.token(ids[k]!).text,
    delta: pair.logProbs[ids.length + k]! - pair.logProbs[k]!,
    logitDelta: logits[k]!,
  });
  const changes = ids.map((_, k) => change(k));
  const strongest = (from: number, sign: 1 | -1) =>
    greatest(count, top, (k) => sign * changes[from + k]!.delta).map((k) => changes[from + k]!);
  const distribution = (row: number) =>
    Array.from({ length: top }, (_, k) => {
      const id = pair.ids[row * top + k]!;
      return { id, text: lab.token(id).text, p: pair.values[row * top + k]! };
    });
  return {
    kl: pair.kl[0]!,
    promoted: strongest(0, 1),
    suppressed: strongest(count, -1),
    before: distribution(0),
    after: distribution(1),
  };
}
