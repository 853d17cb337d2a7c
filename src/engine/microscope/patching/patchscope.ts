import type { PatchscopeParams, PatchscopeResult } from "../../../contract/acting";
import { greedy, type Generated, type Input } from "../../../contract/verbs";
import type { Progressing } from "../directions/extract";
import type { Lab } from "../lab";
import { checkpoint, layersOf, positionOf, probeTokens, requireCount, requireLayer, requireSite } from "../probe";
import { cleanStates } from "./patch";

/** Asks for the identity of its last token by example (Ghandeharioun et al. 2024, 2401.06102, section 4.1). */
const identity: Input = { kind: "prompt", text: "cat -> cat\n1135 -> 1135\nhello -> hello\n?" };

/**
 * A state of one run is put into another prompt that asks the model to say what it is. Without a layer: every layer, a row each.
 */
export async function patchscope(lab: Lab, params: PatchscopeParams, run: Progressing): Promise<PatchscopeResult> {
  requireSite(lab.info, "resid_post");
  const max = params.max ?? 8;
  requireCount(max, "The number of tokens", 1, 512);
  const tokens = await probeTokens(lab, params.input);
  const position = positionOf(params.position, tokens.length);
  const into = params.into ?? identity;
  const receiving = await probeTokens(lab, into);
  const at = positionOf(params.at ?? -1, receiving.length);
  const layers = params.layer === undefined ? layersOf(lab.info) : [params.layer];
  [...layers, ...(params.intoLayer === undefined ? [] : [params.intoLayer])].forEach((layer) =>
    requireLayer(lab.info, layer),
  );
  const states = await cleanStates(
    lab,
    tokens.map(({ id }) => id),
    "resid_post",
    layers,
    run.signal,
  );

  const say = async (values?: Float32Array, layer = 0): Promise<Generated> => {
    const interventions = values
      ? [{ site: "resid_post" as const, layer, where: [at], operation: "patch" as const, values }]
      : [];
    const { forks } = await lab.generate({ input: into, sampling: greedy, max, top: 0, interventions }, run.signal);
    return forks[0]!;
  };
  const plain = await say();
  const rows: PatchscopeResult["rows"] = [];
  for (const layer of layers) {
    checkpoint(run.signal);
    const said = await say(states(layer, position), params.intoLayer ?? layer);
    rows.push({
      layer,
      text: said.text,
      tokens: said.tokens.map(({ id, text, bytes }) => ({ id, text, ...(bytes ? { bytes } : {}) })),
      p: said.tokens[0]?.p ?? 0,
    });
    run.progress(rows.length, layers.length, "asking");
  }
  return { source: tokens[position]!, rows, plain: plain.text };
}
