import type {
  AgentEvent,
  Attachment,
  Clock,
  GoalParams,
  JournalPort,
  MemoryPort,
  RunBudget,
  Spent,
  StopCause,
} from "../contract/agent";
import { defaultBudget } from "../contract/agent";
import type { Brain, BrainReply, BrainRequest, BrainUsage } from "../contract/brain";
import type { ToolSpec } from "../contract/chat";
import { errorData, fail } from "../contract/errors";
import { callTool, type CallOutcome } from "./run/callTool";
import { ContextKeeper, type ContextParts, type Turn } from "./run/context";
import { LoopDetector, type Verdict } from "./run/detector";
import { journalState, parseLines, type JournalState } from "./run/journalState";
import { planFirst } from "./run/planFirst";
import { Recorder, type EventListener } from "./run/recorder";
import { summarise } from "./run/summarise";
import type { TaintLedger } from "./run/taint";
import type { Approvals } from "./tools/approvals";
import type { Checkpoints, Undone } from "./tools/checkpoints";
import { sha256 } from "./tools/hash";
import { answerText, cutText } from "./tools/output";
import type { ToolRegistry } from "./tools/registry";
import type { ToolSelector } from "./tools/selection/selector";

/** Everything a run needs from outside. */
export interface AgentPorts {
  brain: Brain;
  registry: ToolRegistry;
  selector: ToolSelector;
  approvals: Approvals;
  journal: JournalPort;
  checkpoints: Checkpoints;
  taint: TaintLedger;
  memory?: MemoryPort;
  clock?: Clock;
  /** Told of every use of a tool: statistics, selection by past goals, a failing input for the maker. */
  onUse?: (use: ToolUsed) => Promise<void>;
}

export interface ToolUsed {
  name: string;
  arguments: Record<string, unknown>;
  ok: boolean;
  error?: string;
  ms: number;
  goal: string;
}

const margin = 32;
const longestAnswer = 64_000;

/**
 * One run: from a goal to an answer, a stop or an error, told as events. Observe, think, act, observe; no step leaves a
 * call without a result, and nothing a brain or a tool does ends it without saying so.
 */
export class AgentRun {
  readonly id: string;
  private readonly recorder: Recorder;
  private readonly keeper: ContextKeeper;
  private readonly detector = new LoopDetector();
  private readonly abort = new AbortController();
  private readonly clock: Clock;
  private readonly budget: RunBudget;
  private readonly turns: Turn[] = [];
  private readonly waiting: string[] = [];
  private readonly recent: string[] = [];
  private readonly spent: Spent = { steps: 0, promptTokens: 0, tokens: 0, ms: 0 };
  private memories: string[] = [];
  private plan: string[] = [];
  private silent = 0;
  private started = 0;

  constructor(
    private readonly ports: AgentPorts,
    private readonly params: GoalParams,
    id: string,
    past?: JournalState,
  ) {
    this.id = id;
    this.clock = ports.clock ?? { now: () => Date.now() };
    this.recorder = new Recorder(id, ports.journal, this.clock);
    this.keeper = new ContextKeeper((text) => ports.brain.count(text));
    this.budget = { ...defaultBudget, ...params.budget };
    if (past) this.takeOver(past);
  }

  onEvent(listener: EventListener): () => void {
    return this.recorder.onEvent(listener);
  }

  /** A message that the run reads before its next step. */
  steer(text: string): void {
    const clean = text.trim();
    if (clean) this.waiting.push(clean);
  }

  stop(): void {
    this.abort.abort();
  }

  /** Takes back the files the run wrote; what others changed since is left alone and named. */
  async undo(): Promise<Undone> {
    const undone = await this.ports.checkpoints.undo(this.id);
    const kept = undone.kept.map(({ path, why }) => `${path}: ${why}`);
    const text = [`Restored ${undone.restored.length} files.`, ...kept].join(" ");
    await this.recorder.emit({ type: "note", step: this.spent.steps, kind: "undone", text });
    return undone;
  }

  /** Runs to the end and gives the last event: `answer`, `stopped` or `error`. Does not throw. */
  async start(): Promise<AgentEvent> {
    this.started = this.clock.now();
    try {
      if (this.turns.length === 0) await this.tellGoal();
      if (this.params.mode === "plan" && this.plan.length === 0) {
        const refused = await this.makePlan();
        if (refused) return refused;
      }
      for (;;) {
        const end = this.overBudget() ?? (await this.step());
        if (end) return await end;
      }
    } catch (error) {
      if (this.abort.signal.aborted) return this.stopped("user", "Stopped by the user.");
      return this.recorder.emit({
        type: "error",
        step: this.spent.steps,
        error: errorData(error),
        spent: this.total(),
      });
    }
  }

  /** One round of observing, thinking and acting; gives the last event when it ends the run. */
  private async step(): Promise<AgentEvent | undefined> {
    const step = ++this.spent.steps;
    await this.takeSteering();
    await this.remember(step);
    const offered = await this.offer(step);
    const reply = await this.think(step, offered);
    const turn: Turn = { step, said: reply.text.slice(0, longestAnswer), calls: reply.calls, results: [], after: [] };
    this.turns.push(turn);
    if (reply.calls.length > 0) return this.act(turn, offered);
    if (reply.problem !== undefined) {
      turn.after.push(reply.problem);
      return this.heed(
        turn,
        this.detector.see({ call: "a call that cannot be read", outcome: reply.problem, ok: false, changes: false }),
      );
    }
    if (reply.text.trim() !== "") return this.answer(step, reply);
    return this.nothingSaid(turn);
  }

  private async answer(step: number, reply: BrainReply): Promise<AgentEvent> {
    const { text, leftOut } = cutText(answerText(reply.text), longestAnswer);
    const unfinished = reply.stop === "max" || reply.stop === "context" || leftOut > 0;
    return this.recorder.emit({
      type: "answer",
      step,
      text,
      spent: this.total(),
      ...(unfinished ? { unfinished } : {}),
    });
  }

  private async nothingSaid(turn: Turn): Promise<AgentEvent | undefined> {
    if (++this.silent >= 3) return this.stopped("silent", "The model answered nothing three times.");
    turn.after.push("You answered nothing. Answer the goal, or call a tool.");
    return undefined;
  }

  private async act(turn: Turn, offered: ToolSpec[]): Promise<AgentEvent | undefined> {
    this.silent = 0;
    let worst: Verdict = { kind: "fine" };
    for (const call of turn.calls) {
      if (this.abort.signal.aborted) fail("cancelled", "Cancelled.");
      const outcome = await callTool(call, {
        run: this.id,
        step: turn.step,
        signal: this.abort.signal,
        registry: this.ports.registry,
        approvals: this.ports.approvals,
        clock: this.clock,
        offered: new Set(offered.map(({ name }) => name)),
        limit: Math.max(400, Math.floor(this.room() * 0.75)),
        emit: (event) => this.recorder.emit(event),
      });
      turn.results.push({ name: call.name.slice(0, 80), text: outcome.text });
      this.ports.taint.note(this.id, outcome.taint);
      this.recent.unshift(call.name);
      await this.countUse(call.name, call.arguments, outcome);
      const verdict = this.detector.see({
        call: `${call.name} ${JSON.stringify(call.arguments)}`,
        outcome: sha256(outcome.text),
        ok: outcome.ok,
        changes: outcome.effects.some((effect) => effect !== "read" && effect !== "network"),
      });
      if (verdict.kind !== "fine" && worst.kind !== "stop") worst = verdict;
    }
    return this.heed(turn, worst);
  }

  private async countUse(name: string, args: Record<string, unknown>, { ok, text, ms }: CallOutcome): Promise<void> {
    if (!this.ports.registry.get(name)) return;
    await this.ports.onUse?.({
      name,
      arguments: args,
      ok,
      ms,
      goal: this.params.goal,
      ...(ok ? {} : { error: text.slice(0, 500) }),
    });
  }

  /** A loop is told to the model first; when that does not help, the run stops and tells the user. */
  private async heed(turn: Turn, verdict: Verdict): Promise<AgentEvent | undefined> {
    if (verdict.kind === "fine") return undefined;
    if (verdict.kind === "stop") return this.stopped("loop", verdict.text);
    turn.after.push(verdict.text);
    await this.recorder.emit({ type: "note", step: turn.step, kind: "loop", text: verdict.text });
    return undefined;
  }

  /** One reply, with failures of the wire tried again and a prompt that was too long made shorter. */
  private async think(step: number, tools: ToolSpec[]): Promise<BrainReply> {
    const { brain } = this.ports;
    let limit = this.room();
    for (let tries = 0; ; tries++) {
      const messages = await this.context(step, tools, limit);
      const request: BrainRequest = {
        messages,
        tools,
        calls: this.params.mode === "chat" || tools.length === 0 ? "none" : "auto",
        max: this.replyRoom(),
        session: this.id,
        ...(this.params.think === undefined ? {} : { think: this.params.think }),
        ...(this.params.seed === undefined ? {} : { sampling: { seed: this.params.seed } }),
      };
      try {
        const reply = await brain.reply(request, {
          signal: this.abort.signal,
          onPiece: ({ text, part, token }) =>
            this.recorder.tellOnly({ type: "token", step, text, part, ...(token === undefined ? {} : { token }) }),
        });
        await this.tellThought(step, reply, messages, tools);
        return reply;
      } catch (error) {
        if (this.abort.signal.aborted || tries >= 3) throw error;
        const { code, message } = errorData(error);
        if (code === "contextFull") limit = Math.floor(limit * 0.6);
        else if (!["network", "timeout", "brainFailure", "engineDied"].includes(code) || tries >= 2) throw error;
        await this.recorder.emit({ type: "note", step, kind: "retry", text: message });
      }
    }
  }

  private async tellThought(
    step: number,
    reply: BrainReply,
    messages: BrainRequest["messages"],
    tools: ToolSpec[],
  ): Promise<void> {
    this.spend(reply.usage);
    const tokens = reply.tokens?.map(({ id, text, p, entropy, part }) => ({ id, text, p, entropy, part }));
    await this.recorder.emit({
      type: "think",
      step,
      thought: reply.thought.slice(0, longestAnswer),
      text: reply.text.slice(0, longestAnswer),
      messages: await this.recorder.messages(messages),
      tools: tools.map(({ name }) => name),
      usage: reply.usage,
      ...(tokens === undefined ? {} : { tokens }),
      ...(reply.problem === undefined ? {} : { problem: reply.problem }),
    });
  }

  /** The prompt; early steps are summed up when even folded they do not fit. */
  private async context(step: number, tools: ToolSpec[], limit: number): Promise<BrainRequest["messages"]> {
    const parts = this.parts(tools);
    let built = await this.keeper.build(parts, limit);
    if (built.crowded) {
      await this.sumUp(limit);
      built = await this.keeper.build(parts, limit);
    }
    if (built.folded.length > 0) {
      await this.recorder.emit({
        type: "note",
        step,
        kind: "fold",
        text: `Output of steps ${built.folded.join(", ")} was folded.`,
      });
    }
    return built.messages;
  }

  private parts(tools: ToolSpec[]): ContextParts {
    const { goal, mode, attachments = [], history = [], instructions = "" } = this.params;
    const plan = this.plan.length === 0 ? "" : `Plan:\n${this.plan.map((each, i) => `${i + 1}. ${each}`).join("\n")}`;
    return {
      mode: mode === "chat" ? "chat" : "agent",
      instructions: [instructions, plan].filter(Boolean).join("\n\n"),
      memories: this.memories,
      tools,
      history,
      goal,
      attachments: attachments.map(({ label, text }): Attachment => ({
        label: label.replace(/\s+/g, " ").slice(0, 200),
        text,
      })),
      turns: this.turns,
    };
  }

  private async sumUp(limit: number): Promise<void> {
    const upTo = this.turns.at(-2)?.step ?? 0;
    const early = this.turns.filter((turn) => turn.step > this.keeper.summedUpTo && turn.step <= upTo);
    if (early.length === 0) return;
    const { text, usage } = await summarise(this.ports.brain, early, limit, this.abort.signal);
    if (usage) this.spend(usage);
    this.keeper.sumUp(upTo, text);
    await this.recorder.emit({ type: "note", step: upTo, kind: "summary", text });
  }

  private spend({ promptTokens, tokens }: BrainUsage): void {
    this.spent.promptTokens += promptTokens;
    this.spent.tokens += tokens;
  }

  private async tellGoal(): Promise<void> {
    const { goal, mode } = this.params;
    const { name, local } = this.ports.brain;
    await this.recorder.emit({ type: "goal", goal, mode, brain: name, local, params: this.params });
  }

  private async takeSteering(): Promise<void> {
    for (const text of this.waiting.splice(0)) {
      const last = this.turns.at(-1);
      if (last) last.after.push(text);
      else this.turns.push({ step: 0, said: "", calls: [], results: [], after: [text] });
      await this.recorder.emit({ type: "note", step: last?.step ?? 0, kind: "steer", text });
    }
  }

  private async remember(step: number): Promise<void> {
    const { memory } = this.ports;
    if (!memory || this.params.mode === "plan") return;
    const seen = this.turns.at(-1)?.results.at(-1)?.text;
    const found = await memory.read(
      { goal: this.params.goal, limit: 5, ...(seen === undefined ? {} : { seen: seen.slice(0, 2_000) }) },
      this.abort.signal,
    );
    const texts = found.map(({ text }) => text);
    if (texts.length === 0 || texts.join("\n") === this.memories.join("\n")) return;
    this.memories = texts;
    await this.recorder.emit({ type: "read", step, memories: found });
  }

  private async offer(step: number): Promise<ToolSpec[]> {
    if (this.params.mode === "chat") return [];
    const { selector, brain, registry } = this.ports;
    const seen = this.turns.at(-1)?.results.at(-1)?.text;
    const picked = await selector.pick({
      run: this.id,
      goal: this.params.goal,
      recent: [...new Set(this.recent)].slice(0, 4),
      budget: Math.floor(this.room() * 0.4),
      count: (text) => brain.count(text),
      ...(seen === undefined ? {} : { seen: seen.slice(0, 1_000) }),
    });
    const names = picked.tools.map(({ name }) => name);
    await this.recorder.emit({
      type: "tools",
      step,
      names,
      because: picked.because,
      of: registry.all().length,
      ms: picked.ms,
    });
    return picked.tools.map(({ name, description, parameters }) => ({ name, description, parameters }));
  }

  /** Plan first: shown, and asked for. */
  private async makePlan(): Promise<AgentEvent | undefined> {
    const made = await planFirst({
      brain: this.ports.brain,
      approvals: this.ports.approvals,
      goal: this.params.goal,
      max: this.replyRoom(),
      signal: this.abort.signal,
      emit: (event) => this.recorder.emit(event),
      spend: (usage) => this.spend(usage),
    });
    if ("refused" in made) return this.stopped("denied", made.refused);
    this.plan = made.steps;
    return undefined;
  }

  private overBudget(): Promise<AgentEvent> | undefined {
    const { steps, tokens, ms } = this.budget;
    const said = this.turns.findLast((turn) => turn.said !== "")?.said;
    const last = said === undefined ? "" : ` It last said: ${cutText(said, 500).text}`;
    if (this.spent.steps >= steps) return this.stopped("steps", `The budget of ${steps} steps is spent.${last}`);
    if (this.spent.promptTokens + this.spent.tokens >= tokens)
      return this.stopped("tokens", `The budget of ${tokens} tokens is spent.${last}`);
    if (this.total().ms >= ms)
      return this.stopped("time", `The budget of ${Math.round(ms / 1000)} seconds is spent.${last}`);
    return undefined;
  }

  private stopped(reason: StopCause, text: string): Promise<AgentEvent> {
    return this.recorder.emit({ type: "stopped", step: this.spent.steps, reason, text, spent: this.total() });
  }

  private total(): Spent {
    return { ...this.spent, ms: this.spent.ms + (this.clock.now() - this.started) };
  }

  private replyRoom(): number {
    return Math.max(32, Math.min(2_048, Math.floor(this.ports.brain.context / 4)));
  }

  /** Tokens the prompt may take. */
  private room(): number {
    return Math.max(64, this.ports.brain.context - this.replyRoom() - margin);
  }

  private takeOver(past: JournalState): void {
    this.turns.push(...past.turns);
    Object.assign(this.spent, past.spent);
    this.plan = past.plan ?? [];
    if (past.summary) this.keeper.sumUp(past.summary.upTo, past.summary.text);
    this.recent.push(...past.turns.flatMap(({ calls }) => calls.map(({ name }) => name)).reverse());
  }

  /** Used by `resumeRun`: what was written before is known, and the run says that it goes on. */
  async resumed(lines: readonly string[], open: JournalState["open"]): Promise<void> {
    this.recorder.knows(parseLines(lines));
    const text =
      open === undefined
        ? "The run goes on."
        : `The run goes on. The call of ${open.name} was under way when it broke off: check what it did before you repeat it.`;
    const last = this.turns.at(-1);
    if (open && last) last.after.push(text);
    await this.recorder.emit({ type: "note", step: last?.step ?? 0, kind: "resumed", text });
  }
}

/** Goes on with a run that broke off (crash, reload, stop). An answered one fails with `badArgument`. */
export async function resumeRun(
  ports: AgentPorts,
  id: string,
  more: { budget?: Partial<RunBudget> } = {},
): Promise<AgentRun> {
  const lines = await ports.journal.read(id);
  const past = journalState(parseLines(lines));
  if (past.end?.type === "answer")
    fail("badArgument", "This run has its answer already.", { remedy: "Give a new goal." });
  const run = new AgentRun(ports, { ...past.goal, budget: { ...past.goal.budget, ...more.budget } }, id, past);
  await run.resumed(lines, past.open);
  return run;
}
