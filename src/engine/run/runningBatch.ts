import { addToken, makeBatch } from "../llama/context";
import type { Batch } from "../llama/context";

/** Consecutive positions of one sequence inside a batch. */
export interface Segment {
  /** Index among the sequences of the call. */
  sequence: number;
  /** The context's own number for it. */
  slot: number;
  prompt: number;
  /** First position, and where it is in the batch. */
  from: number;
  start: number;
  count: number;
}

/** A batch on its way through the model, with what the hooks need to find its rows. */
export class RunningBatch {
  readonly batch: Batch;
  readonly segments: Segment[] = [];
  private readonly outputRows: Int32Array;
  private outputs = 0;

  constructor(capacity: number) {
    this.batch = makeBatch(capacity);
    this.outputRows = new Int32Array(capacity);
  }

  /** Adds positions of one sequence. `output` says which of them want logits. */
  add(
    segment: Omit<Segment, "start" | "count">,
    tokens: ArrayLike<number>,
    output: (position: number) => boolean,
  ): void {
    const start = this.batch.count;
    for (let index = 0; index < tokens.length; index++) {
      const position = segment.from + index;
      const wanted = output(position);
      this.outputRows[this.batch.count] = wanted ? this.outputs++ : -1;
      addToken(this.batch, tokens[index]!, position, segment.slot, wanted);
    }
    this.segments.push({ ...segment, start, count: tokens.length });
  }

  /** Where a token of the batch is in a node of `rows` rows; -1 where llama.cpp has left it out. */
  rowOf(index: number, rows: number): number {
    if (rows === this.batch.count) return index;
    return this.outputRows[index]!;
  }

  get count(): number {
    return this.batch.count;
  }
}
