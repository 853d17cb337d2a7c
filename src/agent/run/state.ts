import type { Clock, GoalParams, RunBudget, Spent } from "../../contract/agent";
import { defaultBudget } from "../../contract/agent";
import type { BrainUsage } from "../../contract/brain";
import { ContextKeeper, type Turn } from "./context";
import { LoopDetector } from "./detector";
import type { JournalState } from "./journalState";
import type { AgentPorts } from "./ports";
import { Recorder } from "./recorder";

/** Longest text of a reply that is kept, in characters. */
export const longestAnswer = 64_000;

/** Tokens left free beside prompt and reply. */
const margin = 32;

/** What a run holds while it goes on; the files beside this one are what it does with it. */
export class RunState {
  readonly recorder: Recorder;
  readonly keeper: ContextKeeper;
  readonly detector = new LoopDetector();
  readonly abort = new AbortController();
  readonly clock: Clock;
  readonly budget: RunBudget;
  readonly turns: Turn[] = [];
  /** Messages of the user that the next step reads. */
  readonly waiting: string[] = [];
  /** Tools called, the latest first. */
  readonly recent: string[] = [];
  readonly spent: Spent = { steps: 0, promptTokens: 0, tokens: 0, ms: 0 };
  memories: string[] = [];
  plan: string[] = [];
  /** Replies in a row that said nothing. */
  silent = 0;
  started = 0;

  constructor(
    readonly ports: AgentPorts,
    readonly params: GoalParams,
    readonly id: string,
    past?: JournalState,
  ) {
    this.clock = ports.clock ?? { now: () => Date.now() };
    this.recorder = new Recorder(id, ports.journal, this.clock);
    this.keeper = new ContextKeeper((text) => ports.brain.count(text));
    this.budget = { ...defaultBudget, ...params.budget };
    if (past) this.takeOver(past);
  }

  spend({ promptTokens, tokens }: BrainUsage): void {
    this.spent.promptTokens += promptTokens;
    this.spent.tokens += tokens;
  }

  total(): Spent {
    return { ...this.spent, ms: this.spent.ms + (this.clock.now() - this.started) };
  }

  /** Tokens a reply may take. */
  replyRoom(): number {
    return Math.max(32, Math.min(2_048, Math.floor(this.ports.brain.context / 4)));
  }

  /** Tokens the prompt may take. */
  room(): number {
    return Math.max(64, this.ports.brain.context - this.replyRoom() - margin);
  }

  private takeOver(past: JournalState): void {
    this.turns.push(...past.turns);
    Object.assign(this.spent, past.spent);
    this.plan = past.plan ?? [];
    if (past.summary) this.keeper.sumUp(past.summary.upTo, past.summary.text);
    this.recent.push(...past.turns.flatMap(({ calls }) => calls.map(({ name }) => name)).reverse());
  }
}
