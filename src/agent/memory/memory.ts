import { randomUUID } from "node:crypto";
import type { MemoryObservation, MemoryPort, MemoryRead, MemoryWrote } from "../../contract/agent";
import type { Brain } from "../../contract/brain";
import { errorData, fail } from "../../contract/errors";
import type {
  MemoryDetail,
  MemoryFilter,
  MemoryHit,
  MemoryItem,
  MemoryMethods,
  MemorySource,
  MemoryState,
  MemoryWhy,
  MemoryWriteMode,
  PendingWrite,
  ReflectProgress,
} from "../../contract/memory";
import type { Handlers } from "../../contract/method";
import type { VectorPort } from "../tools/selection/toolIndex";
import { forgetOps, inverse, mergeEntityOps, mergeRecordOps } from "./edits";
import { entityId, plainName, relationId } from "./graph/names";
import { MemoryGraph } from "./graph/memoryGraph";
import { neighbourhood, shortestPath, wholeGraph } from "./graph/view";
import { exportLines, importLines } from "./exchange";
import { itemOf, matches } from "./items";
import { quoted } from "./lance";
import { ordering, search, type SearchQuery } from "./read/search";
import { reflect } from "./reflect/reflect";
import { keepable, put, remove, tableOf, type Op, type StoredRecord } from "./rows";
import { MemoryStore } from "./store";
import { MemoryVectors } from "./vectors";
import { decide } from "./write/decide";
import { secretIn } from "./write/secrets";

export interface MemoryOptions {
  /** `.vitrine/memory` of the workspace. */
  folder: string;
  uri?: string;
  apiKey?: string;
  writes?: () => MemoryWriteMode;
  /** Judges what to keep and reflects; without it only what is said to be remembered is. */
  brain?: (signal?: AbortSignal) => Promise<Brain>;
  vectors?: VectorPort;
  now?: () => number;
  onChange?: () => void;
  onProblem?: (sentence: string) => void;
}

const longestText = 10_000;
const undoable = 50;

/** The memory of a workspace: what the agent reads and writes, and what people see and change of it. */
export class Memory implements MemoryPort {
  private graphLoaded: Promise<MemoryGraph> | undefined;
  private graphAt = 0;
  private readonly undos: { what: string; ops: Op[] }[] = [];
  private readonly pending = new Map<string, PendingWrite>();
  private readonly problems: string[] = [];
  private readonly used = new Map<string, string>();
  private readonly whys = new Map<string, { goal: string; hits: MemoryHit[] }>();
  private latestRun = "";
  private reflecting: ReflectProgress | null = null;
  private vectors: MemoryVectors | undefined;
  private readonly end = new AbortController();
  private lastTime = 0;

  private constructor(
    private readonly options: MemoryOptions,
    private store: MemoryStore,
  ) {}

  static async open(options: MemoryOptions): Promise<Memory> {
    const told: ((ops: readonly Op[]) => void)[] = [];
    const problems: string[] = [];
    let onProblem = (sentence: string): void => void problems.push(sentence);
    const store = await MemoryStore.open({
      folder: options.folder,
      ...(options.uri ? { uri: options.uri } : {}),
      ...(options.apiKey ? { apiKey: options.apiKey } : {}),
      onProblem: (sentence) => onProblem(sentence),
      onWrite: (ops) => told.forEach((tell) => tell(ops)),
    });
    const memory = new Memory(options, store);
    onProblem = (sentence) => memory.problem(sentence);
    problems.forEach(onProblem);
    told.push((ops) => memory.follow(ops));
    if (options.vectors) {
      memory.vectors = new MemoryVectors(store, options.vectors);
      void memory.vectors.open(memory.end.signal).then(
        () => options.onChange?.(),
        (error: unknown) => memory.problem(`There are no vectors: ${errorData(error).message}`),
      );
    }
    return memory;
  }

  async close(): Promise<void> {
    this.end.abort();
    await this.noteUses();
    await this.store.close();
  }

  /** Resolves when everything that has no vector yet has one. */
  embedded(): Promise<void> {
    return this.vectors?.open(this.end.signal) ?? Promise.resolve();
  }

  tidy(): Promise<void> {
    return this.store.tidy(true);
  }

  get handlers(): Handlers<MemoryMethods> {
    return {
      memoryState: () => this.state(),
      memoryList: (params) => this.list(params),
      memoryDetail: ({ id }) => this.detail(id),
      memorySearch: ({ query, mode = "auto", limit = 20, filter }) =>
        this.find({ query, mode, limit: Math.min(500, limit), ...(filter ? { filter } : {}) }),
      memoryGraph: async ({ limit, filter }) =>
        wholeGraph(this.store, await this.graph(), Math.min(limit, 50_000), filter),
      memoryNeighbourhood: async ({ id, hops, limit }) =>
        neighbourhood(this.store, await this.graph(), id, hops, Math.min(limit, 5_000)),
      memoryPath: async ({ from, to }) => shortestPath(this.store, await this.graph(), from, to),
      memoryWhy: ({ run }) => this.why(run),
      memoryRemember: ({ text, source }) => this.rememberByHand(text, source),
      memoryEdit: ({ id, text }) => this.edit(id, text),
      memoryMerge: ({ ids, into }) => this.merge(ids, into),
      memoryPin: ({ id, pinned }) => this.pin(id, pinned),
      memoryForget: ({ ids }) => this.forget(ids),
      memoryUndo: () => this.undo(),
      memoryReflect: ({ seconds }, { signal, progress }) => this.reflect(signal, seconds, progress),
      memoryApprove: ({ id, text }) => this.approve(id, text),
      memoryRefuse: ({ id }) => {
        this.pending.delete(id);
        this.options.onChange?.();
        return Promise.resolve(null);
      },
      memoryExport: async () => ({ lines: await exportLines(this.store) }),
      memoryImport: async ({ lines }, { signal, progress }) => this.import(lines, signal, progress),
    };
  }

  /** What the agent's next step is given: only what may be offered to a model, weighed by how recent and important it is. */
  async read(
    query: { goal: string; seen?: string; limit: number; run?: string },
    signal: AbortSignal,
  ): Promise<MemoryRead[]> {
    signal.throwIfAborted();
    const words = [query.goal.slice(0, 2_000), (query.seen ?? "").slice(0, 400)].join(" ");
    const found = await this.find({ query: words, limit: query.limit * 2, offered: true });
    const best = found.hits[0]?.score ?? 0;
    const hits = found.hits.filter(({ score }) => score >= best * 0.35).slice(0, query.limit);
    const time = this.time();
    hits.forEach(({ item }) => this.used.set(item.id, time));
    const run = query.run ?? "";
    const before = run === this.latestRun ? (this.whys.get(run)?.hits ?? []) : [];
    const known = new Set(before.map(({ item }) => item.id));
    this.whys.set(run, { goal: query.goal, hits: [...before, ...hits.filter(({ item }) => !known.has(item.id))] });
    this.latestRun = run;
    this.options.onChange?.();
    return hits.map(readOf);
  }

  async search(query: string, limit: number, signal: AbortSignal): Promise<MemoryRead[]> {
    signal.throwIfAborted();
    return (await this.find({ query, limit, offered: true })).hits.map(readOf);
  }

  find(query: SearchQuery): ReturnType<typeof search> {
    const { store, vectors } = this;
    return search({ store, vectors, graph: () => this.graph(), now: () => this.now() }, query);
  }

  /** The agent's own `remember`: judged by secrets and setting, not by the model, which has said that it wants it. */
  remember(
    text: string,
    taint: string | undefined,
    signal: AbortSignal,
    source: Partial<MemorySource> = {},
  ): Promise<MemoryWrote> {
    signal.throwIfAborted();
    return this.propose(text, {
      kind: "fact",
      taint,
      source: { by: "agent", ...source },
      why: "The agent asked to keep it.",
    });
  }

  /** After a step with words of the user, and at the end of a run. Most often keeps nothing. */
  async observe(seen: MemoryObservation, signal: AbortSignal): Promise<MemoryWrote[]> {
    const mode = this.options.writes?.() ?? "auto";
    if (seen.end) await this.noteRun(seen);
    if (mode === "off" || !this.options.brain || !seen.user || !telling(seen.user)) return [];
    const secret = secretIn(seen.user);
    if (secret) return [{ text: "", kept: false, why: `It holds ${secret}; secrets are not kept.` }];
    const near = await this.find({
      query: seen.user.slice(0, 1_000),
      mode: "text",
      limit: 3,
      filter: { nodes: ["record"] },
    });
    const known = near.hits.map(({ item }) => item);
    const brain = await this.options.brain(signal);
    const decision = await decide(
      brain,
      { user: seen.user, assistant: seen.end?.answer ?? seen.assistant, known: known.map(({ text }) => text) },
      signal,
    );
    if (decision.action === "no") return [];
    const replaces = decision.action === "replace" ? known[decision.index] : undefined;
    const source: MemorySource = { by: "agent", run: seen.run, step: seen.step };
    const what = {
      kind: "fact",
      taint: seen.taint,
      source,
      why: replaces ? "It changes what was known." : "It is new and lasting.",
    };
    return [await this.propose(decision.text, { ...what, ...(replaces ? { replaces } : {}) })];
  }

  /** How a run went, by a person's thumb or a check: only a success becomes an experience that is offered again. */
  async outcome(run: string, success: boolean): Promise<MemoryWrote | undefined> {
    const noted = await this.store.one("usage", `run:${run}`);
    if (!noted) return undefined;
    const { goal, calls, answer } = noted as unknown as {
      goal: string;
      calls: string[];
      answer: string;
      taint?: string;
    };
    const taint = typeof noted["taint"] === "string" ? noted["taint"] : undefined;
    const id = `experience:${run}`;
    const way = calls.length > 0 ? `, by ${[...new Set(calls)].join(", then ")}` : "";
    const text = success
      ? `To reach "${goal.slice(0, 300)}"${way}: ${answer.slice(0, 300)}`
      : `Did not reach "${goal.slice(0, 300)}"${way}.`;
    if (secretIn(text)) return { text, kept: false, why: "It holds a secret." };
    const record = this.made(text, {
      id,
      kind: success ? "experience" : "failure",
      source: { by: "agent", run },
      outcome: success ? "success" : "failure",
      ...(taint === undefined ? {} : { taint }),
    });
    await this.store.write([put("records", record)]);
    this.options.onChange?.();
    return { text, kept: true, id, why: success ? "It worked." : "Kept for people, not offered again." };
  }

  async state(): Promise<MemoryState> {
    const count = (table: "records" | "thoughts" | "entities" | "relations", where?: string): Promise<number> =>
      this.store.count(table, where);
    const [records, thoughts, entities, relations] = await Promise.all([
      count("records", "valid"),
      count("thoughts"),
      count("entities"),
      count("relations", "valid"),
    ]);
    return {
      phase: "ready",
      where: this.store.where,
      remote: this.store.remote,
      queued: this.store.remote ? this.store.queued : 0,
      counts: { records, thoughts, entities, relations },
      writes: this.options.writes?.() ?? "auto",
      vectors: this.vectors ? { model: this.vectors.model, done: this.vectors.count, total: records + thoughts } : null,
      problems: [...this.problems],
      reflecting: this.reflecting,
      pending: [...this.pending.values()],
      undo: this.undos.at(-1)?.what ?? null,
      lastRead: this.whys.get(this.latestRun)?.hits ?? [],
    };
  }

  async list({
    filter = {},
    limit,
    offset = 0,
    pinnedFirst = false,
  }: {
    filter?: MemoryFilter;
    limit: number;
    offset?: number;
    pinnedFirst?: boolean;
  }): Promise<{ items: MemoryItem[]; total: number }> {
    const tables = (filter.nodes ?? ["record", "thought"]).map((node) => tableOf(`${node}:`).table);
    const clauses = [
      ...(filter.closed ? [] : ["valid"]),
      ...(filter.from === undefined ? [] : [`at >= ${Date.parse(filter.from) || 0}`]),
      ...(filter.to === undefined ? [] : [`at <= ${Date.parse(filter.to) || 0}`]),
      ...(filter.kinds ? [`kind IN (${filter.kinds.map(quoted).join(",")})`] : []),
    ];
    const where = clauses.length > 0 ? { where: clauses.join(" AND ") } : {};
    // Pins and runs are in the rows' JSON: such lists are short, but the whole table has to be looked through.
    const fine =
      filter.pinned !== undefined || filter.run !== undefined || filter.community !== undefined || pinnedFirst;
    const items: MemoryItem[] = [];
    let total = 0;
    for (const table of new Set(tables)) {
      const values = await this.store.list(table, { ...where, limit: fine ? 20_000 : offset + limit, newest: true });
      const own = values.map((value) => itemOf(table, value)).filter((item) => matches(item, filter, item.source));
      items.push(...own);
      total += fine ? own.length : await this.store.count(table, where.where);
    }
    const before = (a: MemoryItem, b: MemoryItem): number =>
      (pinnedFirst ? Number(b.pinned) - Number(a.pinned) : 0) || (a.time < b.time ? 1 : a.time > b.time ? -1 : 0);
    return { items: items.sort(before).slice(offset, offset + limit), total };
  }

  async detail(id: string): Promise<MemoryDetail> {
    const graph = await this.graph();
    const item = await this.item(id);
    const { table } = tableOf(id);
    const value = await this.store.one(table, id);
    const evidence = [
      ...(graph.thoughts.get(id)?.evidence ?? []),
      ...(graph.relations.get(id)?.records ?? []),
      ...(table === "entities" ? [...(graph.mentions.get(id) ?? [])].slice(0, 200) : []),
    ];
    const rests = [
      ...(graph.thoughtsOn.get(id) ?? []),
      ...(graph.relationsOn.get(id) ?? []),
      ...(graph.relationsAt.get(id) ?? []),
      ...(graph.records.get(id)?.entities ?? []),
    ];
    return {
      item,
      ...(table === "records" ? { record: value as StoredRecord } : {}),
      ...(table === "thoughts" ? { thought: value as never } : {}),
      ...(table === "entities"
        ? { entity: { ...(value as object), records: [...(graph.mentions.get(id) ?? [])] } as never }
        : {}),
      ...(table === "relations" ? { relation: value as never } : {}),
      evidence: await this.items(evidence),
      rests: await this.items([...new Set(rests)].slice(0, 500)),
    };
  }

  async why(run?: string): Promise<MemoryWhy | null> {
    const which = run ?? this.latestRun;
    const why = this.whys.get(which);
    if (!why) return null;
    const { items } = await this.list({ filter: { run: which }, limit: 50 });
    return { run: which, goal: why.goal, hits: why.hits, written: items };
  }

  /** A person's own words: kept as they are, secrets apart. */
  async rememberByHand(
    text: string,
    source: Partial<MemorySource> = {},
  ): Promise<{ item: MemoryItem | null; why: string }> {
    const clean = keepable(text).trim();
    if (clean === "") fail("badArgument", "There is nothing to remember.");
    const secret = secretIn(clean);
    if (secret) return { item: null, why: `It holds ${secret}; secrets are not kept.` };
    const record = this.made(clean, { kind: "note", source: { ...source, by: "user" }, importance: 0.8 });
    await this.change("remember", [put("records", record)]);
    return { item: itemOf("records", record), why: "Kept." };
  }

  async edit(id: string, text: string): Promise<{ item: MemoryItem }> {
    const clean = keepable(text).trim();
    if (clean === "") fail("badArgument", "A memory cannot be empty.", { remedy: "Forget it instead." });
    const secret = secretIn(clean);
    if (secret) fail("notAllowed", `The new text holds ${secret}; secrets are not kept.`);
    const { table } = tableOf(id);
    if (table === "records") {
      const old = await this.known("records", id);
      const fresh = this.made(clean, {
        kind: old.kind,
        source: { ...old.source, by: "user" },
        importance: Math.max(0.8, old.importance),
        pinned: old.pinned,
        ...(old.outcome ? { outcome: old.outcome } : {}),
      });
      await this.change("edit", await this.superseding(fresh, old));
      return { item: itemOf("records", fresh) };
    }
    if (table === "thoughts") {
      const value = { ...(await this.known("thoughts", id)), text: clean, time: this.time() };
      await this.change("edit", [put("thoughts", value)]);
    } else if (table === "entities") {
      await this.rename(id, clean);
    } else {
      const old = await this.known("relations", id);
      const fresh = relationId(old.from, clean, old.to);
      await this.change("edit", [
        remove("relations", id),
        put("relations", { ...old, id: fresh, relation: clean, time: this.time() }),
      ]);
      return { item: await this.item(fresh) };
    }
    return { item: await this.item(id) };
  }

  async merge(ids: string[], into: string): Promise<{ item: MemoryItem }> {
    const all = [...new Set([...ids, into])];
    const { table } = tableOf(into);
    if (all.some((id) => tableOf(id).table !== table) || (table !== "records" && table !== "entities")) {
      fail("badArgument", "Records merge with records and entities with entities.");
    }
    const records = table === "records" ? [...(await this.store.get("records", all)).values()] : [];
    const ops =
      table === "records"
        ? mergeRecordOps(records, into, this.time())
        : await mergeEntityOps(this.store, await this.graph(), all, into);
    await this.change("merge", ops);
    return { item: await this.item(into) };
  }

  async pin(id: string, pinned: boolean): Promise<{ item: MemoryItem }> {
    const { table } = tableOf(id);
    if (table === "relations") fail("badArgument", "A relation cannot be pinned; pin what it ties.");
    const value = { ...(await this.known(table, id)), pinned };
    await this.change(pinned ? "pin" : "unpin", [put(table, value as never)]);
    return { item: await this.item(id) };
  }

  async forget(ids: string[]): Promise<{ removed: number }> {
    const there = (await this.items(ids)).map(({ id }) => id);
    if (there.length === 0) fail("badArgument", "There is no such memory.");
    const ops = await forgetOps(this.store, await this.graph(), there);
    await this.change("forget", ops);
    const gone = ops.flatMap((op) => (op.put ? [] : [op.id]));
    this.vectors?.forget(gone);
    return { removed: gone.length };
  }

  async undo(): Promise<{ undone: string | null }> {
    const last = this.undos.pop();
    if (!last) return { undone: null };
    await this.store.write(last.ops);
    this.options.onChange?.();
    return { undone: last.what };
  }

  async reflect(
    signal: AbortSignal,
    seconds?: number,
    onProgress?: (progress: ReflectProgress) => void,
  ): ReturnType<typeof reflect> {
    if (this.reflecting) fail("notAllowed", "A reflection is under way.");
    if (!this.options.brain) fail("noModel", "Reflection needs a model.", { remedy: "Load one." });
    this.reflecting = { stage: "fold", done: 0, total: 0 };
    let shown = 0;
    try {
      await this.noteUses();
      const brain = await this.options.brain(signal);
      const parts = { store: this.store, graph: () => this.graph(), brain, now: () => this.now() };
      return await reflect(parts, {
        signal: AbortSignal.any([signal, this.end.signal]),
        ...(seconds === undefined ? {} : { budget: seconds * 1_000 }),
        onProgress: (progress) => {
          this.reflecting = progress;
          onProgress?.(progress);
          if (Date.now() - shown < 250) return;
          shown = Date.now();
          this.options.onChange?.();
        },
      });
    } finally {
      this.reflecting = null;
      this.options.onChange?.();
    }
  }

  async approve(id: string, text?: string): Promise<{ item: MemoryItem | null; why: string }> {
    const waiting = this.pending.get(id);
    if (!waiting) fail("badArgument", "This write was decided already.");
    this.pending.delete(id);
    const { taint, kind, replaces } = waiting;
    const source: MemorySource = { ...waiting.source, ...(text === undefined ? {} : { by: "user" as const }) };
    const wrote = await this.keep(keepable(text ?? waiting.text).trim(), {
      taint,
      kind,
      source,
      why: "A person agreed.",
      ...(replaces ? { replaces } : {}),
    });
    return { item: wrote.id === undefined ? null : await this.item(wrote.id), why: wrote.why };
  }

  async import(
    lines: readonly string[],
    signal: AbortSignal,
    progress?: (done: number) => void,
  ): ReturnType<typeof importLines> {
    const done = await importLines(this.store, lines, () => this.time(), signal, progress);
    this.graphLoaded = undefined;
    this.options.onChange?.();
    return done;
  }

  /** The graph, loaded when first needed, and anew when another process may have changed it. */
  async graph(): Promise<MemoryGraph> {
    if (this.graphLoaded && Date.now() - this.graphAt > 5_000) {
      const graph = await this.graphLoaded;
      this.graphAt = Date.now();
      const [entities, relations] = [await this.store.count("entities"), await this.store.count("relations")];
      if (entities !== graph.entities.size || relations !== graph.relations.size) this.graphLoaded = undefined;
    }
    this.graphLoaded ??= MemoryGraph.load(this.store);
    try {
      return await this.graphLoaded;
    } catch (error) {
      this.graphLoaded = undefined;
      throw error;
    }
  }

  get tables(): MemoryStore {
    return this.store;
  }

  private async propose(text: string, what: Proposal): Promise<MemoryWrote> {
    const clean = keepable(text).replace(/\s+/g, " ").trim();
    if (clean === "") return { text: clean, kept: false, why: "It is empty." };
    const mode = this.options.writes?.() ?? "auto";
    if (mode === "off") return { text: clean, kept: false, why: "Writing memories is switched off." };
    const secret = secretIn(clean);
    if (secret) return { text: "", kept: false, why: `It holds ${secret}; secrets are not kept.` };
    if (what.taint !== undefined && ordering(clean)) {
      return { text: clean, kept: false, why: `It comes from a ${what.taint} and gives orders.` };
    }
    if (mode === "auto") return this.keep(clean, what);
    const id = randomUUID();
    const { kind, source, taint, replaces, why } = what;
    this.pending.set(id, {
      id,
      text: clean,
      kind,
      time: this.time(),
      source,
      why,
      ...(taint === undefined ? {} : { taint }),
      ...(replaces ? { replaces } : {}),
    });
    this.options.onChange?.();
    return { text: clean, kept: false, pending: true, id, why: "A person is asked." };
  }

  private async keep(text: string, { kind, source, taint, replaces, why }: Proposal): Promise<MemoryWrote> {
    const near = await this.find({ query: text, mode: "text", limit: 3, filter: { nodes: ["record"] } });
    const same = near.hits.find(({ item }) => plainName(item.text) === plainName(text));
    if (same && same.item.id !== replaces?.id)
      return { text, kept: false, id: same.item.id, why: "It is known already." };
    const record = this.made(text, { kind, source, ...(taint === undefined ? {} : { taint }) });
    const old = replaces ? await this.store.one("records", replaces.id) : undefined;
    // What a page or a tool says does not close what a person said.
    const closes = old && (taint === undefined || old.source.by !== "user") ? old : undefined;
    await this.change("remember", closes ? await this.superseding(record, closes) : [put("records", record)]);
    return {
      text,
      kept: true,
      id: record.id,
      why: closes ? `${why} It takes the place of: ${closes.text.slice(0, 200)}` : why,
    };
  }

  /** The new record, the old one closed, and the relations closed that rest on the old one alone. */
  private async superseding(fresh: StoredRecord, old: StoredRecord): Promise<Op[]> {
    const graph = await this.graph();
    const closed = [...(graph.relationsOn.get(old.id) ?? [])].flatMap((id) => {
      const relation = graph.relations.get(id);
      return relation && relation.validTo === null && relation.records.every((each) => each === old.id)
        ? [put("relations", { ...relation, validTo: fresh.time })]
        : [];
    });
    return [put("records", { ...old, validTo: fresh.time, replacedBy: fresh.id }), put("records", fresh), ...closed];
  }

  private async rename(id: string, name: string): Promise<void> {
    const old = await this.known("entities", id);
    const graph = await this.graph();
    const other =
      graph.named(name).find((each) => each !== id) ??
      (entityId(name) !== id && graph.entities.has(entityId(name)) ? entityId(name) : undefined);
    if (other !== undefined) fail("badArgument", "There is an entity of this name.", { remedy: "Merge the two." });
    const relations = [...(graph.relationsAt.get(id) ?? [])].flatMap((each) => {
      const relation = graph.relations.get(each);
      if (!relation) return [];
      const names = {
        ...(relation.from === id ? { fromName: name } : {}),
        ...(relation.to === id ? { toName: name } : {}),
      };
      return [put("relations", { ...relation, ...names })];
    });
    const aliases = [...new Set([...old.aliases, old.name])];
    await this.change("edit", [put("entities", { ...old, name, aliases }), ...relations]);
  }

  private async change(what: string, ops: readonly Op[]): Promise<void> {
    const back = await inverse(this.store, ops);
    await this.store.write(ops);
    const shown = ops.find((op) => op.put);
    const text = shown?.put && "text" in shown.value ? String(shown.value.text).slice(0, 60) : "";
    this.undos.push({ what: text && what !== "forget" ? `${what}: ${text}` : what, ops: back });
    if (this.undos.length > undoable) this.undos.shift();
    this.options.onChange?.();
  }

  private made(text: string, more: Partial<StoredRecord> & { kind: string; source: MemorySource }): StoredRecord {
    const time = this.time();
    return {
      id: `m-${randomUUID()}`,
      text: text.slice(0, longestText),
      time,
      importance: 0.5,
      validFrom: time,
      validTo: null,
      pinned: false,
      uses: 0,
      lastUsed: null,
      ...more,
    };
  }

  private async noteRun({ run, goal, taint, end }: MemoryObservation): Promise<void> {
    if (!end || !end.reached || secretIn(goal) || secretIn(end.answer)) return;
    const value = { id: `run:${run}`, time: this.time(), goal, calls: end.calls, answer: end.answer.slice(0, 1_000) };
    await this.store.write([put("usage", { ...value, ...(taint === undefined ? {} : { taint }) })]);
  }

  /** How often memories were used is kept in memory and written at leisure: reading writes nothing. */
  private async noteUses(): Promise<void> {
    if (this.used.size === 0) return;
    const used = new Map(this.used);
    this.used.clear();
    const records = await this.store.get(
      "records",
      [...used.keys()].filter((id) => tableOf(id).table === "records"),
    );
    await this.store.write(
      [...records.values()].map((record) =>
        put("records", {
          ...record,
          uses: record.uses + 1,
          lastUsed: used.get(record.id) ?? null,
          importance: Math.min(1, record.importance + 0.02),
        }),
      ),
    );
  }

  private follow(ops: readonly Op[]): void {
    // The graph is changed only after it is loaded; a load under way reads what was written.
    if (this.graphLoaded) {
      const loaded = this.graphLoaded;
      this.graphLoaded = loaded.then((graph) => {
        ops.forEach((op) => graph.apply(op));
        return graph;
      });
      this.graphLoaded.catch(() => undefined);
    }
    if (!this.vectors) return;
    for (const op of ops) {
      if (op.put && (op.table === "records" || op.table === "thoughts")) this.vectors.add(op.value.id, op.value.text);
    }
    void this.vectors.work(this.end.signal).catch((error: unknown) => {
      if (!this.end.signal.aborted) this.problem(`There are no vectors: ${errorData(error).message}`);
    });
  }

  private async known<T extends ReturnType<typeof tableOf>["table"]>(table: T, id: string) {
    return (await this.store.one(table, id)) ?? fail("badArgument", "There is no such memory.");
  }

  private async item(id: string): Promise<MemoryItem> {
    return (await this.items([id]))[0] ?? fail("badArgument", "There is no such memory.");
  }

  private async items(ids: readonly string[]): Promise<MemoryItem[]> {
    const out = new Map<string, MemoryItem>();
    for (const table of ["records", "thoughts", "entities", "relations"] as const) {
      const own = ids.filter((id) => tableOf(id).table === table);
      if (own.length === 0) continue;
      for (const [id, value] of await this.store.get(table, own)) out.set(id, itemOf(table, value));
    }
    return ids.flatMap((id) => out.get(id) ?? []);
  }

  private problem(sentence: string): void {
    if (this.problems.at(-1) === sentence) return;
    this.problems.push(sentence);
    if (this.problems.length > 20) this.problems.shift();
    this.options.onProblem?.(sentence);
    this.options.onChange?.();
  }

  private now(): number {
    return this.options.now?.() ?? Date.now();
  }

  /** Later than every time given before, also when the clock goes backwards, so that what is newer stays newer. */
  private time(): string {
    this.lastTime = Math.max(this.now(), this.lastTime + 1);
    return new Date(this.lastTime).toISOString();
  }
}

interface Proposal {
  kind: string;
  source: MemorySource;
  taint?: string | undefined;
  replaces?: MemoryItem;
  why: string;
}

function readOf({ item, why }: MemoryHit): MemoryRead {
  const { id, text, kind, time, source, taint } = item;
  return {
    id,
    // One from outside says so to the model too.
    text: taint === undefined ? text : `(read in a ${taint}, not confirmed) ${text}`,
    why,
    kind,
    time,
    ...(source ? { source } : {}),
    ...(taint === undefined ? {} : { taint }),
  };
}

/** Whether words can tell something lasting at all: a bare question or order is not put before the model. */
function telling(text: string): boolean {
  const clean = text.trim();
  if (clean.length < 8) return false;
  return clean
    .split(/(?<=[.!?。！？\n])\s*/)
    .some((sentence) => !/[?？]\s*$/.test(sentence) && sentence.trim().length >= 6);
}
