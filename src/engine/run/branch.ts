import type { Alternative, GeneratedToken } from "../../contract/token";
import type { Generated, Sampling, State, StopReason } from "../../contract/verbs";
import type { Candidates, Grammar } from "../llama/sampler";
import { Sampler, changesLogits } from "../llama/sampler";
import type { Entry } from "./cache";
import { openGrammar } from "./form";
import { ReplyReader } from "./reply";
import type { ReplyOptions } from "./reply";
import type { Session } from "./session";
import type { ThoughtMarks } from "./thinking";
import type { Form } from "../../contract/verbs";

export interface BranchSettings {
  sampling: Sampling;
  seed: number;
  reply: ReplyOptions;
  form: Form | undefined;
  /** Tokens a thought may have; Infinity for as many as it likes. */
  thoughtBudget: number;
  /** Times a thought that would end before its budget goes on. */
  extend?: number;
  /** Alternatives kept a token. */
  top: number;
  max: number;
  /** Tokens before the new ones, which the penalties look at. */
  before: readonly number[];
}

/** One row of logits as the choice needs it. */
export interface Row {
  /** The likeliest tokens, sorted. */
  ids: Int32Array;
  logits: Float32Array;
  logZ: number;
  entropy: number;
  /** The whole row, copied when it is asked for. */
  all(): Float32Array;
}

/** What is seen at the position that predicted a token. */
export interface Kept {
  states: State[];
  row: Row;
}

/** One continuation on its way: chooses its tokens, and reads what it has written. */
export class Branch {
  readonly reader: ReplyReader;
  readonly tokens: GeneratedToken[] = [];
  /** Where its states are; the caller sets it. */
  entry!: Entry;
  stop: StopReason | undefined;
  /** The token to run next. */
  next = -1;
  chosen = 0;
  /** What was kept at the positions that predicted tokens which are still held back. */
  readonly waiting: (Kept | undefined)[] = [];
  private readonly sampler: Sampler | undefined;
  private readonly grammar: Grammar | undefined;
  private readonly forced: number[] = [];
  private thoughtTokens = 0;
  private extended = 0;
  private readonly plain: boolean;

  constructor(
    readonly index: number,
    private readonly session: Session,
    private readonly settings: BranchSettings,
  ) {
    const { sampling, form, reply, before, seed } = settings;
    this.reader = new ReplyReader(reply);
    this.plain = sampling.temperature === 0 && !changesLogits(sampling) && !form;
    if (this.plain) return;
    this.sampler = new Sampler(session.door, session.model.vocabulary, sampling, seed);
    for (const token of before.slice(-sampling.penaltyWindow || before.length)) this.sampler.accept(token);
    this.grammar = form ? openGrammar(session, form) : undefined;
  }

  get seed(): number {
    return this.settings.seed;
  }

  /** How many of a row's likeliest tokens it needs. */
  get wanted(): number {
    const { sampling, top } = this.settings;
    return this.narrow ? Math.max(top, sampling.topK) : top;
  }

  /** The likeliest tokens are all that top-k leaves, so that no more of the row is looked at. */
  private get narrow(): boolean {
    const { sampling } = this.settings;
    return (
      sampling.temperature > 0 &&
      sampling.topK > 0 &&
      sampling.topK <= narrowest &&
      !changesLogits(sampling) &&
      !this.grammar
    );
  }

  /** Takes tokens of the reply that are decided already. */
  replay(prefix: readonly number[]): void {
    const { vocabulary } = this.session.model;
    for (const id of prefix) {
      this.reader.push({ ...vocabulary.token(id), p: 1, entropy: 0, top: [] }, vocabulary.piece(id), false);
      this.countThought();
      this.sampler?.accept(id);
      if (this.reader.part === "answer" && !vocabulary.isControl(id)) this.grammar?.accept(id);
    }
    // Decided tokens that may belong to a mark come out with the first new ones; nothing was seen at their positions.
    for (let held = 0; held < this.reader.holding; held++) this.waiting.push(undefined);
  }

  /** Chooses the next token from a row. Gives the tokens that are settled now. */
  step(row: Row, candidates: Candidates): GeneratedToken[] {
    const { vocabulary } = this.session.model;
    const id = this.forced.shift() ?? this.unlessTooEarly(this.orGoesOn(this.choose(row, candidates)));
    const ends = vocabulary.isEnd(id);
    const token = {
      ...vocabulary.token(id),
      p: this.probability(row, id),
      entropy: row.entropy,
      top: this.alternatives(row),
    };
    const settled = this.reader.push(token, vocabulary.piece(id), ends);
    this.next = id;
    this.chosen++;
    this.countThought();
    if (ends) this.stop = this.grammar ? "form" : "eos";
    else if (this.reader.stopText !== undefined) this.stop = "stop";
    else if (this.chosen >= this.settings.max) this.stop = "max";
    this.tokens.push(...settled);
    return settled;
  }

  /** Lets out what is held back. */
  finish(): GeneratedToken[] {
    const settled = this.reader.stopText === undefined ? this.reader.finish() : [];
    this.tokens.push(...settled);
    return settled;
  }

  result(): Generated {
    const { text, thought, stopText } = this.reader;
    const result: Generated = { text, thought, stop: this.stop ?? "cancelled", tokens: this.tokens, seed: this.seed };
    return stopText === undefined ? result : { ...result, stopText };
  }

  close(): void {
    this.sampler?.close();
    this.grammar?.close();
  }

  private choose(row: Row, candidates: Candidates): number {
    if (this.plain || !this.sampler) return row.ids[0]!;
    if (this.narrow) {
      const { topK } = this.settings.sampling;
      candidates.fill(row.logits.subarray(0, topK), row.ids.subarray(0, topK));
      return this.accepted(this.sampler.choose(candidates) ?? row.ids[0]!);
    }
    candidates.fill(row.all());
    const free = this.sampler.choose(candidates) ?? row.ids[0]!;
    if (!this.grammar || this.mayThink(free)) return this.accepted(free);
    if (!this.allows(candidates, free)) {
      candidates.fill(row.all());
      this.grammar.filter(candidates);
      const allowed = this.sampler.choose(candidates);
      // A grammar that leaves nothing has come to its end.
      if (allowed === undefined) return this.session.model.vocabulary.eos;
      return this.acceptedByGrammar(allowed);
    }
    return this.acceptedByGrammar(free);
  }

  private accepted(id: number): number {
    this.sampler?.accept(id);
    return id;
  }

  private acceptedByGrammar(id: number): number {
    this.grammar?.accept(id);
    return this.accepted(id);
  }

  /** The form binds the answer, not the thought before it. */
  private mayThink(id: number): boolean {
    if (this.reader.part === "thought") return true;
    const { marks } = this.settings.reply;
    return this.reader.part === "start" && marks !== undefined && this.opens(id, marks);
  }

  private opens(id: number, { open }: ThoughtMarks): boolean {
    const { text } = this.session.model.vocabulary.token(id);
    return text !== "" && open.startsWith(text);
  }

  private allows(candidates: Candidates, id: number): boolean {
    candidates.fill(Float32Array.of(1), Int32Array.of(id));
    this.grammar!.filter(candidates);
    return candidates.firstLogit() !== -Infinity;
  }

  /** Ends a thought that has used up its budget. */
  private countThought(): void {
    if (this.reader.part !== "thought") return;
    const { marks } = this.settings.reply;
    if (++this.thoughtTokens < this.settings.thoughtBudget || !marks || this.forced.length > 0) return;
    this.endThought(marks);
  }

  private endThought({ close }: ThoughtMarks): void {
    this.forced.push(...this.session.model.vocabulary.encode(`\n${close}\n\n`, { special: true, frame: false }));
    this.thoughtTokens = -Infinity;
  }

  /** Tokens of the thought so far; undefined outside of one, and while its end is being written. */
  get thinking(): number | undefined {
    return this.reader.part === "thought" && this.forced.length === 0 && this.thoughtTokens > 0
      ? this.thoughtTokens
      : undefined;
  }

  /** The tokens that end a thought. */
  get closing(): number[] {
    const { marks } = this.settings.reply;
    if (!marks) return [];
    return [...this.session.model.vocabulary.encode(`\n${marks.close}\n\n`, { special: true, frame: false })];
  }

  /** Ends the thought with the next token. */
  settle(): void {
    const { marks } = this.settings.reply;
    if (marks && this.thinking !== undefined) this.endThought(marks);
  }

  /** A thought that would end before its budget goes on, as often as it was asked for. */
  private orGoesOn(id: number): number {
    const { marks } = this.settings.reply;
    const { extend = 0, thoughtBudget } = this.settings;
    const inside = this.reader.part === "thought" && this.forced.length === 0 && this.thoughtTokens >= 0;
    if (!marks || !inside || this.extended >= extend || this.thoughtTokens >= thoughtBudget) return id;
    const { vocabulary } = this.session.model;
    const text = vocabulary.token(id).text.trim();
    const ends = vocabulary.isEnd(id) || (text.length >= 2 && marks.close.startsWith(text));
    if (!ends) return id;
    this.extended++;
    this.forced.push(...vocabulary.encode("\nWait,", { special: false, frame: false }));
    return this.forced.shift() ?? id;
  }

  /** A reply that must have a form cannot end inside its thought: the thought ends, and the answer follows. */
  private unlessTooEarly(id: number): number {
    const { marks } = this.settings.reply;
    if (!this.grammar || !marks || this.reader.part !== "thought" || !this.session.model.vocabulary.isEnd(id))
      return id;
    this.endThought(marks);
    return this.forced.shift() ?? id;
  }

  private probability(row: Row, id: number): number {
    const at = row.ids.indexOf(id);
    const logit = at >= 0 ? row.logits[at]! : row.all()[id]!;
    return Math.exp(logit - row.logZ);
  }

  private alternatives({ ids, logits, logZ }: Row): Alternative[] {
    const { top } = this.settings;
    const list: Alternative[] = [];
    for (let index = 0; index < Math.min(top, ids.length); index++) {
      list.push({ ...this.session.model.vocabulary.token(ids[index]!), p: Math.exp(logits[index]! - logZ) });
    }
    return list;
  }
}

/** Above this, looking for the likeliest costs more than taking the row as it is. */
const narrowest = 256;
