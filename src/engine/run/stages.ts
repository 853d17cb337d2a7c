import type { Intervention } from "../../contract/sites";
import type { PassRequest } from "./pass";
import { resolvePositions, resolveWhere } from "./positions";

/** Positions [from, to) of a sequence. */
export interface Span {
  sequence: number;
  /** The context's own number for it. */
  slot: number;
  from: number;
  to: number;
}

/** What runs after the one before: first the cache is shared, then the spans go through the model. */
export interface Stage {
  shares: { from: number; to: number; length: number }[];
  spans: Span[];
}

/** Below this a call of its own for a beginning costs more than it saves. */
const worthwhile = 4;

/**
 * The order in which a group of sequences runs. Where the request allows it, neighbours that begin alike have their beginning
 * run once: up to the first token in which they differ, that is read, or where something acts on one of them alone.
 */
export function stagesOf(request: PassRequest, group: readonly number[]): Stage[] {
  const whole = group.map((sequence, slot): Span => {
    return { sequence, slot, from: 0, to: request.sequences[sequence]!.length };
  });
  const runs = request.share ? runsOf(request, whole) : [];
  if (runs.length === 0) return [{ shares: [], spans: whole }];
  const first: Stage = { shares: [], spans: [] };
  const rest: Stage = { shares: [], spans: whole };
  for (const { members, length } of runs) {
    const leader = members[0]!;
    first.spans.push({ ...leader, to: length });
    for (const member of members) {
      member.from = length;
      if (member !== leader) rest.shares.push({ from: leader.slot, to: member.slot, length });
    }
  }
  return [first, rest];
}

interface Run {
  members: Span[];
  /** Tokens they have in common. */
  length: number;
}

function runsOf(request: PassRequest, spans: readonly Span[]): Run[] {
  const free = spans.map(({ sequence }) => untouched(request, sequence));
  const runs: Run[] = [];
  for (const [i, span] of spans.entries()) {
    const run = runs.at(-1);
    const leader = run?.members[0];
    const length = leader
      ? Math.min(run.length, free[i]!, common(request.sequences[leader.sequence]!, request.sequences[span.sequence]!))
      : 0;
    // One that would cost its neighbours most of what they share begins anew.
    if (run && length >= worthwhile && 2 * length >= run.length) {
      run.members.push(span);
      run.length = length;
    } else runs.push({ members: [span], length: free[i]! });
  }
  return runs.filter(({ members }) => members.length > 1);
}

/** How many of a sequence's first tokens nothing is read of and nothing is done to that is not done to all sequences. */
function untouched({ sequences, prompts, reads, interventions, logits }: PassRequest, sequence: number): number {
  const { length } = sequences[sequence]!;
  const prompt = prompts?.[sequence] ?? length;
  if (logits === "all") return 0;
  const limits = [prompt - 1, length - 1];
  for (const { site, positions } of reads) {
    // A pattern's columns are cells of the cache in the order of the sequence.
    if (site === "pattern") return 0;
    limits.push(...resolvePositions(positions, length));
  }
  for (const each of interventions ?? []) {
    if (each.sequences?.includes(sequence) !== false) limits.push(firstOwn(each, prompt));
  }
  return Math.max(
    0,
    limits.reduce((least, value) => Math.min(least, value), length),
  );
}

/** The first position at which an intervention may do to one sequence what it does not do to another. */
function firstOwn({ where, sequences }: Intervention, prompt: number): number {
  if (typeof where === "string") {
    if (where === "generated") return prompt;
    if (where === "lastPrompt") return prompt - 1;
    return sequences === undefined ? prompt : 0;
  }
  if (sequences === undefined && where.every((position) => position >= 0)) return prompt;
  return Math.min(...resolveWhere(where, prompt, prompt));
}

function common(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
