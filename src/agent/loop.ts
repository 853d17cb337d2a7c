import type { AgentEvent, GoalParams, RunBudget } from "../contract/agent";
import { fail } from "../contract/errors";
import { act, unreadable } from "./run/act";
import type { Turn } from "./run/context";
import { answered, broken, nothingSaid, overBudget, stopped } from "./run/ending";
import { journalState, parseLines, type JournalState } from "./run/journalState";
import { offer, remember, takeSteering } from "./run/observe";
import { planFirst } from "./run/planFirst";
import type { AgentPorts } from "./run/ports";
import type { EventListener } from "./run/recorder";
import { longestAnswer, RunState } from "./run/state";
import { think } from "./run/think";
import type { Undone } from "./tools/checkpoints";

/**
 * One run: from a goal to an answer, a stop or an error, told as events. Observe, think, act, observe; no step leaves a
 * call without a result, and nothing a brain or a tool does ends it without saying so.
 */
export class AgentRun {
  private readonly state: RunState;

  constructor(ports: AgentPorts, params: GoalParams, id: string, past?: JournalState) {
    this.state = new RunState(ports, params, id, past);
  }

  get id(): string {
    return this.state.id;
  }

  onEvent(listener: EventListener): () => void {
    return this.state.recorder.onEvent(listener);
  }

  /** A message that the run reads before its next step. */
  steer(text: string): void {
    const clean = text.trim();
    if (clean) this.state.waiting.push(clean);
  }

  stop(): void {
    this.state.abort.abort();
  }

  /** Takes back the files the run wrote; what others changed since is left alone and named. */
  async undo(): Promise<Undone> {
    const { ports, recorder, spent } = this.state;
    const undone = await ports.checkpoints.undo(this.id);
    const kept = undone.kept.map(({ path, why }) => `${path}: ${why}`);
    const text = [`Restored ${undone.restored.length} files.`, ...kept].join(" ");
    await recorder.emit({ type: "note", step: spent.steps, kind: "undone", text });
    return undone;
  }

  /** Runs to the end and gives the last event: `answer`, `stopped` or `error`. Does not throw. */
  async start(): Promise<AgentEvent> {
    const run = this.state;
    run.started = run.clock.now();
    try {
      if (run.turns.length === 0) await this.tellGoal();
      if (run.params.mode === "plan" && run.plan.length === 0) {
        const refused = await this.makePlan();
        if (refused) return refused;
      }
      for (;;) {
        const end = overBudget(run) ?? (await this.step());
        if (end) return await end;
      }
    } catch (error) {
      return broken(run, error);
    }
  }

  /** One round of observing, thinking and acting; gives the last event when it ends the run. */
  private async step(): Promise<AgentEvent | undefined> {
    const run = this.state;
    const step = ++run.spent.steps;
    await takeSteering(run);
    await remember(run, step);
    const offered = await offer(run, step);
    const reply = await think(run, step, offered);
    const turn: Turn = { step, said: reply.text.slice(0, longestAnswer), calls: reply.calls, results: [], after: [] };
    run.turns.push(turn);
    if (reply.calls.length > 0) return act(run, turn, offered);
    if (reply.problem !== undefined) return unreadable(run, turn, reply.problem);
    if (reply.text.trim() !== "") return answered(run, step, reply);
    return nothingSaid(run, turn);
  }

  private async tellGoal(): Promise<void> {
    const { params, ports, recorder } = this.state;
    const { name, local, fingerprint } = ports.brain;
    await recorder.emit({
      type: "goal",
      goal: params.goal,
      mode: params.mode,
      brain: name,
      local,
      params,
      ...(fingerprint === undefined ? {} : { fingerprint }),
    });
  }

  /** Plan first: shown, and asked for. */
  private async makePlan(): Promise<AgentEvent | undefined> {
    const run = this.state;
    const made = await planFirst({
      brain: run.ports.brain,
      approvals: run.ports.approvals,
      goal: run.params.goal,
      max: run.replyRoom(),
      signal: run.abort.signal,
      emit: (event) => run.recorder.emit(event),
      spend: (usage) => run.spend(usage),
    });
    if ("refused" in made) return stopped(run, "denied", made.refused);
    run.plan = made.steps;
    return undefined;
  }

  /** Used by `resumeRun`: what was written before is known, and the run says that it goes on. */
  async resumed(lines: readonly string[], open: JournalState["open"]): Promise<void> {
    const { recorder, turns } = this.state;
    recorder.knows(parseLines(lines));
    const text =
      open === undefined
        ? "The run goes on."
        : `The run goes on. The call of ${open.name} was under way when it broke off: check what it did before you repeat it.`;
    const last = turns.at(-1);
    if (open && last) last.after.push(text);
    await recorder.emit({ type: "note", step: last?.step ?? 0, kind: "resumed", text });
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
