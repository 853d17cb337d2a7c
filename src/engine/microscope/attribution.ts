import type { AttributionParams, AttributionPart, AttributionResult } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { Read } from "../../contract/sites";
import { downProjection, linearityOf } from "./architecture";
import { frozenScale, logitDirection } from "./direction";
import type { Lab } from "./lab";
import { dot } from "./maths/vectors";
import { editedWeights } from "./editedWeights";
import { mixtureOutputs } from "./mixture";
import { oneToken, positionOf, probeTokens, requireSite } from "./probe";
import { apply, project, vector } from "./project";
import { readRows } from "./readRows";

/**
 * Direct logit attribution (Elhage et al. 2021): a token's logit (or target minus foil) as the sum of what the embedding,
 * every head through its output projection, every MLP and every bias wrote into the stream, with the scale of the last
 * norm frozen. Post-norms (Gemma) are frozen the same way. `remainder` is what the parts miss: rounding, quantised
 * activations, and anything an intervention or an adapter added on the way. Architectures whose stream is no such sum
 * are refused with the reason.
 */
export async function attribution(
  lab: Lab,
  params: AttributionParams,
  context: CallContext<never>,
): Promise<AttributionResult> {
  const { info } = lab;
  const weights = editedWeights(lab.weights, params.edits);
  const linearity = linearityOf(info);
  for (const site of ["embed", "z", "mlp_out", "resid_post", "final_norm"] as const) requireSite(info, site);
  const target = oneToken(lab, params.target, "target");
  const foil = params.foil === undefined ? undefined : oneToken(lab, params.foil, "foil");
  const tokens = await probeTokens(lab, params.input);
  const position = positionOf(params.position, tokens.length);

  const mixed = weights.has("blk.0.ffn_gate_inp.weight");
  const reads: Omit<Read, "positions">[] = [
    { site: "embed" },
    { site: "resid_post", layer: info.layers - 1 },
    { site: "final_norm" },
  ];
  for (let layer = 0; layer < info.layers; layer++) {
    reads.push({ site: "z", layer }, { site: "attn_out", layer }, { site: "mlp_out", layer });
    if (mixed) reads.push({ site: "mlp_post", layer });
  }
  const states = await readRows(lab, {
    tokens,
    positions: [position],
    reads,
    interventions: params.interventions,
    edits: params.edits,
    signal: context.signal,
  });
  const at = (site: Read["site"], layer?: number) => states.get(site, layer).data;
  const { u, bias, logit } = logitDirection(lab, at("resid_post", info.layers - 1), at("final_norm"), target, foil);

  const parts: AttributionPart[] = [{ kind: "embed", contribution: dot(u, at("embed")) }];
  for (let layer = 0; layer < info.layers; layer++) {
    const z = at("z", layer);
    const w = `blk.${layer}.attn_output.weight`;
    const attnBias = vector(weights, `blk.${layer}.attn_output.bias`);
    const along = throughNorm(u, linearity.attnPostNorm?.(layer), at("attn_out", layer), () => {
      const out = apply(weights, w, z);
      return attnBias ? out.map((value, i) => value + attnBias[i]!) : out;
    });
    const given = project(weights, w, along);
    const headWidth = z.length / info.heads;
    for (let head = 0; head < info.heads; head++) {
      const [from, to] = [head * headWidth, (head + 1) * headWidth];
      parts.push({ kind: "head", layer, head, contribution: dot(given.subarray(from, to), z.subarray(from, to)) });
    }
    if (attnBias) parts.push({ kind: "bias", layer, contribution: dot(along, attnBias) });

    const mlp = dot(u, at("mlp_out", layer));
    const downBias = mlpBias(layer);
    const fromBias = downBias ? dot(u, downBias) : 0;
    parts.push({ kind: "mlp", layer, contribution: mlp - fromBias });
    if (downBias) parts.push({ kind: "bias", layer, contribution: fromBias });
  }
  if (bias !== 0) parts.push({ kind: "bias", contribution: bias });

  function throughNorm(
    direction: Float64Array,
    name: string | undefined,
    added: Float32Array,
    before: () => Float64Array,
  ): Float64Array {
    if (!name) return direction;
    const weight = weights.rows(name, 0, 1);
    const scale = frozenScale(before(), weight, added);
    return direction.map((value, i) => value * weight[i]! * scale);
  }

  /** The down projection's own bias, for a mixture weighed by the router. Models with post-norms have none. */
  function mlpBias(layer: number): Float64Array | undefined {
    const dense = vector(weights, `blk.${layer}.ffn_down.bias`);
    if (dense) return Float64Array.from(dense);
    if (!weights.has(`blk.${layer}.ffn_down_exps.bias`)) return undefined;
    const state = states.get("mlp_post", layer);
    const { biases, routing } = mixtureOutputs(
      weights,
      downProjection(weights, layer).name,
      layer,
      state,
      0,
      at("mlp_out", layer),
    );
    const out = new Float64Array(info.embedding);
    biases?.forEach((one, slot) => one.forEach((value, i) => (out[i]! += routing[slot]! * value)));
    return out;
  }

  const sum = parts.reduce((total, part) => total + part.contribution, 0);
  return { tokens, position, target, foil, logit, sum, remainder: logit - sum, parts };
}
