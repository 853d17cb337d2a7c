import { fail } from "../../contract/errors";
import type { Intervention, Read } from "../../contract/sites";
import type { EditUse, State } from "../../contract/verbs";
import { batchSize } from "../llama/context";
import { Watch } from "../llama/hooks";
import { Alterations } from "./alterations";
import { breathe } from "./lock";
import { Readings } from "./readings";
import { RunningBatch } from "./runningBatch";
import type { Hooked, Session } from "./session";
import { stagesOf, type Span } from "./stages";

/** Sequences on their way through the model. */
export interface PassRequest {
  sequences: readonly (readonly number[])[];
  /** How many tokens of each sequence are its prompt; all of them when absent. */
  prompts?: readonly number[];
  reads: readonly Read[];
  interventions?: readonly Intervention[];
  edits?: readonly EditUse[];
  logits?: "none" | "last" | "all";
  /** Tokens run at once, at most. */
  chunk?: number;
  /** Sequences that begin alike may have their beginning run once; parts then come without the positions shared. */
  share?: boolean;
  signal: AbortSignal;
  onPart(part: PassPart): void | Promise<void>;
}

/** What one chunk of one sequence gave. */
export interface PassPart {
  sequence: number;
  from: number;
  count: number;
  /** In the order of the reads, each for those positions of the chunk that were asked. */
  states: State[];
  /** Rows of `vocabulary` numbers, where logits were asked. */
  logits?: { positions: number[]; data: Float32Array };
}

/**
 * Runs sequences from their beginnings through the exact context, as many at once as it holds, with interventions written
 * and states read on the way. Memory is bounded by the chunk: what is kept is the caller's choice.
 */
export async function runPass(session: Session, request: PassRequest): Promise<void> {
  const { signal } = request;
  signal.throwIfAborted();
  check(session, request);
  // Who reads may unembed while the pass holds the context: what that needs is found before.
  if (session.sites.table) await session.head();
  const hooked = session.exact();
  await hooked.lock.run(async () => {
    session.useEdits(hooked.context, request.edits ?? []);
    for (const group of groups(request.sequences, hooked.context.size, session.sequences)) {
      await runGroup(session, hooked, request, group);
    }
  }, signal);
}

function check(session: Session, { sequences, prompts }: PassRequest): void {
  const { model, options } = session;
  sequences.forEach((tokens, index) => {
    if (tokens.length === 0) fail("badArgument", "A prompt without tokens cannot be run.");
    if (tokens.length > options.context) {
      fail("contextFull", `${tokens.length} tokens do not fit the context of ${options.context}.`, {
        remedy: "Shorten the text, or load the model with a longer context.",
        details: { tokens: tokens.length, context: options.context },
      });
    }
    for (const token of tokens) model.vocabulary.check(token);
    const prompt = prompts?.[index] ?? tokens.length;
    if (prompt < 0 || prompt > tokens.length) fail("badArgument", "A prompt cannot be longer than its sequence.");
  });
}

/** Sequences that fit the cache together. */
function groups(sequences: readonly (readonly number[])[], cells: number, most: number): number[][] {
  const result: number[][] = [];
  let group: number[] = [];
  let used = 0;
  sequences.forEach(({ length }, index) => {
    if (group.length === most || (group.length > 0 && used + length > cells)) {
      result.push(group);
      group = [];
      used = 0;
    }
    group.push(index);
    used += length;
  });
  if (group.length > 0) result.push(group);
  return result;
}

async function runGroup(session: Session, hooked: Hooked, request: PassRequest, group: number[]): Promise<void> {
  const { context, hooks } = hooked;
  const { signal } = request;
  const cells = cellsOf(request.sequences, group);
  const alterations = new Alterations(session, request.interventions ?? []);
  const lengths = request.sequences.map((tokens, index) => ({ length: tokens.length, cell: cells.get(index) ?? 0 }));
  const readings = new Readings(session, request.reads, lengths);
  let running: RunningBatch | undefined;
  const watch = watchFor(readings, alterations, () => running!);
  watch.stopWhenDone = (request.logits ?? "none") === "none" && session.onOneDevice;
  context.clear();
  try {
    // A memory that cannot be cut cannot be shared either.
    for (const { shares, spans } of stagesOf(session.model.cacheable ? request : { ...request, share: false }, group)) {
      for (const { from, to, length } of shares) context.share(from, to, length);
      for (const batch of batches(request, spans, readings, alterations)) {
        running = batch;
        readings.begin(batch);
        hooks.set(watch);
        await context.decode(batch.batch, signal);
        hooks.check();
        hooks.set(undefined);
        for (let index = 0; index < batch.segments.length; index++) {
          await request.onPart(partOf(session, hooked, request, batch, index, readings));
        }
        await breathe();
        signal.throwIfAborted();
      }
    }
  } finally {
    hooks.set(undefined);
    context.clear();
  }
}

/** The cache fills from its beginning, in the order the tokens come. */
function cellsOf(sequences: readonly (readonly number[])[], group: number[]): Map<number, number> {
  const cells = new Map<number, number>();
  let next = 0;
  for (const index of group) {
    cells.set(index, next);
    next += sequences[index]!.length;
  }
  return cells;
}

/**
 * What leaves a block is what enters the next, one node with two names: the earlier name's interventions and reads come
 * first. A read sees what an intervention at its own site wrote.
 */
export function watchFor(
  readings: Pick<Readings, "watch">,
  alterations: Pick<Alterations, "watch">,
  batch: () => RunningBatch,
): Watch {
  const watch = new Watch();
  const entering = ({ site }: { site: string }): boolean => site === "resid_pre";
  const leaving = (at: { site: string }): boolean => !entering(at);
  alterations.watch(watch, batch, leaving);
  readings.watch(watch, leaving);
  alterations.watch(watch, batch, entering);
  readings.watch(watch, entering);
  return watch;
}

function* batches(
  request: PassRequest,
  spans: readonly Span[],
  readings: Readings,
  alterations: Alterations,
): Generator<RunningBatch> {
  const capacity = Math.max(1, Math.min(request.chunk ?? batchSize, batchSize));
  const { logits = "none" } = request;
  let batch = new RunningBatch(capacity);
  for (const { sequence, slot, from: first, to } of spans) {
    const tokens = request.sequences[sequence]!;
    const prompt = request.prompts?.[sequence] ?? tokens.length;
    const output = (position: number): boolean =>
      logits === "all" ||
      (logits === "last" && position === tokens.length - 1) ||
      readings.wantsOutput(sequence, position) ||
      alterations.wantsOutput({ index: sequence, prompt }, position);
    for (let from = first; from < to;) {
      const count = Math.min(to - from, capacity - batch.count);
      batch.add({ sequence, slot, prompt, from }, tokens.slice(from, from + count), output);
      from += count;
      if (batch.count === capacity) {
        yield batch;
        batch = new RunningBatch(capacity);
      }
    }
  }
  if (batch.count > 0) yield batch;
}

function partOf(
  session: Session,
  { context }: Hooked,
  { sequences, logits = "none" }: PassRequest,
  batch: RunningBatch,
  index: number,
  readings: Readings,
): PassPart {
  const { sequence, from, count, start } = batch.segments[index]!;
  const part: PassPart = { sequence, from, count, states: readings.of(index) };
  const last = sequences[sequence]!.length - 1;
  const positions: number[] = [];
  for (let position = from; position < from + count; position++) {
    if (logits === "all" || (logits === "last" && position === last)) positions.push(position);
  }
  if (positions.length === 0) return part;
  const width = session.model.vocabulary.size;
  const data = new Float32Array(positions.length * width);
  positions.forEach((position, row) => {
    context.logits(start + position - from, data.subarray(row * width, (row + 1) * width));
  });
  return { ...part, logits: { positions, data } };
}
