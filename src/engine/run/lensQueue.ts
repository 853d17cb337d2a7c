import { fail } from "../../contract/errors";
import type { Intervention } from "../../contract/sites";
import type { EditUse, LensCell, LensPiece, LensRestProgress, State, TokenLens } from "../../contract/verbs";
import type { Row } from "./branch";
import { breathe } from "./lock";
import { runPass } from "./pass";
import type { Session } from "./session";
import { outputCell, unembedRows, vectorsOf } from "./tokenLens";
import type { LensPlan } from "./tokenLens";

/** Share of a generation's time that its lens may take while it runs. */
const share = 0.05;
/** Milliseconds between two calls: several tokens' rows in one product cost far less than one by one. */
const interval = 100;
/** Rows of a token that are unembedded first, spread over the depth. */
const coarseRows = 8;
/** Vectors of one call while tokens wait for it. */
const vectorsAtOnce = 64;
/** Milliseconds of one call in the background. */
const patience = 100;
/** Bytes of states that wait; those of older tokens are computed again after the answer. */
const heldUsually = 128 << 20;

/** A token whose lens is not complete. */
interface Column {
  fork: number;
  index: number;
  /** Where its states stand: the position that predicted it. */
  position: number;
  /** Rows to come. */
  left: number[];
  /** Gone where there was no room. */
  states: Float32Array[] | undefined;
}

export interface LensSource {
  plan: LensPlan;
  /** The tokens before a fork's first new one, and how many of them are the prompt. */
  contextOf(fork: number): number[];
  prompt: number;
  interventions: readonly Intervention[];
  edits: readonly EditUse[];
}

/**
 * The lens of a generation's tokens. States are kept as they come; while tokens are written, rows are unembedded for a
 * measured share of the time, the newest tokens first and a few rows of each; the rest follows after the answer. The
 * model's own output costs nothing and is there at once.
 */
export class LensQueue {
  /** Tokens with nothing but their output, and those with the rows spread over the depth; newest last. */
  private readonly bare: Column[] = [];
  private readonly coarse: Column[] = [];
  private readonly lost: Column[] = [];
  private readonly written = new Map<number, number[]>();
  private held = 0;
  /** Milliseconds that may be spent. */
  private credit = 0;
  /** Milliseconds a vector, as measured last; first guessed from the head's share of the weights. */
  private vectorMs: number | undefined;
  private since = 0;
  private tokens = 0;
  private modelMs = 0;
  private last = 0;

  constructor(
    private readonly session: Session,
    private readonly source: LensSource,
    private readonly heldAtMost = heldUsually,
  ) {}

  /** The clock starts: what the prompt took pays for nothing. */
  begin(): void {
    this.since = this.last = performance.now();
  }

  /** Takes a token's states (in the order of the plan's reads) and its output; gives what is there of its lens. */
  offer(fork: number, { id }: { id: number }, index: number, states: readonly State[], row: Row): TokenLens {
    const { plan } = this.source;
    const width = this.session.model.embedding;
    const left = plan.rows.map((_, at) => at).filter((at) => at !== plan.output);
    const column: Column = {
      fork,
      index,
      position: states[0]!.positions[0]!,
      left,
      states: states.map(({ data }) => data.subarray(data.length - width)),
    };
    this.tokens++;
    const ids = this.written.get(fork);
    if (ids) ids.push(id);
    else this.written.set(fork, [id]);
    if (left.length > 0) {
      this.bare.push(column);
      this.held += this.bytes;
      this.makeRoom();
    }
    const output = plan.output < plan.rows.length ? outputCell(this.session, row, plan.top) : null;
    return { rows: [...plan.rows], cells: plan.rows.map((_, at) => (at === plan.output ? output : null)) };
  }

  /** Cells that are still to come. */
  get left(): number {
    return [...this.bare, ...this.coarse, ...this.lost].reduce((sum, { left }) => sum + left.length, 0);
  }

  /** Unembeds what the time since the last call pays for. Not to be stopped: it is short, and what is taken is done. */
  async spend(): Promise<LensPiece[]> {
    const now = performance.now();
    const passed = now - this.since;
    this.since = now;
    this.modelMs += passed;
    this.credit = Math.min(this.credit + share * passed, 10 * interval * share);
    if (now - this.last < interval || this.session.computerLock.busy) return [];
    const vectors = Math.min(vectorsAtOnce, Math.floor(this.credit / (this.vectorMs ?? this.guess())));
    const chosen = this.choose(vectors);
    if (chosen.length === 0) return [];
    const pieces = await this.unembed(chosen, new AbortController().signal);
    const spent = performance.now() - now;
    this.since = this.last = now + spent;
    this.credit -= spent;
    return pieces;
  }

  /** Everything that is left, oldest first; gives way to generations between two calls. */
  async rest(signal: AbortSignal, report: (progress: LensRestProgress) => void): Promise<number> {
    const total = this.left;
    let done = 0;
    const waiting = [...this.bare.splice(0), ...this.coarse.splice(0)].sort((a, b) => a.index - b.index);
    const say = (pieces: LensPiece[]): void => {
      done += pieces.reduce((sum, { rows }) => sum + rows.length, 0);
      report({ pieces, done, total });
    };
    while (waiting.length > 0) {
      await this.session.betweenGenerations(signal);
      const most = Math.min(256, Math.floor(patience / (this.vectorMs ?? this.guess())));
      say(await this.unembed(this.taken(waiting, most, true), signal));
    }
    for (const fork of new Set(this.lost.map((column) => column.fork))) await this.again(fork, signal, say);
    return done;
  }

  private get bytes(): number {
    return this.source.plan.reads.length * this.session.model.embedding * 4;
  }

  private makeRoom(): void {
    while (this.held > this.heldAtMost) {
      const column = this.bare.shift() ?? this.coarse.shift();
      if (!column) return;
      column.states = undefined;
      this.lost.push(column);
      this.held -= this.bytes;
    }
  }

  /** The head's part of a token's time, from its part of the weights. */
  private guess(): number {
    const { embedding, vocabulary, parameters } = this.session.model;
    const token = this.modelMs / Math.max(1, this.tokens);
    return Math.max(0.01, (token * embedding * vocabulary.size) / parameters);
  }

  /** Columns and their rows for one call: bare tokens first, then the others, the newest first. */
  private choose(vectors: number): Column[] {
    const bare = this.taken(this.bare, vectors, false, (column) => this.spread(column.left));
    return bare.length > 0 ? bare : this.taken(this.coarse, vectors, false);
  }

  /** Takes columns off a list while their vectors fit; with `first` at least one, from the front. */
  private taken(
    list: Column[],
    vectors: number,
    first: boolean,
    rowsOf = (column: Column): number[] => column.left,
  ): Column[] {
    const taken: Column[] = [];
    for (let used = 0; list.length > 0;) {
      const column = first ? list[0]! : list.at(-1)!;
      const rows = rowsOf(column);
      used += vectorsOf(this.source.plan, rows);
      if (used > vectors && !(first && taken.length === 0)) break;
      if (first) list.shift();
      else list.pop();
      taken.push({ ...column, left: rows });
      const later = column.left.filter((row) => !rows.includes(row));
      if (later.length > 0) this.coarse.push({ ...column, left: later });
      else this.held -= this.bytes;
    }
    return taken;
  }

  private spread(rows: readonly number[]): number[] {
    if (rows.length <= coarseRows + 4) return [...rows];
    return Array.from(
      { length: coarseRows },
      (_, at) => rows[Math.round((at * (rows.length - 1)) / (coarseRows - 1))]!,
    );
  }

  private async unembed(columns: readonly Column[], signal: AbortSignal): Promise<LensPiece[]> {
    const { plan } = this.source;
    const start = performance.now();
    const cells = await unembedRows(
      this.session,
      plan,
      columns.map(({ states, left }) => ({ states: states!, rows: left })),
      signal,
    );
    const vectors = columns.reduce((sum, { left }) => sum + vectorsOf(plan, left), 0);
    const measured = (performance.now() - start) / vectors;
    this.vectorMs = this.vectorMs === undefined ? measured : (this.vectorMs + measured) / 2;
    return columns.map((column, at) => piece(column, cells[at]!));
  }

  /** The states for which there was no room, made once more in one pass over the fork's tokens. */
  private async again(fork: number, signal: AbortSignal, say: (pieces: LensPiece[]) => void): Promise<void> {
    const { contextOf, prompt, interventions, edits, plan } = this.source;
    const columns = new Map(this.lost.filter((each) => each.fork === fork).map((each) => [each.position, each]));
    const positions = [...columns.keys()].sort((x, y) => x - y);
    const tokens = [...contextOf(fork), ...(this.written.get(fork) ?? [])].slice(0, positions.at(-1)! + 1);
    await this.session.betweenGenerations(signal);
    await runPass(this.session, {
      sequences: [tokens],
      prompts: [Math.min(prompt, tokens.length)],
      reads: plan.reads.map((read) => ({ ...read, positions })),
      interventions,
      edits,
      chunk: 64,
      signal,
      onPart: async ({ states }) => {
        const width = this.session.model.embedding;
        for (const [at, position] of (states[0]?.positions ?? []).entries()) {
          const column = columns.get(position)!;
          const own = states.map(({ data }) => data.subarray(at * width, (at + 1) * width));
          say(await this.unembed([{ ...column, states: own }], signal));
          await breathe();
        }
      },
    });
  }
}

function piece({ fork, index, left }: Column, cells: LensCell[]): LensPiece {
  return { fork, index, rows: left, cells };
}

/** What generations have left of their lenses. Only the latest are kept: states are large. */
export class LensRests {
  private readonly kept = new Map<string, LensQueue>();
  private count = 0;

  /** Keeps one that is not complete, and names it. */
  keep(queue: LensQueue): { id: string; cells: number } | undefined {
    const cells = queue.left;
    if (cells === 0) return undefined;
    const id = `lens-${++this.count}`;
    this.kept.set(id, queue);
    const [oldest] = this.kept.keys();
    if (this.kept.size > 2) this.kept.delete(oldest!);
    return { id, cells };
  }

  take(id: string): LensQueue {
    const found = this.kept.get(id);
    if (!found) return fail("badArgument", `There is no lens '${id}' to be completed: it is done, or too old.`);
    this.kept.delete(id);
    return found;
  }
}
