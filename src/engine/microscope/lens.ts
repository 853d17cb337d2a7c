import { fail } from "../../contract/errors";
import type { LensParams, LensProgress, LensResult } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { ModelInfo } from "../../contract/model";
import type { Read, Site, SiteAt } from "../../contract/sites";
import type { LensCell, State, UnembedResult } from "../../contract/verbs";
import { finalNormOf, normRows, type FinalNorm } from "./finalNorm";
import { openTunedLens, translate, type TunedLens } from "./files/tunedLensFile";
import type { Lab } from "./lab";
import { oneToken, probeTokens, requireCount, requireSite } from "./probe";

/** Sites whose rows live in the stream and can be unembedded. */
const streamSites: readonly Site[] = ["embed", "resid_pre", "attn_out", "resid_mid", "mlp_out", "resid_post"];

/** Vectors unembedded in one call: the engine unembeds them in pieces of its own. */
const vectorsAtOnce = 1024;

/** Positions whose states are held at once: memory is this times rows times width. */
const positionsAtOnce = 128;

/**
 * The logit lens (nostalgebraist 2020): every site of the stream through the model's own last norm and unembedding, a row a
 * site, a column a position. The last row is the model's own output: it is unembedded from what the model itself
 * normed. With `tuned`, each layer's state first goes through its translator (Belrose et al. 2023, 2303.08112).
 * A cancelled run gives the columns it finished, marked partial.
 */
export async function lens(lab: Lab, params: LensParams, context: CallContext<LensProgress>): Promise<LensResult> {
  requireCount(params.top, "The number of tokens shown", 1, 100);
  const rows = lensRows(lab.info, params.sites);
  const target = params.target === undefined ? undefined : oneToken(lab, params.target, "target");
  const tuned = params.tuned === undefined ? undefined : openTunedLens(params.tuned, lab.info);
  const tokens = await probeTokens(lab, params.input);
  const norm = finalNormOf(lab);
  const cells: LensCell[][] = rows.map(() => []);
  context.progress({ tokens, rows, fraction: 0 });

  const finish = (partial: boolean): LensResult => ({ tokens, rows, cells, target, partial });
  try {
    await lab.pass({
      sequences: [tokens.map(({ id }) => id)],
      reads: lensReads(rows),
      interventions: params.interventions,
      edits: params.edits,
      chunk: positionsAtOnce,
      signal: context.signal,
      onChunk: async ({ from, count, states }) => {
        // All rows of a few positions go together, so that the output they are compared with is unembedded once.
        const step = Math.max(1, Math.floor(vectorsAtOnce / rows.length));
        for (let at = 0; at < count && !context.signal.aborted; at += step) {
          const positions = Math.min(step, count - at);
          const piece = await unembedPiece(lab, {
            rows,
            states,
            at,
            positions,
            norm,
            tuned,
            top: params.top,
            target: target?.id,
          });
          rows.forEach((_, row) => {
            const fresh = piece.slice(row * positions, (row + 1) * positions);
            cells[row]!.push(...fresh);
            const fraction = (from + at + positions) / tokens.length;
            context.progress({ chunk: { row, from: from + at, cells: fresh }, fraction });
          });
        }
      },
    });
  } catch (error) {
    if (context.signal.aborted && cells[0]!.length > 0) return finish(true);
    throw error;
  }
  return finish(cells[0]!.length < tokens.length);
}

/** Rows in depth order; the model's own output is always the last. */
export function lensRows(info: ModelInfo, sites: readonly Site[]): SiteAt[] {
  if (sites.length === 0)
    fail("badArgument", "No site was asked for.", { remedy: "Give at least one, such as resid_post." });
  for (const site of sites) {
    if (site !== "logits" && !streamSites.includes(site))
      fail("noSuchSite", `'${site}' is not a state of the stream; the lens reads ${streamSites.join(", ")}.`);
    if (site !== "logits") requireSite(info, site);
  }
  const rows: SiteAt[] = sites.includes("embed") ? [{ site: "embed" }] : [];
  for (let layer = 0; layer < info.layers; layer++)
    for (const site of streamSites) if (site !== "embed" && sites.includes(site)) rows.push({ site, layer });
  if (!sites.includes("resid_post")) rows.push({ site: "logits" });
  return rows;
}

/** The last row is read after the model's own norm, so that nothing is computed twice or differently. */
const lensReads = (rows: SiteAt[]): Read[] =>
  rows.map((row, index) =>
    index === rows.length - 1 ? { site: "final_norm", positions: "all" } : { ...row, positions: "all" },
  );

interface Piece {
  rows: SiteAt[];
  states: State[];
  /** First position, within the chunk. */
  at: number;
  positions: number;
  norm: FinalNorm;
  tuned: TunedLens | undefined;
  top: number;
  target: number | undefined;
}

async function unembedPiece(lab: Lab, piece: Piece): Promise<LensCell[]> {
  const { rows, states, at, positions, norm } = piece;
  const width = norm.weight.length;
  const last = rows.length - 1;
  const vectors = new Float32Array(rows.length * positions * width);
  states.forEach((state, row) => {
    let part = state.data.subarray(at * width, (at + positions) * width);
    if (row === last) return vectors.set(part, row * positions * width);
    if (piece.tuned) part = translate(piece.tuned, rows[row]!, part);
    normRows(part, norm, vectors, row * positions);
  });
  const count = rows.length * positions;
  const reference = Int32Array.from({ length: count }, (_, i) => last * positions + (i % positions));
  const targets = piece.target === undefined ? [] : [piece.target];
  const result = await lab.unembed({ vectors, count, norm: false, top: piece.top, targets, reference });
  return Array.from({ length: count }, (_, i) => lensCell(lab, result, i, piece.top, targets.length));
}

/** One row of an unembedding as a cell. */
export function lensCell(lab: Lab, result: UnembedResult, index: number, top: number, targets: number): LensCell {
  return {
    top: Array.from({ length: top }, (_, k) => {
      const id = result.ids[index * top + k]!;
      return { id, text: lab.token(id).text, p: result.values[index * top + k]! };
    }),
    entropy: result.entropy[index]!,
    kl: result.kl[index]!,
    p: targets > 0 ? Math.exp(result.logProbs[index * targets]!) : -1,
    rank: targets > 0 ? result.ranks[index * targets]! : -1,
  };
}
