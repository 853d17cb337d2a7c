import type { Intervention } from "../../contract/sites";
import type { Context } from "../llama/context";

/** A sequence whose states a context still holds. */
export interface Entry {
  slot: number;
  tokens: number[];
  /** Names the interventions and edits the states were made with. */
  key: string;
  session: string | undefined;
  /** States from this position on are good for the same prompt length alone. */
  validUntil: number;
  prompt: number;
  used: number;
}

/** What an acquired sequence starts with. */
export interface Acquired {
  entry: Entry;
  reused: number;
}

/**
 * Which states a context holds, and for what: a new prompt takes over the longest prefix that any sequence has in common
 * with it. Conversations with names keep sequences of their own while there is room.
 */
export class SequenceCache {
  private entries: Entry[] = [];
  private clock = 0;

  constructor(
    private readonly context: Context,
    private readonly slots: number,
    /** The model's memory can be cut and shared. */
    private readonly cacheable: boolean,
  ) {}

  /**
   * A sequence for `tokens`, with as much of it as possible already in the cache (never all: the last token is run again
   * for its logits). `reserve`: cells the run needs beyond the tokens.
   */
  acquire(
    tokens: number[],
    options: { key: string; session?: string | undefined; prompt: number; validUntil: number; reserve: number },
  ): Acquired {
    const { key, session, prompt, validUntil, reserve } = options;
    const { entry: source, length } = this.longest(tokens, key, prompt, validUntil);
    const own = source && (source.session === session || length === source.tokens.length);
    let target: Entry;
    let reused = length;
    if (source && own) target = source;
    else {
      target = { slot: this.freeSlot(source), tokens: [], key, session, validUntil, prompt, used: 0 };
      this.entries.push(target);
      if (source && length > 0) this.context.share(source.slot, target.slot, length);
    }
    if (!this.context.cut(target.slot, reused)) {
      // A memory that cannot be cut in the middle starts again.
      this.context.cut(target.slot, 0);
      reused = 0;
    }
    Object.assign(target, { tokens: tokens.slice(0, reused), key, session, prompt, validUntil, used: ++this.clock });
    this.makeRoom(target, tokens.length + reserve);
    return { entry: target, reused };
  }

  /** A sequence that shares all of another's states. */
  branch(from: Entry): Entry {
    const slot = this.freeSlot(from);
    const entry = { ...from, slot, tokens: [...from.tokens], session: undefined, used: ++this.clock };
    this.context.share(from.slot, slot, from.tokens.length);
    this.entries.push(entry);
    return entry;
  }

  /** Forgets a sequence. */
  drop(entry: Entry): void {
    this.context.cut(entry.slot, 0);
    this.entries = this.entries.filter((each) => each !== entry);
  }

  forgetAll(): void {
    this.context.clear();
    this.entries = [];
  }

  private longest(
    tokens: number[],
    key: string,
    prompt: number,
    until: number,
  ): { entry: Entry | undefined; length: number } {
    let best: { entry: Entry | undefined; length: number } = { entry: undefined, length: 0 };
    for (const entry of this.entries) {
      if (entry.key !== key || !this.cacheable) continue;
      const bound = entry.prompt === prompt ? Infinity : Math.min(entry.validUntil, until);
      const limit = Math.min(tokens.length - 1, entry.tokens.length, bound);
      let length = 0;
      while (length < limit && entry.tokens[length] === tokens[length]) length++;
      if (length > best.length) best = { entry, length };
    }
    return best;
  }

  private freeSlot(keep: Entry | undefined): number {
    const taken = new Set(this.entries.map(({ slot }) => slot));
    for (let slot = 0; slot < this.slots; slot++) if (!taken.has(slot)) return slot;
    const oldest = this.oldest((entry) => entry !== keep);
    if (!oldest) throw new Error("a context has no free sequence");
    this.drop(oldest);
    return oldest.slot;
  }

  private oldest(which: (entry: Entry) => boolean): Entry | undefined {
    return this.entries.filter(which).sort((a, b) => a.used - b.used)[0];
  }

  /** Drops the least lately used sequences until `needed` cells are sure to be free. Shared cells are counted twice. */
  private makeRoom(target: Entry, needed: number): void {
    for (;;) {
      const others = this.entries
        .filter((entry) => entry !== target)
        .reduce((sum, { tokens }) => sum + tokens.length, 0);
      if (others + needed <= this.context.size) return;
      const oldest = this.oldest((entry) => entry !== target);
      if (!oldest) return;
      this.drop(oldest);
    }
  }
}

/** From which position on states depend on where the prompt ended. */
export function validUntil(interventions: readonly Intervention[], prompt: number): number {
  const bounds = interventions.map(({ where }) => {
    if (where === "all") return Infinity;
    if (where === "lastPrompt") return prompt - 1;
    if (where === "prompt" || where === "generated") return prompt;
    const fromEnd = where.filter((position) => position < 0).map((position) => prompt + position);
    return fromEnd.length === 0 ? Infinity : Math.max(0, Math.min(...fromEnd));
  });
  return Math.min(Infinity, ...bounds);
}

/** Names what was done to the states of a run. */
export function alterationKey(interventions: readonly Intervention[], edits: string): string {
  if (interventions.length === 0) return edits;
  const parts = interventions.map(({ values, ...rest }) => `${JSON.stringify(rest)}:${values ? checksum(values) : ""}`);
  return `${parts.join("\n")}\n${edits}`;
}

/** FNV-1a over the bytes of the values. */
function checksum(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let low = 0x811c9dc5;
  let high = 0x1b873593;
  for (const byte of bytes) {
    low = Math.imul(low ^ byte, 0x01000193) >>> 0;
    high = Math.imul(high ^ byte, 0x85ebca6b) >>> 0;
  }
  return `${values.length}:${low.toString(16)}${high.toString(16)}`;
}
