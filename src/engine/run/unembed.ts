import { fail } from "../../contract/errors";
import type { UnembedParams, UnembedResult } from "../../contract/verbs";
import { DistributionGraph } from "../llama/distribution";
import type { Answers, Question } from "../llama/distribution";
import { breathe } from "./lock";
import type { Session } from "./session";

/** Bytes of logits a graph may hold at once. */
const budget = 32 << 20;

/**
 * Final norm and unembedding over rows of the stream, on the model's own tensors and back end, in chunks of bounded memory.
 * Exact to float rounding: entropies and divergences are good to about 1e-5 nats.
 */
export async function unembed(session: Session, params: UnembedParams, signal: AbortSignal): Promise<UnembedResult> {
  check(session, params);
  const head = await session.head();
  const steps = params.norm ? [...head.norm, ...head.unembed] : head.unembed;
  const { count, raw = false, reference } = params;
  const targets = params.rowTargets ? 1 : (params.targets?.length ?? 0);
  const size = session.model.vocabulary.size;
  const top = Math.min(params.top, size);
  const bottom = Math.min(params.bottom ?? 0, size);
  const result = emptyResult(count, top, bottom, targets);
  const chunk = Math.max(1, Math.min(256, Math.floor(budget / (size * 4))));
  await session.computerLock.run(async () => {
    session.computer.setThreads(session.threads());
    const graphs = new Graphs(session, { vocabulary: size, top, bottom, raw, targets, steps });
    try {
      for (const rows of chunks(count, reference, chunk)) {
        signal.throwIfAborted();
        await runChunk(session, params, graphs, rows, result, { top, bottom });
        await breathe();
      }
    } finally {
      graphs.close();
    }
  }, signal);
  return result;
}

function check(
  session: Session,
  { vectors, count, top, targets = [], rowTargets, reference, raw }: UnembedParams,
): void {
  const width = session.model.embedding;
  if (vectors.length !== count * width) {
    fail("wrongModel", `${count} vectors of this model's width hold ${count * width} numbers, not ${vectors.length}.`);
  }
  if (!Number.isInteger(top) || top < 0) fail("badArgument", `The number of tokens kept cannot be ${top}.`);
  for (const target of rowTargets ?? targets) session.model.vocabulary.check(target);
  if (rowTargets && rowTargets.length !== count) fail("badArgument", "Each row needs its own target.");
  if (!reference) return;
  if (raw) fail("badArgument", "Raw logits have no divergence.");
  if (reference.length !== count) fail("badArgument", "Each row needs its reference, -1 for none.");
  const wrong = reference.find((row) => row < -1 || row >= count);
  if (wrong !== undefined) fail("badArgument", `Row ${wrong} cannot be a reference: there are ${count} rows.`);
}

function emptyResult(count: number, top: number, bottom: number, targets: number): UnembedResult {
  const result: UnembedResult = {
    ids: new Int32Array(count * top),
    values: new Float32Array(count * top),
    entropy: new Float32Array(count),
    kl: new Float32Array(count),
    logProbs: new Float32Array(count * targets),
    ranks: new Int32Array(count * targets),
  };
  if (bottom > 0) {
    result.bottomIds = new Int32Array(count * bottom);
    result.bottomValues = new Float32Array(count * bottom);
  }
  return result;
}

/** Rows in chunks that keep those of one reference together, and with it, so that it need not be computed twice. */
export function* chunks(count: number, reference: Int32Array | undefined, size: number): Generator<number[]> {
  if (!reference) {
    for (let at = 0; at < count; at += size) yield Array.from({ length: Math.min(size, count - at) }, (_, i) => at + i);
    return;
  }
  const used = new Set(reference);
  const groups = new Map<number, number[]>();
  for (let row = 0; row < count; row++) {
    const key = reference[row]! >= 0 ? reference[row]! : used.has(row) ? row : -1;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  let chunk: number[] = [];
  for (const group of groups.values()) {
    if (chunk.length > 0 && chunk.length + group.length > size) {
      yield chunk;
      chunk = [];
    }
    chunk.push(...group);
    while (chunk.length > size) yield chunk.splice(0, size);
  }
  if (chunk.length > 0) yield chunk;
}

type Fixed = Omit<Question, "rows" | "references" | "from"> & { steps: NonNullable<Question["from"]>["steps"] };

/** Graphs of the sizes that come up, each built once. */
class Graphs {
  private readonly built = new Map<string, DistributionGraph>();
  constructor(
    private readonly session: Session,
    private readonly fixed: Fixed,
  ) {}

  get(rows: number, references: number, inside: boolean): DistributionGraph {
    const key = `${rows}:${references}:${inside}`;
    const known = this.built.get(key);
    if (known) return known;
    const { steps, ...rest } = this.fixed;
    const from = { width: this.session.model.embedding, steps };
    const graph = new DistributionGraph(this.session.computer, { ...rest, rows, references, inside, from });
    this.built.set(key, graph);
    return graph;
  }

  close(): void {
    for (const graph of this.built.values()) graph.close();
  }
}

/** Work in one call of ggml above which it goes to another thread. */
const longCall = 2e9;

async function runChunk(
  session: Session,
  { vectors, targets = [], rowTargets, reference, raw = false }: UnembedParams,
  graphs: Graphs,
  rows: number[],
  result: UnembedResult,
  kept: { top: number; bottom: number },
): Promise<void> {
  const width = session.model.embedding;
  const gather = (list: readonly number[]): Float32Array => {
    const data = new Float32Array(list.length * width);
    list.forEach((row, at) => data.set(vectors.subarray(row * width, (row + 1) * width), at * width));
    return data;
  };
  const references = reference ? [...new Set(rows.map((row) => reference[row]!).filter((row) => row >= 0))] : [];
  const places = new Map(rows.map((row, at) => [row, at]));
  const inside = references.every((row) => places.has(row));
  const graph = graphs.get(rows.length, references.length, inside);
  graph.give(gather(rows));
  if (rowTargets) graph.giveRowTargets(Int32Array.from(rows, (row) => rowTargets[row]!));
  else graph.giveTargets(targets);
  if (references.length > 0) {
    if (inside) graph.giveInside(Int32Array.from(references, (row) => places.get(row)!));
    else graph.giveReferences(gather(references));
  }
  const work = (rows.length + (inside ? 0 : references.length)) * width * session.model.vocabulary.size;
  const answers = work > longCall ? await graph.runAside() : graph.run();
  const asked = rowTargets ? 1 : targets.length;
  rows.forEach((row, at) => fill(result, answers, row, at, { ...kept, targets: asked, raw }));
  if (references.length > 0) fillDivergence(result, answers, rows, reference!, references);
}

function fill(
  result: UnembedResult,
  answers: Answers,
  row: number,
  at: number,
  { top, bottom, targets, raw }: { top: number; bottom: number; targets: number; raw: boolean },
): void {
  // The graph keeps at least one token, to have the highest logit.
  const kept = answers.ids.length / answers.logZ.length;
  for (let index = 0; index < top; index++) {
    const logit = answers.logits[at * kept + index]!;
    result.ids[row * top + index] = answers.ids[at * kept + index]!;
    result.values[row * top + index] = raw ? logit : Math.exp(logit - answers.logZ[at]!);
  }
  for (let index = 0; index < bottom; index++) {
    const logit = answers.bottomLogits[at * bottom + index]!;
    result.bottomIds![row * bottom + index] = answers.bottomIds[at * bottom + index]!;
    result.bottomValues![row * bottom + index] = raw ? logit : Math.exp(logit - answers.logZ[at]!);
  }
  for (let index = 0; index < targets; index++) {
    const logit = answers.targetLogits[at * targets + index]!;
    result.logProbs[row * targets + index] = raw ? logit : logit - answers.logZ[at]!;
    result.ranks[row * targets + index] = answers.targetRanks[at * targets + index]!;
  }
  result.entropy[row] = answers.entropy[at]!;
}

function fillDivergence(
  result: UnembedResult,
  answers: Answers,
  rows: number[],
  reference: Int32Array,
  references: number[],
): void {
  const places = new Map(references.map((row, place) => [row, place]));
  const at = new Map(rows.map((row, index) => [row, index]));
  rows.forEach((row, index) => {
    const place = places.get(reference[row]!);
    if (place === undefined || reference[row] === row) return;
    const own = at.get(reference[row]!);
    const negativeEntropy =
      answers.referenceNegativeEntropy.length > 0 ? answers.referenceNegativeEntropy[place]! : -answers.entropy[own!]!;
    const cross = answers.cross[index * references.length + place]!;
    result.kl[row] = Math.max(0, negativeEntropy - cross + answers.logZ[index]!);
  });
}
