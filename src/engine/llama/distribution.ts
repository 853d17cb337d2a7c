import type { Api } from "./api";
import type { Computer, Graph, GraphParts } from "./compute";
import { buildSteps } from "./head";
import type { HeadStep } from "./head";
import type { Memory, Pointer } from "./native";

/** What is asked of each row of logits. */
export interface Question {
  rows: number;
  vocabulary: number;
  /** Highest tokens kept. */
  top: number;
  bottom: number;
  /** Values are logits, and no distribution is made. */
  raw: boolean;
  /** Number of tokens whose logit and rank are wanted. */
  targets: number;
  /** Number of distinct reference rows for KL, 0 for none. */
  references: number;
  /** The references are among the rows, so nothing is computed twice. */
  inside?: boolean;
  /** From vectors of this width through `steps`; without it the rows are logits already. */
  from?: { width: number; steps: readonly HeadStep[] };
}

/** Answers of one run: arrays are row-major; `order` is sorted, likeliest first. */
export interface Answers {
  ids: Int32Array;
  logits: Float32Array;
  /** Natural log of the sum of exponentials, a row. */
  logZ: Float64Array;
  entropy: Float64Array;
  bottomIds: Int32Array;
  bottomLogits: Float32Array;
  /** Logits and ranks of the asked tokens, `targets` a row. */
  targetLogits: Float32Array;
  targetRanks: Int32Array;
  /** Sum of p_reference x logit: `references` a row. */
  cross: Float64Array;
  /** A reference each; empty where the references are among the rows. */
  referenceNegativeEntropy: Float64Array;
}

/**
 * Distributions over the vocabulary as a ggml graph, so that full rows of logits never reach JavaScript. Entropy is
 * log Z - sum p l; KL(r || q) is sum p_r l_r - log Z_r - sum p_r l_q + log Z_q.
 */
export class DistributionGraph {
  private readonly graph: Graph;
  private readonly top: number;

  constructor(
    computer: Computer,
    readonly question: Question,
  ) {
    // The highest is always needed: it gives log Z.
    this.top = Math.min(Math.max(question.top, 1), question.vocabulary);
    // Some thirty tensors, twice the head's steps, and seven for each target.
    const nodes = 64 + 4 * (question.from?.steps.length ?? 0) + 8 * question.targets;
    this.graph = computer.graph(nodes, (context, parts) => this.build(computer.door.api, context, parts));
  }

  private build(api: Api, context: Pointer, parts: GraphParts): void {
    const { question } = this;
    const { rows, vocabulary } = question;
    const logits = this.logits(api, context, parts, "in", rows);
    const gather = (from: Pointer, index: Pointer): Pointer =>
      api.ggml_get_rows(context, api.ggml_reshape_3d(context, from, 1, vocabulary, rows), index);
    const best = api.ggml_top_k(context, logits, this.top);
    parts.output("ids", best);
    parts.output("logits", gather(logits, best));
    if (question.bottom > 0) {
      const lowest = api.ggml_top_k(context, api.ggml_scale(context, logits, -1), question.bottom);
      parts.output("bottomIds", lowest);
      parts.output("bottomLogits", gather(logits, lowest));
    }
    for (let index = 0; index < question.targets; index++) {
      const at = parts.input(`target${index}`, "i32", 1, rows);
      const value = gather(logits, at);
      parts.output(`targetLogit${index}`, value);
      const higher = api.ggml_step(
        context,
        api.ggml_sub(context, logits, api.ggml_reshape_2d(context, value, 1, rows)),
      );
      parts.output(`targetRank${index}`, api.ggml_sum_rows(context, higher));
    }
    if (question.raw) return;
    const p = api.ggml_soft_max(context, logits);
    parts.output("p", gather(p, best));
    // A product of each row with itself alone: unlike a multiplication and a sum, it writes nothing in between.
    const lone = (from: Pointer): Pointer => api.ggml_reshape_3d(context, from, vocabulary, 1, rows);
    parts.output("expected", api.ggml_mul_mat(context, lone(p), lone(logits)));
    if (question.references > 0) this.buildReference(api, context, parts, logits, p);
  }

  /** Of every row with every reference, of which one is used: the products are few beside the unembedding's own. */
  private buildReference(api: Api, context: Pointer, parts: GraphParts, logits: Pointer, own: Pointer): void {
    const { references, vocabulary, inside } = this.question;
    if (inside) {
      const index = parts.input("referenceIndex", "i32", references, 1);
      parts.output("cross", api.ggml_mul_mat(context, api.ggml_get_rows(context, own, index), logits));
      return;
    }
    const reference = this.logits(api, context, parts, "references", references);
    const p = api.ggml_soft_max(context, reference);
    const top = api.ggml_top_k(context, reference, 1);
    const best = (from: Pointer): Pointer =>
      api.ggml_get_rows(context, api.ggml_reshape_3d(context, from, 1, vocabulary, references), top);
    parts.output("referenceLogit", best(reference));
    parts.output("referenceP", best(p));
    parts.output("referenceExpected", api.ggml_sum_rows(context, api.ggml_mul(context, p, reference)));
    parts.output("cross", api.ggml_mul_mat(context, p, logits));
  }

  private logits(api: Api, context: Pointer, parts: GraphParts, name: string, rows: number): Pointer {
    const { from, vocabulary } = this.question;
    const input = parts.input(name, "f32", from?.width ?? vocabulary, rows);
    return from ? buildSteps(api, context, from.steps, input) : input;
  }

  /** Gives the rows: a typed array, or logits where they lie in native memory (`row` of them at a time). */
  give(rows: Memory): void {
    const { question } = this;
    this.graph.set("in", rows, question.rows * (question.from?.width ?? question.vocabulary) * 4);
  }

  giveReferences(rows: Float32Array): void {
    this.graph.set("references", rows, rows.byteLength);
  }

  /** Where the references are among the rows. */
  giveInside(index: Int32Array): void {
    this.graph.set("referenceIndex", index, index.byteLength);
  }

  giveTargets(targets: readonly number[]): void {
    targets.forEach((target, index) => {
      const ids = new Int32Array(this.question.rows).fill(target);
      this.graph.set(`target${index}`, ids, ids.byteLength);
    });
  }

  /** One token a row, where the question has one target. */
  giveRowTargets(ids: Int32Array): void {
    this.graph.set("target0", ids, ids.byteLength);
  }

  run(): Answers {
    this.graph.compute();
    return this.answers();
  }

  async runAside(): Promise<Answers> {
    await this.graph.computeAside();
    return this.answers();
  }

  private answers(): Answers {
    const { question, graph, top } = this;
    const { rows, bottom, targets, raw } = question;
    const ids = graph.ints("ids", new Int32Array(rows * top));
    const logits = graph.floats("logits", new Float32Array(rows * top));
    const p = raw ? undefined : graph.floats("p", new Float32Array(rows * top));
    sortRows(ids, logits, top, p);
    const logZ = new Float64Array(rows);
    const entropy = new Float64Array(rows);
    if (p) {
      const expected = graph.floats("expected", new Float32Array(rows));
      for (let row = 0; row < rows; row++) {
        logZ[row] = logits[row * top]! - Math.log(p[row * top]!);
        entropy[row] = Math.max(0, logZ[row]! - expected[row]!);
      }
    }
    const bottomIds = new Int32Array(rows * bottom);
    const bottomLogits = new Float32Array(rows * bottom);
    if (bottom > 0) {
      graph.ints("bottomIds", bottomIds);
      graph.floats("bottomLogits", bottomLogits);
      sortRows(bottomIds, bottomLogits, bottom, undefined, -1);
    }
    const targetLogits = new Float32Array(rows * targets);
    const targetRanks = new Int32Array(rows * targets);
    for (let index = 0; index < targets; index++) {
      const values = graph.floats(`targetLogit${index}`, new Float32Array(rows));
      const ranks = graph.floats(`targetRank${index}`, new Float32Array(rows));
      for (let row = 0; row < rows; row++) {
        targetLogits[row * targets + index] = values[row]!;
        targetRanks[row * targets + index] = Math.round(ranks[row]!);
      }
    }
    return {
      ids,
      logits,
      logZ,
      entropy,
      bottomIds,
      bottomLogits,
      targetLogits,
      targetRanks,
      ...this.crossAnswers(rows),
    };
  }

  private crossAnswers(rows: number): { cross: Float64Array; referenceNegativeEntropy: Float64Array } {
    const { references, raw, inside } = this.question;
    if (references === 0 || raw) return { cross: new Float64Array(0), referenceNegativeEntropy: new Float64Array(0) };
    const cross = Float64Array.from(this.graph.floats("cross", new Float32Array(rows * references)));
    if (inside) return { cross, referenceNegativeEntropy: new Float64Array(0) };
    const logit = this.graph.floats("referenceLogit", new Float32Array(references));
    const p = this.graph.floats("referenceP", new Float32Array(references));
    const expected = this.graph.floats("referenceExpected", new Float32Array(references));
    const negative = Float64Array.from(expected, (value, row) => value - (logit[row]! - Math.log(p[row]!)));
    return { cross, referenceNegativeEntropy: negative };
  }

  close(): void {
    this.graph.close();
  }
}

/** Sorts each row of `count` by value, highest first (`sign` -1: lowest first), ties by token id. */
function sortRows(ids: Int32Array, values: Float32Array, count: number, others?: Float32Array, sign = 1): void {
  if (count < 2) return;
  for (let from = 0; from < ids.length; from += count) {
    const order = Array.from({ length: count }, (_, index) => from + index);
    order.sort((a, b) => sign * (values[b]! - values[a]!) || ids[a]! - ids[b]!);
    const sortedIds = order.map((at) => ids[at]!);
    const sortedValues = order.map((at) => values[at]!);
    const sortedOthers = others && order.map((at) => others[at]!);
    ids.set(sortedIds, from);
    values.set(sortedValues, from);
    if (sortedOthers) others.set(sortedOthers, from);
  }
}
