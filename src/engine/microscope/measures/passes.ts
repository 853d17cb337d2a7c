import type { Intervention, Read, SiteAt } from "../../../contract/sites";
import type { EditUse } from "../../../contract/verbs";
import type { Lab } from "../lab";
import { logSumExp } from "../maths/distributions";
import { checkpoint } from "../probe";

/** How a run is altered; nothing for the plain model. */
export interface Alteration {
  interventions?: Intervention[];
  edits?: EditUse[];
}

/**
 * Tokens run together, about. Sequences of one batch share one cache and each attends over all of its cells (masked), so that
 * large groups cost more a token than small ones; small ones cost more calls.
 */
const tokensTogether = 192;

interface PassOptions extends Alteration {
  signal: AbortSignal;
  /** Where each sequence's prompt ends, for interventions that ask; at its end when absent. */
  prompts?: number[];
  /** Neighbours among the sequences that begin alike have their beginning run once. */
  share?: boolean;
}

/**
 * Runs sequences in groups. Interventions that name sequences are renumbered for each group, so that a caller counts over
 * all of its sequences.
 */
export async function inGroups(
  lab: Lab,
  sequences: number[][],
  reads: Read[],
  options: PassOptions,
  onState: (sequence: number, read: number, position: number, row: Float32Array) => void,
): Promise<void> {
  for (let from = 0, to = 0; from < sequences.length; from = to) {
    checkpoint(options.signal);
    let tokens = 0;
    to = from;
    for (; to < sequences.length; to++) {
      const alone = sequences[to]!.length;
      const more = options.share && to > from ? Math.max(1, alone - common(sequences[to - 1]!, sequences[to]!)) : alone;
      if (to > from && tokens + more > tokensTogether) break;
      tokens += more;
    }
    const group = sequences.slice(from, to);
    await lab.pass({
      sequences: group,
      ...(options.prompts ? { prompts: options.prompts.slice(from, to) } : {}),
      reads,
      interventions: renumbered(options.interventions ?? [], from, group.length),
      ...(options.edits?.length ? { edits: options.edits } : {}),
      ...(options.share ? { share: true } : {}),
      signal: options.signal,
      onChunk: ({ sequence, states }) => {
        states.forEach((state, read) => {
          state.positions.forEach((position, i) => {
            onState(from + sequence, read, position, state.data.subarray(i * state.width, (i + 1) * state.width));
          });
        });
      },
    });
  }
}

/** How many first tokens two sequences have in common. */
function common(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

function renumbered(interventions: Intervention[], from: number, count: number): Intervention[] {
  return interventions.flatMap((each) => {
    if (!each.sequences) return [each];
    const sequences = each.sequences
      .filter((index) => index >= from && index < from + count)
      .map((index) => index - from);
    return sequences.length > 0 ? [{ ...each, sequences }] : [];
  });
}

/** Logits after the last token of each sequence. */
export async function lastLogits(lab: Lab, sequences: number[][], options: PassOptions): Promise<Float32Array[]> {
  const out = new Array<Float32Array>(sequences.length);
  await inGroups(lab, sequences, [{ site: "logits", positions: [-1] }], options, (sequence, _read, _position, row) => {
    out[sequence] = row.slice();
  });
  return out;
}

/** States of several sites at positions counted from each sequence's end: out[sequence][site][position]. */
export async function statesFromEnd(
  lab: Lab,
  sequences: number[][],
  sites: SiteAt[],
  positions: number[],
  options: PassOptions,
): Promise<Float32Array[][][]> {
  const out = sequences.map(() => sites.map(() => new Array<Float32Array>(positions.length)));
  const reads = sites.map((at) => ({ ...at, positions }));
  await inGroups(lab, sequences, reads, options, (sequence, read, position, row) => {
    const fromEnd = position - sequences[sequence]!.length;
    positions.forEach((wanted, i) => {
      if (wanted === fromEnd) out[sequence]![read]![i] = row.slice();
    });
  });
  return out;
}

export interface Continuation {
  /** Log-probability of the whole continuation, nats. */
  logProbability: number;
  /** Every token of it is the likeliest: greedy decoding would say exactly this. */
  greedy: boolean;
  /** How many of its tokens are the likeliest before the first that is not. */
  matched: number;
}

/** How likely each continuation is after its prompt, all tokens at once (teacher forcing). */
export async function continuations(
  lab: Lab,
  pairs: { prompt: number[]; continuation: number[] }[],
  options: PassOptions,
): Promise<Continuation[]> {
  const out = pairs.map((): Continuation => ({ logProbability: 0, greedy: true, matched: 0 }));
  // Sequences of one continuation length share one list of positions.
  const byLength = new Map<number, number[]>();
  pairs.forEach(({ continuation }, i) => {
    byLength.set(continuation.length, [...(byLength.get(continuation.length) ?? []), i]);
  });
  for (const [length, indices] of byLength) {
    if (length === 0) continue;
    const sequences = indices.map((i) => [...pairs[i]!.prompt, ...pairs[i]!.continuation.slice(0, -1)]);
    const positions = Array.from({ length }, (_, i) => i - length);
    const reads: Read[] = [{ site: "logits", positions }];
    const local = { ...localTo(options, indices), prompts: indices.map((i) => pairs[i]!.prompt.length) };
    const broken = new Set<number>();
    const seen = indices.map(() => new Float64Array(length));
    const right = indices.map(() => new Uint8Array(length));
    await inGroups(lab, sequences, reads, local, (sequence, _read, position, row) => {
      const { prompt, continuation } = pairs[indices[sequence]!]!;
      const step = position - (prompt.length - 1);
      const token = continuation[step]!;
      seen[sequence]![step] = row[token]! - logSumExp(row);
      right[sequence]![step] = argmax(row) === token ? 1 : 0;
      if (!right[sequence]![step]) broken.add(sequence);
    });
    indices.forEach((i, sequence) => {
      const firstWrong = right[sequence]!.indexOf(0);
      out[i] = {
        logProbability: seen[sequence]!.reduce((sum, value) => sum + value, 0),
        greedy: !broken.has(sequence),
        matched: firstWrong < 0 ? length : firstWrong,
      };
    });
  }
  return out;
}

/** Interventions whose sequence numbers count within `indices`. */
function localTo(options: PassOptions, indices: number[]): PassOptions {
  if (!options.interventions?.some(({ sequences }) => sequences)) return options;
  const place = new Map(indices.map((index, at) => [index, at]));
  const interventions = options.interventions.flatMap((each) => {
    if (!each.sequences) return [each];
    const sequences = each.sequences.flatMap((index) => place.get(index) ?? []);
    return sequences.length > 0 ? [{ ...each, sequences }] : [];
  });
  return { ...options, interventions };
}

export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
