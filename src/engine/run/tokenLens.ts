import type { Read, Site, SiteAt } from "../../contract/sites";
import { layerlessSites } from "../../contract/sites";
import type { LensCell, State, TokenLens } from "../../contract/verbs";
import type { Session } from "./session";
import { unembed } from "./unembed";

/** Order of sites within a block. */
const depth: readonly Site[] = ["resid_pre", "attn_out", "resid_mid", "mlp_out", "resid_post"];

/** The rows of a lens in depth order; only sites of the stream's width have one. */
export function lensRows(sites: readonly Site[], layers: number): SiteAt[] {
  const rows: SiteAt[] = sites.includes("embed") ? [{ site: "embed" }] : [];
  for (let layer = 0; layer < layers; layer++) {
    for (const site of depth) if (sites.includes(site) && !layerlessSites.includes(site)) rows.push({ site, layer });
  }
  return rows;
}

/** Reads of the states a lens needs: its rows, and the last stream, which gives the model's own output. */
export function lensReads(rows: readonly SiteAt[], layers: number): Read[] {
  const last: SiteAt = { site: "resid_post", layer: layers - 1 };
  return [...rows, last].map((row) => ({ ...row, positions: "last" }));
}

/** The lens of one position: every row through the final norm and the unembedding, against the model's own output. */
export async function tokenLens(
  session: Session,
  rows: readonly SiteAt[],
  states: readonly State[],
  top: number,
  signal: AbortSignal,
): Promise<TokenLens> {
  const width = session.model.embedding;
  const count = rows.length + 1;
  const vectors = new Float32Array(count * width);
  states.slice(0, count).forEach(({ data }, index) => vectors.set(data.subarray(data.length - width), index * width));
  const reference = new Int32Array(count).fill(count - 1);
  const result = await unembed(session, { vectors, count, norm: true, top, reference }, signal);
  const cells = rows.map((_, row): LensCell => ({
    top: Array.from({ length: Math.min(top, result.ids.length / count) }, (_unused, index) => {
      const at = (row * result.ids.length) / count + index;
      const id = result.ids[at]!;
      return { id, text: session.model.vocabulary.token(id).text, p: result.values[at]! };
    }),
    entropy: result.entropy[row]!,
    kl: result.kl[row]!,
    p: -1,
    rank: -1,
  }));
  return { rows: [...rows], cells };
}
