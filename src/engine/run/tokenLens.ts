import type { Read, Site, SiteAt } from "../../contract/sites";
import { layerlessSites } from "../../contract/sites";
import type { LensCell } from "../../contract/verbs";
import type { Row } from "./branch";
import type { Session } from "./session";
import { unembed } from "./unembed";

/** Order of sites within a block. */
const depth: readonly Site[] = ["resid_pre", "attn_out", "resid_mid", "mlp_out", "resid_post"];

/** Sites of the stream's width, which can be unembedded. */
export const lensSites: readonly Site[] = ["embed", ...depth];

/** What a lens reads and shows. */
export interface LensPlan {
  /** In depth order. */
  rows: SiteAt[];
  /** Tokens a cell. */
  top: number;
  /** The rows' states, then the last stream's unless it is a row. */
  reads: Read[];
  /** Where among the states the last stream is: what is unembedded of it is the model's own output. */
  output: number;
}

export function lensPlan({ sites, top }: { sites: readonly Site[]; top: number }, layers: number): LensPlan {
  const rows: SiteAt[] = sites.includes("embed") ? [{ site: "embed" }] : [];
  for (let layer = 0; layer < layers; layer++) {
    for (const site of depth) if (sites.includes(site) && !layerlessSites.includes(site)) rows.push({ site, layer });
  }
  const reads = rows.map((row): Read => ({ ...row, positions: "last" }));
  const shown = rows.findIndex(({ site, layer }) => site === "resid_post" && layer === layers - 1);
  if (shown < 0) reads.push({ site: "resid_post", layer: layers - 1, positions: "last" });
  return { rows, top, reads, output: shown < 0 ? rows.length : shown };
}

/** Some rows of one position. */
export interface Wanted {
  /** In the order of the plan's reads. */
  states: readonly Float32Array[];
  rows: readonly number[];
}

/** The vectors that rows take to unembed: themselves, and what they are compared with. */
export function vectorsOf({ output }: LensPlan, rows: readonly number[]): number {
  return rows.length + (rows.includes(output) ? 0 : 1);
}

/** Rows of several positions through the final norm and the unembedding in one go, each against its model's own output. */
export async function unembedRows(
  session: Session,
  plan: LensPlan,
  columns: readonly Wanted[],
  signal: AbortSignal,
): Promise<LensCell[][]> {
  const parts: Float32Array[] = [];
  const reference: number[] = [];
  const begins = columns.map(({ states, rows }) => {
    const begin = parts.length;
    const own = rows.indexOf(plan.output);
    for (const row of rows) parts.push(states[row]!);
    if (own < 0) parts.push(states[plan.output]!);
    const output = begin + (own < 0 ? rows.length : own);
    while (reference.length < parts.length) reference.push(output);
    return begin;
  });
  const width = session.model.embedding;
  const vectors = new Float32Array(parts.length * width);
  parts.forEach((part, index) => vectors.set(part, index * width));
  const result = await unembed(
    session,
    { vectors, count: parts.length, norm: true, top: plan.top, reference: Int32Array.from(reference) },
    signal,
  );
  const each = result.ids.length / parts.length;
  return columns.map(({ rows }, column) =>
    rows.map((_, index): LensCell => {
      const at = begins[column]! + index;
      const ids = result.ids.subarray(at * each, (at + 1) * each);
      return {
        top: Array.from(ids, (id, k) => ({
          id,
          text: session.model.vocabulary.token(id).text,
          p: result.values[at * each + k]!,
        })),
        entropy: result.entropy[at]!,
        kl: result.kl[at]!,
        p: -1,
        rank: -1,
      };
    }),
  );
}

/** The model's own output as a cell: it is there anyway. */
export function outputCell(session: Session, { ids, logits, logZ, entropy }: Row, top: number): LensCell {
  return {
    top: Array.from(ids.subarray(0, top), (id, index) => ({
      id,
      text: session.model.vocabulary.token(id).text,
      p: Math.exp(logits[index]! - logZ),
    })),
    entropy,
    kl: 0,
    p: -1,
    rank: -1,
  };
}
