import { randomUUID } from "node:crypto";
import type { Clock } from "../../contract/agent";
import type { Brain } from "../../contract/brain";
import { errorData, fail } from "../../contract/errors";
import {
  defaultResearchBudget,
  type Found,
  type ResearchBudget,
  type ResearchEvent,
  type ResearchEventBody,
  type ResearchNote,
  type ResearchParams,
  type ResearchQuestion,
  type ResearchStep,
  type ResearchView,
  type SourceKind,
} from "../../contract/research";
import { parseQuery, queryGrammar, queryPrompt } from "../prompts/query";
import { sha256 } from "../tools/hash";
import { cleanText } from "../tools/output";
import { Asker } from "./ask";
import { compareNotes } from "./compare";
import { reportMarkdown } from "./markdown";
import { nextTask, searchLimit, type Task } from "./next";
import { takeNotes } from "./notes";
import { nextQuestions } from "./questions";
import { researchView } from "./researchView";
import type { ResearchSource } from "./source";
import { emptyState, stateOfLines, withResearchEvent, type ResearchState } from "./state";
import type { ResearchStore } from "./store";
import { writeAnswer } from "./write";

export interface ResearchPorts {
  brain: Brain;
  sources: readonly ResearchSource[];
  store: ResearchStore;
  clock?: Clock;
}

export type ResearchListener = (event: ResearchEvent, view: ResearchView) => void;

const longestQuestion = 2_000;

/**
 * One research: from a question to a report with a citation on every claim. Every step's result is an event on disk
 * before the next step begins, so it can be paused, and goes on after a reload or a crash, without doing a step twice.
 */
export class Research {
  private readonly asker: Asker;
  private readonly clock: Clock;
  private readonly listeners = new Set<ResearchListener>();
  private readonly texts = new Map<number, string>();
  private readonly queries = new Map<string, string>();
  private readonly privateKinds: ReadonlySet<SourceKind>;
  private readonly abort = new AbortController();
  private state: ResearchState;
  private doing: ResearchStep = { kind: "nothing" };
  private running = false;
  private since = 0;

  private constructor(
    readonly id: string,
    private readonly ports: ResearchPorts,
    state: ResearchState,
    private readonly begin: ResearchEventBody,
  ) {
    this.asker = new Asker(ports.brain);
    this.clock = ports.clock ?? { now: () => Date.now() };
    this.privateKinds = new Set(ports.sources.filter((source) => source.private).map(({ kind }) => kind));
    this.state = state;
  }

  /** A new research; `run()` begins it. Fails with `badArgument` without a question or without a source. */
  static create(ports: ResearchPorts, params: ResearchParams): Research {
    const question = cleanText(params.question).replace(/\s+/g, " ").trim();
    if (question === "") fail("badArgument", "There is no question.", { remedy: "Say what is to be found out." });
    if (question.length > longestQuestion)
      fail("badArgument", `The question is longer than ${longestQuestion} characters.`);
    const wanted = params.sources;
    const kinds = ports.sources.map(({ kind }) => kind).filter((kind) => !wanted || wanted.includes(kind));
    if (kinds.length === 0)
      fail("badArgument", "There is no source to search.", { remedy: "Name at least one source." });
    const budget: ResearchBudget = { ...defaultResearchBudget, ...params.budget };
    const now = ports.clock?.now() ?? Date.now();
    const stamp = new Date(now).toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
    const id = `${stamp}-${randomUUID().slice(0, 8)}`;
    const begin: ResearchEventBody = {
      type: "research",
      question,
      sources: [...new Set(kinds)],
      budget,
      brain: ports.brain.name,
    };
    return new Research(id, ports, emptyState(id), begin);
  }

  /** A research that was paused or broke off; a finished one fails with `badArgument`. `budget` adds to what it had. */
  static async resume(ports: ResearchPorts, id: string): Promise<Research> {
    const state = stateOfLines(id, await ports.store.journal.read(id));
    if (state.report !== undefined) fail("badArgument", "This research has its report already.");
    return new Research(id, ports, state, { type: "resumed" });
  }

  onEvent(listener: ResearchListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  view(): ResearchView {
    return researchView(this.state, this.running, this.doing);
  }

  /** Stops after the step under way is broken off; nothing that is done is lost. */
  pause(): void {
    this.abort.abort();
  }

  /** Runs until the report is written, it is paused, or it fails. Does not throw. */
  async run(): Promise<ResearchView> {
    this.running = true;
    this.since = this.clock.now();
    try {
      await this.emit(this.begin);
      for (;;) {
        this.abort.signal.throwIfAborted();
        await this.checkBudget();
        const task = nextTask(this.state, this.privateKinds);
        this.tellDoing(task);
        await this.perform(task);
        await this.tellSpent();
        if (task.kind === "report") break;
      }
    } catch (error) {
      this.running = false;
      if (this.abort.signal.aborted) await this.emit({ type: "paused", why: "user" });
      else await this.emit({ type: "failed", error: errorData(error) });
    }
    this.running = false;
    this.doing = { kind: "nothing" };
    return this.view();
  }

  private async perform(task: Task): Promise<void> {
    const { signal } = this.abort;
    switch (task.kind) {
      case "questions": {
        const questions = await nextQuestions(this.asker, this.state, this.privateKinds, signal);
        return this.emit({ type: "questions", round: task.round, questions });
      }
      case "search":
        return this.search(task.question, task.source);
      case "read":
        return this.read(task.found);
      case "note":
        return this.note(task.question, task.source);
      case "compare": {
        const { notes, contradictions } = this.state;
        const fresh = new Set(this.freshNotes().map(({ id }) => id));
        const found = await compareNotes(this.asker, notes, contradictions, fresh, signal);
        return this.emit({ type: "compared", round: task.round, contradictions: found });
      }
      case "report":
        return this.report();
    }
  }

  private async search({ text }: ResearchQuestion, kind: SourceKind): Promise<void> {
    const { signal } = this.abort;
    const query = await this.query(text);
    try {
      // A search in files goes by words: those of the question count beside those the brain would look for.
      const sought = kind === "file" ? `${query} ${text}` : query;
      const lists = await Promise.all(this.of(kind).map((source) => source.search(sought, searchLimit, signal)));
      const found = lists.flat().slice(0, searchLimit).map(cleanFound);
      await this.emit({ type: "search", question: text, kind, query, found });
    } catch (error) {
      signal.throwIfAborted();
      await this.emit({ type: "search", question: text, kind, query, found: [], failed: errorData(error) });
    }
  }

  /** Words to search with: the question's own and those the brain would look for. */
  private async query(question: string): Promise<string> {
    const known = this.queries.get(question);
    if (known !== undefined) return known;
    const asked = await this.asker.ask(queryPrompt(question), parseQuery, this.abort.signal, {
      grammar: queryGrammar(),
      max: 48,
    });
    const query =
      cleanText(asked ?? question)
        .replace(/\s+/g, " ")
        .trim()
        .slice(0, 200) || question;
    this.queries.set(question, query);
    return query;
  }

  private async read({ kind, place, title }: Found): Promise<void> {
    const { signal } = this.abort;
    const { store } = this.ports;
    const id = this.state.read.length + 1;
    try {
      const source = this.of(kind)[0] ?? fail("internal", `There is no source ${kind}.`);
      const found = await source.read(place, signal);
      const text = found.file === undefined ? cleanText(found.text) : found.text;
      if (text.trim() === "") fail("badArgument", "It has no text.");
      const file = found.file ?? (await store.keep(this.id, id, text));
      this.texts.set(id, text);
      await this.emit({
        type: "read",
        source: {
          id,
          kind,
          place,
          title: cleanText(found.title || title)
            .replace(/\s+/g, " ")
            .trim()
            .slice(0, 200),
          file,
          hash: sha256(text),
          characters: text.length,
          cut: found.cut,
          at: this.at(),
        },
      });
    } catch (error) {
      signal.throwIfAborted();
      await this.emit({ type: "unread", place, kind, error: errorData(error) });
    }
  }

  private async note({ text: question }: ResearchQuestion, id: number): Promise<void> {
    const text = await this.textOf(id);
    const taken = await takeNotes(this.asker, text, question, id, this.abort.signal);
    // The same words of the same place say the same, whatever question led to them.
    const fresh = taken.notes.filter(
      ({ claim, span }) =>
        !this.state.notes.some((note) => note.source === id && note.span.start === span.start && note.claim === claim),
    );
    const notes: ResearchNote[] = fresh.map((note, i) => ({ ...note, id: this.state.notes.length + 1 + i }));
    await this.emit({ type: "notes", question, source: id, notes, dropped: taken.dropped });
  }

  /** The text of a source as it was read: kept in memory, else from its file if that is still the same. */
  private async textOf(id: number): Promise<string> {
    const known = this.texts.get(id);
    if (known !== undefined) return known;
    const source = this.state.read.find((each) => each.id === id) ?? fail("internal", `There is no source ${id}.`);
    const text = await this.ports.store.text(source.file).catch(() => "");
    // A file that was changed since it was read is another text: nothing is quoted from it.
    const same = sha256(text) === source.hash ? text : "";
    this.texts.set(id, same);
    return same;
  }

  private async report(): Promise<void> {
    const { question, notes, dropped } = this.state;
    const written = await writeAnswer(this.asker, question, notes, this.abort.signal);
    const text = reportMarkdown({ state: this.state, written, up: "../", now: this.at() });
    const file = await this.ports.store.report(question, text);
    await this.emit({
      type: "report",
      file,
      text,
      claims: written.sentences.length,
      marked: written.sentences.filter(({ unsure }) => unsure).length,
      dropped: dropped.length + written.dropped.length,
    });
  }

  private freshNotes(): ResearchNote[] {
    const questions = new Set((this.state.rounds.at(-1) ?? []).map(({ text }) => text));
    return this.state.notes.filter(({ question }) => questions.has(question));
  }

  private of(kind: SourceKind): ResearchSource[] {
    return this.ports.sources.filter((source) => source.kind === kind);
  }

  private async checkBudget(): Promise<void> {
    const { budget, outOf, read, spent } = this.state;
    if (outOf.length > 0) return;
    const over: [keyof ResearchBudget, boolean][] = [
      ["reads", read.length >= budget.reads && this.wouldRead()],
      ["tokens", spent.promptTokens + spent.tokens >= budget.tokens],
      ["ms", spent.ms >= budget.ms],
    ];
    for (const [of, is] of over) if (is) return this.emit({ type: "budget", of });
  }

  private wouldRead(): boolean {
    return nextTask(this.state, this.privateKinds).kind === "read";
  }

  private async tellSpent(): Promise<void> {
    const { promptTokens, tokens } = this.asker.takeSpent();
    const now = this.clock.now();
    const before = this.state.spent;
    const spent = {
      reads: this.state.read.length,
      promptTokens: before.promptTokens + promptTokens,
      tokens: before.tokens + tokens,
      ms: before.ms + (now - this.since),
    };
    this.since = now;
    await this.emit({ type: "spent", spent });
  }

  private tellDoing(task: Task): void {
    this.doing = doingOf(task, this.state);
  }

  private at(): string {
    return new Date(this.clock.now()).toISOString();
  }

  private async emit(body: ResearchEventBody): Promise<void> {
    const event: ResearchEvent = { at: this.at(), id: this.id, ...body };
    await this.ports.store.journal.append(this.id, JSON.stringify(event));
    this.state = withResearchEvent(this.state, event);
    for (const listener of this.listeners) listener(event, this.view());
  }
}

function cleanFound({ kind, place, title, excerpt }: Found): Found {
  const line = (text: string, most: number): string => cleanText(text).replace(/\s+/g, " ").trim().slice(0, most);
  return { kind, place: place.slice(0, 4_000), title: line(title, 200), excerpt: line(excerpt, 400) };
}

function doingOf(task: Task, { read }: ResearchState): ResearchStep {
  switch (task.kind) {
    case "questions":
      return { kind: "asking" };
    case "search":
      return { kind: "searching", what: task.question.text };
    case "read":
      return { kind: "reading", what: task.found.title || task.found.place };
    case "note":
      return { kind: "noting", what: read.find(({ id }) => id === task.source)?.title ?? "" };
    case "compare":
      return { kind: "comparing" };
    case "report":
      return { kind: "writing" };
  }
}
