import { fail } from "../../../contract/errors";
import type { SiteAt } from "../../../contract/sites";
import type { Lab } from "../lab";
import { inGroups } from "../measures/passes";
import { uniformNumbers } from "../patching/random";

/** Tokens a window: long enough for context, short enough that many share a batch. */
const windowTokens = 128;
/** Bytes of states held for shuffling. */
const bufferBytes = 256 * 2 ** 20;
const bufferRows = 131072;
const passesTogether = 16;

/** Where the stream is, so that a stopped training goes on there. */
export interface Cursor {
  pass: number;
  window: number;
}

/** A corpus as token windows; texts shorter than four tokens are passed over. Throws `badArgument` where nothing is left. */
export function windowsOf(lab: Lab, texts: readonly { text: string }[]): number[][] {
  const size = Math.min(windowTokens, lab.info.context);
  const windows = texts.flatMap(({ text }) => {
    // The specials of a chat count as such, so that states are those of real runs.
    const ids = lab.tokenize(text, true).map(({ id }) => id);
    return Array.from({ length: Math.ceil(ids.length / size) }, (_, i) => ids.slice(i * size, (i + 1) * size)).filter(
      (window) => window.length >= 4,
    );
  });
  if (windows.length === 0) fail("badArgument", "The corpus holds no text to learn from.");
  return windows;
}

/** Every tenth window is kept for measuring and never trained on. */
export function heldOut(windows: number[][]): { training: number[][]; held: number[][] } {
  if (windows.length < 10) {
    fail("badArgument", "The corpus is too small: a part must be kept for measuring.", { remedy: "Give more text." });
  }
  return { training: windows.filter((_, i) => i % 10 !== 0), held: windows.filter((_, i) => i % 10 === 0) };
}

/**
 * States of a site as shuffled batches, never all in memory: a buffer is filled, batches are drawn from its shuffled first half,
 * and it is filled again. A window's first position is left out: its state is the same everywhere and far longer than the rest.
 */
export class ActivationStream {
  readonly capacity: number;
  private readonly buffer: Float32Array;
  private filled = 0;
  /** The whole corpus fits the buffer: it is run through the model once, and shuffled anew each time round. */
  private readonly whole: boolean;
  private loaded = 0;
  private readonly random: () => number;
  private order: number[] = [];
  readonly cursor: Cursor;

  constructor(
    private readonly lab: Lab,
    private readonly windows: number[][],
    private readonly at: SiteAt,
    private readonly width: number,
    seed: number,
    private readonly signal: AbortSignal,
    cursor: Cursor = { pass: 0, window: 0 },
  ) {
    const positions = windows.reduce((sum, window) => sum + window.length - 1, 0);
    const room = Math.max(4096, Math.min(bufferRows, Math.floor(bufferBytes / (4 * width))));
    this.whole = positions <= room;
    this.capacity = this.whole ? positions : room;
    this.buffer = new Float32Array(this.capacity * width);
    this.random = uniformNumbers(seed + 7919 * (cursor.pass + 1));
    this.cursor = this.whole ? { pass: cursor.pass, window: 0 } : { ...cursor };
    this.order = this.shuffledWindows();
  }

  /** Fills `into` with shuffled rows, scaled. */
  async batch(into: Float32Array, rows: number, scale: number): Promise<void> {
    if (this.whole) {
      if (this.loaded === 0) await this.fill();
    } else if (this.filled < Math.max(rows, this.capacity / 2)) await this.fill();
    const { width, buffer } = this;
    for (let r = 0; r < rows; r++) {
      if (this.whole && this.filled === 0) this.filled = this.loaded;
      // A row drawn at random changes places with the last, and the buffer shrinks.
      const pick = Math.floor(this.random() * this.filled);
      const last = --this.filled;
      for (let i = 0; i < width; i++) {
        const value = buffer[pick * width + i]!;
        into[r * width + i] = scale * value;
        buffer[pick * width + i] = buffer[last * width + i]!;
        buffer[last * width + i] = value;
      }
    }
  }

  /** Rows that are in the buffer now, for first statistics. */
  async sample(): Promise<{ rows: number; data: Float32Array }> {
    if (this.filled === 0) await this.fill();
    return { rows: this.filled, data: this.buffer };
  }

  private async fill(): Promise<void> {
    while (this.filled < this.capacity) {
      const group: number[][] = [];
      let room = this.capacity - this.filled;
      while (group.length < passesTogether && room > 0) {
        const next = this.nextWindow();
        group.push(next);
        room -= next.length;
      }
      await inGroups(
        this.lab,
        group,
        [{ ...this.at, positions: "all" }],
        { signal: this.signal },
        (_s, _r, position, row) => {
          if (position === 0 || this.filled === this.capacity) return;
          this.buffer.set(row, this.filled * this.width);
          this.filled++;
        },
      );
    }
  }

  private nextWindow(): number[] {
    if (this.cursor.window >= this.order.length) {
      this.cursor.pass++;
      this.cursor.window = 0;
      this.order = this.shuffledWindows();
    }
    return this.windows[this.order[this.cursor.window++]!]!;
  }

  private shuffledWindows(): number[] {
    const order = this.windows.map((_, i) => i);
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(this.random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
