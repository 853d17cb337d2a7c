import { fail } from "../../contract/errors";
import type { AttentionParams, AttentionResult } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { State } from "../../contract/verbs";
import type { Lab } from "./lab";
import { probeTokens, requireLayer, requireSite } from "./probe";

/** A pattern has heads x tokens x tokens numbers; beyond this it is no picture any more. */
const numbersAtMost = 1 << 26;

/**
 * Attention weights of one layer, query by key, head by head and averaged. Rows sum to 1, or to less where the model has
 * learnt sinks (gpt-oss), whose share belongs to no token. `sink` is what a head leaves on the first token, the mean over
 * the queries after it: most heads rest there when they have nothing to say (Xiao et al. 2023).
 */
export async function attention(
  lab: Lab,
  params: AttentionParams,
  context: CallContext<never>,
): Promise<AttentionResult> {
  const { info } = lab;
  requireSite(info, "pattern");
  requireLayer(info, params.layer);
  const { head } = params;
  if (head !== undefined && (!Number.isInteger(head) || head < 0 || head >= info.heads))
    fail("noSuchSite", `There is no head ${head}; this model's are 0 to ${info.heads - 1}.`);
  const tokens = await probeTokens(lab, params.input);
  const n = tokens.length;
  if (info.heads * n * n > numbersAtMost)
    fail("tooLarge", `The patterns of ${n} tokens and ${info.heads} heads are too many numbers.`, {
      remedy: "Choose a shorter part of the text.",
    });
  const all = new Float32Array(info.heads * n * n);
  await lab.pass({
    sequences: [tokens.map(({ id }) => id)],
    reads: [{ site: "pattern", layer: params.layer, positions: "all" }],
    interventions: params.interventions,
    edits: params.edits,
    signal: context.signal,
    onChunk: ({ from, count, states }) => place(all, states[0]!, { heads: info.heads, n, from, count }),
  });
  const pattern = (h: number) => rowsOf(all.subarray(h * n * n, (h + 1) * n * n), n);
  const heads = head === undefined ? Array.from({ length: info.heads }, (_, h) => h) : [head];
  const mean = new Float32Array(n * n);
  for (let h = 0; h < info.heads; h++) for (let i = 0; i < n * n; i++) mean[i]! += all[h * n * n + i]! / info.heads;
  return {
    tokens,
    layer: params.layer,
    heads: heads.map((h) => ({ head: h, pattern: pattern(h), sink: sinkShare(all, h, n) })),
    mean: rowsOf(mean, n),
  };
}

/** Puts a chunk's queries in their place; its keys are as many as had been read by then. */
function place(
  all: Float32Array,
  state: State,
  { heads, n, from, count }: { heads: number; n: number; from: number; count: number },
): void {
  const keys = state.width;
  for (let h = 0; h < heads; h++) {
    for (let q = 0; q < count; q++) {
      const at = (h * count + q) * keys;
      all.set(state.data.subarray(at, at + Math.min(keys, n)), (h * n + from + q) * n);
    }
  }
}

function sinkShare(all: Float32Array, head: number, n: number): number {
  if (n === 1) return 1;
  let sum = 0;
  for (let q = 1; q < n; q++) sum += all[(head * n + q) * n]!;
  return sum / (n - 1);
}

const rowsOf = (square: Float32Array, n: number): number[][] =>
  Array.from({ length: n }, (_, q) => [...square.subarray(q * n, (q + 1) * n)]);
