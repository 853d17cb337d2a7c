import type { PatchParams, PatchResult } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { Intervention } from "../../../contract/sites";
import type { Token } from "../../../contract/token";
import type { Progressing } from "../directions/extract";
import type { Lab } from "../lab";
import { inGroups, lastLogits } from "../measures/passes";
import { layersOf, oneToken, positionOf, probeTokens, requireLayer, requireSite } from "../probe";

/** Runs of one batch: each is the corrupt prompt with one place taken from the clean run. */
const together = 32;

/**
 * Activation patching (Vig et al. 2020): the corrupt prompt is run once for every row and position, with that one state taken from the clean
 * run; what comes back of the logit difference is drawn. Many runs share a batch. Where the two prompts do not yet differ
 * nothing can come back, and nothing is run.
 */
export async function patch(lab: Lab, params: PatchParams, run: Progressing): Promise<PatchResult> {
  const site = params.heads ? "z" : params.site;
  requireSite(lab.info, site);
  if (site === "logits" || site === "pattern" || site === "final_norm" || site === "embed") {
    fail("noSuchSite", `Patching goes layer by layer; '${site}' has none, or cannot be written.`, {
      remedy: "Use resid_pre, attn_out, resid_mid, mlp_post, mlp_out, resid_post or z.",
    });
  }
  const clean = await probeTokens(lab, params.clean);
  const corrupt = await probeTokens(lab, params.corrupt);
  if (clean.length !== corrupt.length) {
    fail("badArgument", `The prompts have ${clean.length} and ${corrupt.length} tokens; positions must correspond.`, {
      remedy: "Write both with the same number of tokens.",
      details: { clean: clean.map(({ text }) => text), corrupt: corrupt.map(({ text }) => text) },
    });
  }
  const firstDifference = clean.findIndex(({ id }, i) => id !== corrupt[i]!.id);
  if (firstDifference < 0) fail("badArgument", "The two prompts are the same.");
  const target = oneToken(lab, params.target, "target");
  const foil = oneToken(lab, params.foil, "foil");
  const layers = params.layers ?? layersOf(lab.info);
  layers.forEach((layer) => requireLayer(lab.info, layer));
  const positions = (params.positions ?? clean.map((_, i) => i)).map((at) => positionOf(at, clean.length));
  const rows: { layer: number; head?: number }[] = params.heads
    ? layers.flatMap((layer) => Array.from({ length: lab.info.heads }, (_, head) => ({ layer, head })))
    : layers.map((layer) => ({ layer }));

  const measure = (logits: Float32Array) => logits[target.id]! - logits[foil.id]!;
  const ids = { clean: clean.map(({ id }) => id), corrupt: corrupt.map(({ id }) => id) };
  const [cleanLogits, corruptLogits] = await lastLogits(lab, [ids.clean, ids.corrupt], run);
  const ends = { clean: measure(cleanLogits!), corrupt: measure(corruptLogits!) };
  if (Math.abs(ends.clean - ends.corrupt) < 1e-4) {
    fail("badArgument", "Both prompts give the same logit difference: there is nothing to bring back.", {
      remedy: "Choose a target and a foil on which the two prompts differ.",
    });
  }

  const states = await cleanStates(lab, ids.clean, site, layers, run.signal);
  // By position: what comes before the first patched place of a batch is run once.
  const cells = rows
    .flatMap((row, r) =>
      positions.flatMap((position, p) => (position < firstDifference ? [] : [{ row, r, position, p }])),
    )
    .sort((a, b) => a.position - b.position);
  const restored = rows.map(() => positions.map((position) => (position < firstDifference ? 0 : NaN)));
  let partial = false;
  for (let from = 0; from < cells.length && !partial; from += together) {
    if (run.signal.aborted) {
      partial = true;
      break;
    }
    const group = cells.slice(from, from + together);
    const interventions = group.map(({ row, position }, i): Intervention => {
      const state = states(row.layer, position);
      const at = { site, layer: row.layer, where: [position], sequences: [i] };
      if (row.head === undefined) return { ...at, operation: "patch", values: state };
      const width = state.length / lab.info.heads;
      const values = state.slice(row.head * width, (row.head + 1) * width);
      return { ...at, operation: "set", indices: [row.head], unit: "head", values };
    });
    const logits = await lastLogits(
      lab,
      group.map(() => ids.corrupt),
      { interventions, signal: run.signal, share: true },
    );
    group.forEach(({ r, p }, i) => {
      restored[r]![p] = (measure(logits[i]!) - ends.corrupt) / (ends.clean - ends.corrupt);
    });
    run.progress(Math.min(cells.length, from + together), cells.length, "patching");
  }
  return { site, rows, positions, restored, ...ends, tokens: { clean, corrupt }, target, foil, partial };
}

/** Every state of the clean run at one site, by layer and position. */
export async function cleanStates(
  lab: Lab,
  ids: number[],
  site: PatchParams["site"],
  layers: number[],
  signal: AbortSignal,
): Promise<(layer: number, position: number) => Float32Array> {
  const kept = new Map<string, Float32Array>();
  const reads = layers.map((layer) => ({ site, layer, positions: "all" as const }));
  await inGroups(lab, [ids], reads, { signal }, (_sequence, read, position, row) => {
    kept.set(`${layers[read]}.${position}`, row.slice());
  });
  return (layer, position) => kept.get(`${layer}.${position}`) ?? fail("internal", "A clean state is missing.");
}

/** Positions of a text within a prompt's tokens: the tokens that hold any part of its last occurrence. */
export function spanOf(tokens: readonly Token[], text: string, what: string): { from: number; to: number } {
  const decoder = new TextDecoder();
  const pieces = tokens.map((token) => token.bytes ?? [...Buffer.from(token.text, "utf8")]);
  const whole = Buffer.from(pieces.flat());
  const wanted = Buffer.from(text.trim(), "utf8");
  const at = wanted.length === 0 ? -1 : whole.lastIndexOf(wanted);
  if (at < 0) {
    fail("badArgument", `The ${what} '${text}' does not occur in the prompt.`, {
      remedy: `The prompt is '${decoder.decode(whole).slice(0, 200)}'.`,
    });
  }
  let offset = 0;
  const inside: number[] = [];
  pieces.forEach((bytes, i) => {
    if (offset < at + wanted.length && offset + bytes.length > at) inside.push(i);
    offset += bytes.length;
  });
  return { from: inside[0]!, to: inside.at(-1)! };
}
