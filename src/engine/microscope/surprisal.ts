import { fail } from "../../contract/errors";
import type { Fraction, SurprisalParams, SurprisalResult, SurprisalToken } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { Lab } from "./lab";
import { requireSite } from "./probe";
import { tokenOffsets } from "./offsets";

/** Vectors unembedded in one call. */
const rowsAtOnce = 512;
/** Share of a window that is read again for its context when a text is longer than the model's. */
const overlapShare = 0.25;

interface Window {
  /** Tokens [from, to) are read; those from `fresh` on are new. */
  from: number;
  fresh: number;
  to: number;
}

/**
 * How surprising each token of a text is to the model: -ln p given what stands before it, the entropy of what it expected, the
 * rank of what came and the alternatives. A text longer than the context is read in overlapping windows, so that every
 * token but the first ones has at least the overlap before it. With `from`, only tokens that end after that UTF-16
 * offset are given, and no more text than their context needs is read.
 */
export async function surprisal(
  lab: Lab,
  params: SurprisalParams,
  context: CallContext<Fraction>,
): Promise<SurprisalResult> {
  requireSite(lab.info, "final_norm");
  const top = params.top ?? 0;
  if (!Number.isInteger(top) || top < 0 || top > 100) fail("badArgument", "Alternatives are 0 to 100.");
  if (params.text === "") fail("badArgument", "The text is empty.", { remedy: "Give some text." });
  const rendered = await lab.render({ kind: "prompt", text: params.text });
  const places = tokenOffsets(params.text, rendered);
  const tokens: SurprisalToken[] = rendered.map((token, i) => ({
    ...token,
    ...places[i]!,
    surprisal: null,
    entropy: null,
    rank: null,
    top: [],
  }));
  const first = firstWanted(tokens, params.from ?? 0);
  const size = Math.min(lab.info.context, 2048);
  const overlap = Math.floor(size * overlapShare);
  const windows = windowsOf(tokens.length, size, overlap, first);
  const total = windows.reduce((sum, window) => sum + window.to - window.from, 0);
  let done = 0;
  for (const window of windows) {
    await lab.pass({
      sequences: [tokens.slice(window.from, window.to).map(({ id }) => id)],
      reads: [{ site: "final_norm", positions: "all" }],
      signal: context.signal,
      onChunk: async ({ from, count, states }) => {
        for (let at = 0; at < count; at += rowsAtOnce) {
          const rows = Math.min(rowsAtOnce, count - at);
          await fillIn(lab, tokens, window, from + at, states[0]!.data, at, rows, top);
        }
        context.progress({ done: (done += count), total });
      },
    });
  }
  const wanted = tokens.slice(first);
  const known = wanted.flatMap((token) => (token.surprisal === null ? [] : [token.surprisal]));
  const mean = known.length === 0 ? 0 : known.reduce((a, b) => a + b, 0) / known.length;
  return { tokens: wanted, perplexity: Math.exp(mean), overlap: windows.length > 1 ? overlap : 0 };
}

function firstWanted(tokens: SurprisalToken[], from: number): number {
  if (from <= 0) return 0;
  const found = tokens.findIndex(({ end }) => end > from);
  return found < 0 ? tokens.length : found;
}

/** Windows that give every token from `first` on its surprisal, each new part after at least `overlap` known tokens. */
export function windowsOf(count: number, size: number, overlap: number, first = 0): Window[] {
  const windows: Window[] = [];
  let fresh = first;
  while (fresh < count) {
    // What is predicted first needs its context; a fresh text begins at its beginning.
    const from = fresh + (count - fresh) <= size ? 0 : Math.max(0, fresh - overlap);
    const to = Math.min(count, from + size);
    windows.push({ from, fresh, to });
    fresh = to;
  }
  return windows;
}

/** Row p predicts token p + 1 of the window. */
async function fillIn(
  lab: Lab,
  tokens: SurprisalToken[],
  window: Window,
  first: number,
  data: Float32Array,
  at: number,
  rows: number,
  top: number,
): Promise<void> {
  const wanted: number[] = [];
  for (let r = 0; r < rows; r++) {
    const next = window.from + first + r + 1;
    if (next >= window.fresh && next < window.to) wanted.push(r);
  }
  if (wanted.length === 0) return;
  const width = lab.info.embedding;
  const vectors = new Float32Array(wanted.length * width);
  wanted.forEach((r, k) => vectors.set(data.subarray((at + r) * width, (at + r + 1) * width), k * width));
  const next = wanted.map((r) => tokens[window.from + first + r + 1]!);
  const rowTargets = Int32Array.from(next, ({ id }) => id);
  const kept = Math.max(1, top);
  const result = await lab.unembed({ vectors, count: wanted.length, norm: false, top: kept, rowTargets });
  next.forEach((token, k) => {
    token.surprisal = -result.logProbs[k]!;
    token.rank = result.ranks[k]!;
    token.entropy = result.entropy[k]!;
    token.top = Array.from({ length: top }, (_, j) => {
      const id = result.ids[k * kept + j]!;
      return { id, text: lab.token(id).text, p: result.values[k * kept + j]! };
    });
  });
}
