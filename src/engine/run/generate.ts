import { randomInt } from "node:crypto";
import { VitrineError, fail } from "../../contract/errors";
import type { CallContext } from "../../contract/method";
import type { Read } from "../../contract/sites";
import type { GeneratedToken } from "../../contract/token";
import type { Generated, GenerateParams, GenerateProgress, GenerateResult, Meter, State } from "../../contract/verbs";
import { editKey } from "../llama/adapters";
import { batchSize } from "../llama/context";
import { Candidates, checkSampling } from "../llama/sampler";
import { Branch } from "./branch";
import type { Kept, Row } from "./branch";
import { alterationKey, validUntil } from "./cache";
import type { Entry } from "./cache";
import { hasCollapsed } from "./collapse";
import { LensQueue } from "./lensQueue";
import { breathe } from "./lock";
import { renderInput } from "./render";
import type { Rendered } from "./render";
import { RunningBatch } from "./runningBatch";
import type { Plain, Session } from "./session";
import { marksOf } from "./thinking";
import { lensPlan, lensSites } from "./tokenLens";
import type { LensPlan } from "./tokenLens";
import { Runner, isControlVector, needsHooks, setControlVector } from "./watched";

type Call = CallContext<GenerateProgress>;

/**
 * Continues an input, as house.md's `generate`. Probabilities, entropies and alternatives are of the full vocabulary at
 * temperature 1. A cancelled run gives what it has, with the stop reason `cancelled`.
 */
export async function generate(session: Session, params: GenerateParams, call: Call): Promise<GenerateResult> {
  if (params.lens) checkLens(params.lens);
  const rendered = renderInput(session.model, params.input, params.think === undefined ? {} : { think: params.think });
  const plan = planOf(session, params, rendered);
  // What unembedding needs is found before the first token, not in its time.
  if (plan.lens) await session.head();
  const place = plan.hooked ? session.live() : session.plain();
  return place.lock.run(async () => {
    session.useEdits(place.context, params.edits ?? []);
    setControlVector(session, place.context, plan.vectors);
    const run = new Generation(session, place, plan, params, call);
    try {
      return await run.run();
    } finally {
      run.close();
    }
  }, call.signal);
}

interface Plan {
  prompt: number[];
  insideThought: boolean;
  forks: { prefix: number[]; seed: number }[];
  hooked: boolean;
  /** Interventions made by llama.cpp itself, and those that are written. */
  vectors: NonNullable<GenerateParams["interventions"]>;
  written: NonNullable<GenerateParams["interventions"]>;
  reads: Read[];
  lens: LensPlan | undefined;
  key: string;
}

function planOf(session: Session, params: GenerateParams, { ids, insideThought }: Rendered): Plan {
  const { sampling, interventions = [], edits = [], top = 0, stop = [], max, meters = [] } = params;
  const { vocabulary } = session.model;
  checkSampling(sampling, vocabulary);
  if (ids.length === 0)
    fail("badArgument", "There is nothing to continue: the prompt has no tokens.", { remedy: "Give some text." });
  if (!Number.isInteger(top) || top < 0 || top > 100)
    fail("badArgument", `The alternatives kept cannot be ${top}; 0 to 100 are.`);
  if (max !== undefined && (!Number.isInteger(max) || max < 0))
    fail("badArgument", `The number of tokens cannot be ${max}.`);
  if (stop.some((text) => text === "")) fail("badArgument", "An empty stop string would stop at once.");
  if (interventions.some(({ sequences }) => sequences))
    fail("badArgument", "Interventions on chosen sequences are for `observe`.");
  checkMeters(session, meters);
  const asVector = interventions.every(isControlVector);
  const written = asVector ? [] : interventions;
  const base = sampling.seed ?? randomInt(2 ** 32 - 1);
  const forks = (params.forks ?? [{ prefix: [] }]).map(({ prefix, seed }, index) => {
    for (const id of prefix) vocabulary.check(id);
    return { prefix, seed: seed ?? (base + index) % 2 ** 32 };
  });
  const { extend, settle } = params;
  if (extend !== undefined && (!Number.isInteger(extend) || extend < 0 || extend > 100))
    fail("badArgument", `A thought cannot be extended ${extend} times; 0 to 100 are.`);
  if (settle && !(settle.nats >= 0 && Number.isInteger(settle.every) && settle.every >= 1))
    fail("badArgument", "A thought settles below some nats of entropy, looked at every so many tokens.");
  if (forks.length === 0 || forks.length >= session.sequences) {
    fail("badArgument", `There can be 1 to ${session.sequences - 1} forks, not ${forks.length}.`);
  }
  const lens = params.lens && lensPlan(params.lens, session.model.layers);
  return {
    prompt: [...ids],
    insideThought,
    forks,
    hooked: needsHooks(params, written),
    vectors: asVector ? interventions : [],
    written,
    reads: [
      ...(lens?.reads ?? []),
      ...meters.map(({ layer }): Read => ({ site: "resid_post", layer, positions: "last" })),
      ...(params.reads ?? []).map((read): Read => ({ ...read, positions: "last" })),
    ],
    lens,
    key: alterationKey(interventions, editKey(edits)),
  };
}

function checkLens({ sites, top }: NonNullable<GenerateParams["lens"]>): void {
  if (!Number.isInteger(top) || top < 1 || top > 100)
    fail("badArgument", `The tokens of a lens cell cannot be ${top}; 1 to 100 are.`);
  if (sites.length === 0)
    fail("badArgument", "No site was asked for.", { remedy: "Give at least one, such as resid_post." });
  const other = sites.find((site) => !lensSites.includes(site));
  if (other) fail("noSuchSite", `'${other}' is not a state of the stream; a live lens reads ${lensSites.join(", ")}.`);
}

function checkMeters({ model }: Session, meters: readonly Meter[]): void {
  for (const { name, vector, scale } of meters) {
    if (vector.length !== model.embedding) {
      fail(
        "wrongModel",
        `The direction '${name}' has ${vector.length} numbers, and this model's width is ${model.embedding}.`,
      );
    }
    if (!vector.every(Number.isFinite) || !Number.isFinite(scale) || scale === 0)
      fail("notFinite", `The direction '${name}' holds no usable numbers.`);
  }
}

class Generation {
  private readonly branches: Branch[];
  private readonly runner: Runner;
  private readonly candidates: Candidates;
  private readonly started = performance.now();
  private promptMs = 0;
  private reused = 0;
  private evaluated = 0;
  private emitted = new Map<Branch, number>();
  /** Branches whose answer was settled when it was last looked at. */
  private readonly sureBefore = new Set<Branch>();
  private readonly lens: LensQueue | undefined;

  constructor(
    private readonly session: Session,
    private readonly place: Plain,
    private readonly plan: Plan,
    private readonly params: GenerateParams,
    private readonly call: Call,
  ) {
    this.runner = new Runner(session, place, plan.written, plan.reads);
    this.candidates = new Candidates(session.model.vocabulary.size);
    this.branches = plan.forks.map((fork, index) => this.open(fork, index));
    const { interventions = [], edits = [] } = params;
    const contextOf = (fork: number): number[] => [...plan.prompt, ...plan.forks[fork]!.prefix];
    this.lens =
      plan.lens &&
      new LensQueue(session, { plan: plan.lens, contextOf, prompt: plan.prompt.length, interventions, edits });
  }

  private open({ prefix, seed }: Plan["forks"][number], index: number): Branch {
    const { params, plan, session } = this;
    const marks = params.input.kind === "chat" ? marksOf(session.model.chatTemplate) : undefined;
    const budget = typeof params.think === "number" ? params.think : Infinity;
    const branch = new Branch(index, session, {
      sampling: params.sampling,
      seed,
      reply: { marks, insideThought: plan.insideThought, stops: params.stop ?? [] },
      form: params.form,
      thoughtBudget: budget,
      ...(params.extend === undefined ? {} : { extend: params.extend }),
      top: params.top ?? 0,
      max: params.max ?? Infinity,
      before: plan.prompt,
    });
    branch.replay(prefix);
    return branch;
  }

  async run(): Promise<GenerateResult> {
    this.checkRoom();
    const rows = await this.evaluate();
    this.promptMs = performance.now() - this.started;
    this.lens?.begin();
    try {
      await this.continue(rows);
    } catch (error) {
      if (!isCancel(error)) throw error;
      for (const branch of this.branches) branch.stop ??= "cancelled";
    }
    for (const branch of this.branches) this.emit(branch, branch.finish());
    return this.result();
  }

  /** A prompt that does not fit is an error with the counts, never cut. */
  private checkRoom(): void {
    const { context } = this.session.options;
    const longest = Math.max(...this.plan.forks.map(({ prefix }) => this.plan.prompt.length + prefix.length));
    const together = this.plan.prompt.length + this.plan.forks.reduce((sum, { prefix }) => sum + prefix.length + 1, 0);
    if (longest < context && together <= this.place.context.size) return;
    fail("contextFull", `The prompt has ${longest} tokens, and the context holds ${context}.`, {
      remedy: "Shorten the conversation, or load the model with a longer context.",
      details: { tokens: longest, context },
    });
  }

  /** Runs what the branches share, then what each of them has decided already. Gives each branch's first row. */
  private async evaluate(): Promise<Row[]> {
    const { plan, place, params } = this;
    const shared = sharedPrefix(plan.forks.map(({ prefix }) => prefix));
    const tokens = [...plan.prompt, ...shared];
    const { entry, reused } = place.cache.acquire(tokens, {
      key: plan.key,
      session: params.session,
      prompt: plan.prompt.length,
      validUntil: validUntil(plan.written, plan.prompt.length),
      reserve: this.reserve(tokens.length),
    });
    this.reused = Math.min(reused, plan.prompt.length);
    this.call.progress({ kind: "prompt", done: reused, total: tokens.length, reused });
    for (let from = reused; from < tokens.length;) {
      const piece = tokens.slice(from, from + batchSize);
      const batch = new RunningBatch(batchSize);
      this.addTo(batch, entry, 0, from, piece, from + piece.length === tokens.length);
      await this.decode(batch, [entry]);
      from += piece.length;
      this.evaluated += piece.length;
      this.call.progress({ kind: "prompt", done: from, total: tokens.length, reused });
      await breathe();
    }
    const [only, ...others] = this.branches;
    only!.entry = entry;
    const firstRows = this.rows([lastIndex(tokens.length - reused)], [only!]);
    if (others.length === 0) {
      this.keepStates(only!, 0, firstRows[0]!);
      return firstRows;
    }
    return this.branchOut(entry, tokens.length, shared.length, firstRows[0]!);
  }

  private async branchOut(entry: Entry, from: number, shared: number, row: Row): Promise<Row[]> {
    // The row is read again from the context for each later batch: what is shared has to be copied now.
    const fixed = { ...row, all: constant(row.all()) };
    const states = this.runnerStates();
    const rows: Row[] = [];
    for (const branch of this.branches.slice(1)) branch.entry = this.place.cache.branch(entry);
    for (const branch of this.branches) {
      const rest = this.plan.forks[branch.index]!.prefix.slice(shared);
      if (rest.length === 0) {
        rows.push(fixed);
        branch.waiting.push(states && { states, row });
        continue;
      }
      for (let at = 0; at < rest.length; at += batchSize) {
        const piece = rest.slice(at, at + batchSize);
        const batch = new RunningBatch(batchSize);
        this.addTo(batch, branch.entry, branch.index, from + at, piece, at + piece.length === rest.length);
        await this.decode(batch, [branch.entry]);
      }
      const [own] = this.rows([lastIndex(rest.length)], [branch]);
      rows.push({ ...own!, all: constant(own!.all()) });
      this.keepStates(branch, 0, own!);
    }
    return rows;
  }

  private runnerStates(): State[] | undefined {
    return this.plan.hooked ? this.runner.states(0) : undefined;
  }

  private reserve(tokens: number): number {
    const { context } = this.session.options;
    const each = Math.min(this.params.max ?? context, context - tokens);
    return Math.max(0, each * this.plan.forks.length);
  }

  private addTo(batch: RunningBatch, entry: Entry, index: number, from: number, tokens: number[], last: boolean): void {
    const prompt = this.plan.prompt.length;
    const end = from + tokens.length - 1;
    const segment = { sequence: index, slot: entry.slot, prompt, from };
    batch.add(segment, tokens, (position) => (last && position === end) || this.runner.needsOutput(prompt, position));
  }

  /** Runs a batch and notes what it brought into the cache; a context takes a batch that failed out again. */
  private async decode(batch: RunningBatch, entries: Entry[]): Promise<void> {
    await this.runner.run(batch, this.call.signal);
    batch.segments.forEach(({ start, count }, index) => {
      entries[index]!.tokens.push(...batch.batch.tokens.subarray(start, start + count));
    });
  }

  private async continue(first: Row[]): Promise<void> {
    let active = this.branches;
    let rows = first;
    for (;;) {
      for (const [index, branch] of active.entries()) {
        if (this.params.max === 0) branch.stop = "max";
        else this.emit(branch, branch.step(rows[index]!, this.candidates));
      }
      active = active.filter((branch) => branch.stop === undefined);
      active = active.filter((branch) => this.hasRoom(branch));
      if (active.length === 0) return;
      await breathe();
      this.call.signal.throwIfAborted();
      const pieces = await this.lens?.spend();
      if (pieces && pieces.length > 0) this.call.progress({ kind: "lens", pieces });
      await this.settle(active);
      rows = await this.advance(active);
    }
  }

  /** Ends thoughts whose answer is settled: looked at in a sequence of its own, which is dropped again. */
  private async settle(active: readonly Branch[]): Promise<void> {
    const { settle } = this.params;
    if (!settle) return;
    for (const branch of active) {
      const thought = branch.thinking;
      if (thought === undefined || thought % settle.every !== 0) continue;
      const tokens = [branch.next, ...branch.closing];
      // There must be room to look, beside what the branches hold.
      const held = this.branches.reduce((sum, { entry }) => sum + entry.tokens.length, 0);
      if (branch.entry.tokens.length + tokens.length + 1 >= this.session.options.context) continue;
      if (held + branch.entry.tokens.length + tokens.length > this.place.context.size) continue;
      const aside = this.place.cache.branch(branch.entry);
      try {
        const batch = new RunningBatch(tokens.length);
        this.addTo(batch, aside, branch.index, aside.tokens.length, tokens, true);
        await this.decode(batch, [aside]);
        const [row] = this.rows([tokens.length - 1], [branch]);
        const sure = row!.entropy < settle.nats;
        if (sure && this.sureBefore.has(branch)) branch.settle();
        if (sure) this.sureBefore.add(branch);
        else this.sureBefore.delete(branch);
      } finally {
        this.place.cache.drop(aside);
      }
    }
  }

  private hasRoom(branch: Branch): boolean {
    const used = this.branches.reduce(
      (sum, { entry }) => sum + entry.tokens.length - this.plan.prompt.length,
      this.plan.prompt.length,
    );
    const full =
      branch.entry.tokens.length + 1 >= this.session.options.context ||
      used + this.branches.length > this.place.context.size;
    if (full) branch.stop = "context";
    return !full;
  }

  /** One more token for each active branch, all in one batch. */
  private async advance(active: Branch[]): Promise<Row[]> {
    // Others may have come to need their cores, or be done with them.
    if (active[0]!.chosen % threadsAgain === 0) this.place.context.setThreads(this.session.threads());
    const batch = new RunningBatch(active.length);
    for (const { entry, index, next } of active) this.addTo(batch, entry, index, entry.tokens.length, [next], true);
    await this.decode(
      batch,
      active.map(({ entry }) => entry),
    );
    const rows = this.rows(
      active.map((_, index) => index),
      active,
    );
    active.forEach((branch, index) => this.keepStates(branch, index, rows[index]!));
    return rows;
  }

  private keepStates(branch: Branch, segment: number, row: Row): void {
    if (this.plan.hooked) branch.waiting.push({ states: this.runner.states(segment), row });
  }

  /** Distributions at tokens of the batch that asked for logits. */
  private rows(indices: number[], branches: Branch[]): Row[] {
    const { context } = this.place;
    const top = Math.max(1, this.plan.lens?.top ?? 0, ...branches.map(({ wanted }) => wanted));
    return indices.map((index) => {
      const pointer = context.logitsPointer(index);
      const graph = this.session.rowGraph(1, top);
      graph.give(pointer);
      const { ids, logits, logZ, entropy } = graph.run();
      let copy: Float32Array | undefined;
      return { ids, logits, logZ: logZ[0]!, entropy: entropy[0]!, all: () => (copy ??= context.logits(index)) };
    });
  }

  private emit(branch: Branch, tokens: GeneratedToken[]): void {
    for (const token of tokens) {
      const index = this.emitted.get(branch) ?? 0;
      this.emitted.set(branch, index + 1);
      const event: Extract<GenerateProgress, { kind: "token" }> = { kind: "token", fork: branch.index, index, token };
      const kept = branch.waiting.shift();
      if (kept) this.look(event, kept);
      this.call.progress(event);
    }
  }

  /** Adds what was asked to be seen at the position that predicted the token. */
  private look(event: Extract<GenerateProgress, { kind: "token" }>, { states, row }: Kept): void {
    const { meters = [], reads = [] } = this.params;
    const at = this.plan.lens?.reads.length ?? 0;
    if (this.lens) event.lens = this.lens.offer(event.fork, event.token, event.index, states.slice(0, at), row);
    if (meters.length > 0) {
      event.token.meters = Object.fromEntries(
        meters.map((meter, index) => [meter.name, project(states[at + index]!.data, meter)]),
      );
    }
    if (reads.length > 0) event.states = states.slice(at + meters.length);
  }

  private result(): GenerateResult {
    const { branches, plan } = this;
    const tokens = branches.reduce((sum, { chosen }) => sum + chosen, 0);
    // One sequence is kept for the conversation; the other branches make room.
    for (const branch of branches.slice(1)) this.place.cache.drop(branch.entry);
    const lensLeft = this.lens && this.session.lensRests.keep(this.lens);
    return {
      forks: branches.map((branch) => this.withCollapse(branch.result())),
      timings: {
        promptTokens: plan.prompt.length,
        reusedTokens: this.reused,
        promptMs: this.promptMs,
        tokens,
        generateMs: performance.now() - this.started - this.promptMs,
      },
      altered: plan.key !== "",
      ...(lensLeft ? { lensLeft } : {}),
    };
  }

  /** A plain model's loop is its own; an altered one's is said, because the strength is what a person can turn down. */
  private withCollapse(made: Generated): Generated {
    const { tokens } = made;
    if (this.plan.key === "" || tokens.length === 0) return made;
    const entropy = tokens.reduce((sum, token) => sum + token.entropy, 0) / tokens.length;
    const ids = tokens.map(({ id }) => id);
    return hasCollapsed(ids, entropy, this.session.model.vocabulary.size) ? { ...made, collapsed: { entropy } } : made;
  }

  close(): void {
    for (const branch of this.branches) branch.close();
    this.candidates.close();
  }
}

/** Tokens after which the number of threads is chosen again. */
const threadsAgain = 64;

function lastIndex(count: number): number {
  return (count - 1) % batchSize;
}

function constant<T>(value: T): () => T {
  return () => value;
}

function project(state: Float32Array, { vector, scale }: Meter): number {
  return state.reduce((sum, value, index) => sum + value * vector[index]!, 0) / scale;
}

function sharedPrefix(prefixes: readonly (readonly number[])[]): number[] {
  const [first = [], ...others] = prefixes;
  let length = 0;
  while (length < first.length && others.every((each) => each[length] === first[length])) length++;
  return first.slice(0, length);
}

function isCancel(error: unknown): boolean {
  return (
    (error instanceof VitrineError && error.code === "cancelled") ||
    (error instanceof Error && error.name === "AbortError")
  );
}
