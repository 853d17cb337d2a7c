import type { AgentEvent, AgentEventBody, Clock, GoalParams, RunBudget, Spent, StopCause } from "../../contract/agent";
import { defaultBudget } from "../../contract/agent";
import { errorData, fail } from "../../contract/errors";
import type {
  CalibrationPort,
  CalibrationSample,
  PlanEdit,
  PlanNode,
  PlanPhase,
  PlanSettings,
} from "../../contract/plan";
import type { AgentPorts } from "../run/ports";
import type { Turn } from "../run/context";
import type { GoalRun } from "../run/goalRun";
import { parseLines, type JournalState } from "../run/journalState";
import { askPlan } from "../run/planFirst";
import { Recorder, type EventListener } from "../run/recorder";
import type { Undone } from "../tools/checkpoints";
import { answerText, cutText } from "../tools/output";
import { PlanActor, type Performed } from "./actor";
import { hitRate, trustworthy } from "./calibration";
import { bestPath, passable } from "./choose";
import { applyEdit } from "./edits";
import { PlanMind } from "./mind";
import type { PlanPast } from "./past";
import { nothingDone, PlanSearch, stateAfter } from "./search";
import { planSettings } from "./settings";
import { fit, judge, type Fit, type Judged } from "./thoughts";
import { PlanTree, rootId, sameness } from "./tree";
import { bestSoFar, stoppedText, surpriseText } from "./words";

export interface PlanPorts extends AgentPorts {
  /** Where predictions held against what came are kept. */
  calibration?: CalibrationPort;
}

/**
 * A run that plans: it searches in the head for a way to the goal, asks for the plan, does it step by step, holds what
 * comes against what was expected, and plans anew from wherever the world differs. A person may change the plan at any
 * time and is obeyed. Everything that happens is an event, as in any run.
 */
export class PlanRun implements GoalRun {
  readonly id: string;
  private readonly recorder: Recorder;
  private readonly abort = new AbortController();
  private readonly clock: Clock;
  private readonly settings: PlanSettings;
  private readonly budget: RunBudget;
  private readonly tree: PlanTree;
  private readonly mind: PlanMind;
  private readonly search: PlanSearch;
  private readonly actor: PlanActor;
  private readonly turns: Turn[] = [];
  private readonly spent: Spent = { steps: 0, promptTokens: 0, tokens: 0, ms: 0 };
  private readonly predictions: CalibrationSample[] = [];
  private readonly parts = new Map<string, string>();
  private readonly waiting: string[] = [];
  private readonly lookedAgain = new Map<string, number>();
  private head = rootId;
  private phase: PlanPhase = "searching";
  private accepted = false;
  private news: string | undefined;
  private wish: string | undefined;
  private said: string | undefined;
  private started = 0;
  private told = "";

  constructor(
    private readonly ports: PlanPorts,
    private readonly params: GoalParams,
    id: string,
    past?: { state: JournalState; plan: PlanPast },
  ) {
    this.id = id;
    this.clock = ports.clock ?? { now: () => Date.now() };
    this.recorder = new Recorder(id, ports.journal, this.clock);
    this.settings = planSettings({
      ...params.plan,
      limits: {
        ...(params.budget?.tokens === undefined ? {} : { tokens: params.budget.tokens }),
        ...(params.budget?.ms === undefined ? {} : { ms: params.budget.ms }),
        ...params.plan?.limits,
      },
    });
    this.budget = { ...defaultBudget, ...params.budget };
    this.tree = PlanTree.of(past?.plan.nodes ?? []);
    if (past) this.takeOver(past);
    const emit = (event: AgentEventBody): Promise<unknown> => this.recorder.emit(event);
    const signal = this.abort.signal;
    this.mind = new PlanMind({
      run: id,
      brain: ports.brain,
      tree: this.tree,
      signal,
      ...(params.seed === undefined ? {} : { seed: params.seed }),
      step: () => this.spent.steps,
      emit,
      keep: (messages) => this.recorder.messages(messages),
      spend: ({ promptTokens, tokens }) => {
        this.spent.promptTokens += promptTokens;
        this.spent.tokens += tokens;
      },
    });
    const history = (): number => hitRate(this.predictions);
    this.actor = new PlanActor({
      run: id,
      ports,
      params,
      mind: this.mind,
      tree: this.tree,
      clock: this.clock,
      signal,
      turns: this.turns,
      history,
      emit,
      tellOnly: (event) => this.recorder.tellOnly(event),
      keep: (messages) => this.recorder.messages(messages),
    });
    this.search = new PlanSearch({
      mind: this.mind,
      tree: this.tree,
      settings: this.settings,
      goal: params.goal,
      limit: () => (signal.aborted ? "cancelled" : this.searchLimit()),
      history,
      trust: () => trustworthy(this.predictions),
      told: (note) => this.tell(this.phase, note),
      ...(this.settings.tryReversible
        ? { tryOut: (node: string) => this.actor.tryOut(this.tree.get(node), this.spent.steps + 1) }
        : {}),
    });
  }

  onEvent(listener: EventListener): () => void {
    return this.recorder.onEvent(listener);
  }

  /** Read before the next step, and a reason to plan again from there. */
  steer(text: string): void {
    if (text.trim()) this.waiting.push(text.trim());
  }

  stop(): void {
    this.abort.abort();
  }

  async edit(edit: PlanEdit): Promise<string> {
    if (this.phase === "over")
      fail("badArgument", "The run is over.", { remedy: "Go on with it, then change its plan." });
    if (!this.tree.has(rootId)) fail("badArgument", "There is no plan yet.");
    const text = applyEdit(this.tree, edit);
    if (edit.kind === "try") this.wish = edit.node;
    await this.recorder.emit({ type: "planEdit", step: this.spent.steps, edit, text });
    await this.tell(this.phase);
    return text;
  }

  async undo(): Promise<Undone> {
    const undone = await this.ports.checkpoints.undo(this.id);
    const kept = undone.kept.map(({ path, why }) => `${path}: ${why}`);
    const text = [`Restored ${undone.restored.length} files.`, ...kept].join(" ");
    await this.recorder.emit({ type: "note", step: this.spent.steps, kind: "undone", text });
    return undone;
  }

  async start(): Promise<AgentEvent> {
    this.started = this.clock.now();
    try {
      if (!this.tree.has(rootId)) await this.begin();
      if (!this.accepted) {
        const refused = await this.agree();
        if (refused) return refused;
      }
      for (;;) {
        const end = await this.round();
        if (end) return end;
      }
    } catch (error) {
      return await this.broken(error);
    } finally {
      this.phase = "over";
      await this.ports.checkpoints.join(this.id);
    }
  }

  /** Used when a run goes on: what was written before is known, and the run says that it goes on. */
  async resumed(lines: readonly string[]): Promise<void> {
    this.recorder.knows(parseLines(lines));
    const open = this.tree.all().find(({ status }) => status === "unknown");
    const text = open
      ? `The run goes on. "${open.intent}" was under way when it broke off: check what it did before it is repeated.`
      : "The run goes on.";
    if (open) this.news = text;
    await this.recorder.emit({ type: "note", step: this.spent.steps, kind: "resumed", text });
  }

  private async begin(): Promise<void> {
    const { goal, mode } = this.params;
    const { name, local } = this.ports.brain;
    await this.recorder.emit({ type: "goal", goal, mode, brain: name, local, params: this.params });
    this.tree.add({ parent: null, intent: goal, expect: "", state: nothingDone, status: "done", value: null });
    this.predictions.push(...((await this.ports.calibration?.load(name)) ?? []));
    await this.tell("searching");
  }

  /** A plan that a person accepted; the run's last event where there is none. */
  private async agree(): Promise<AgentEvent | undefined> {
    for (let i = 0; i < 3; i++) {
      await this.takeSteering();
      await this.tell("searching");
      let path = await this.search.look(this.head, this.takeNews());
      if (path.length === 0 && !this.searchLimit()) path = await this.search.look(this.head, this.givenUp(this.head));
      if (path.length === 0 && i > 0) return this.stopped("denied", "Every plan that was found was refused.");
      if (path.length === 0)
        return this.ranOut(this.searchLimit() ?? "No step was found that is judged to lead to the goal.");
      await this.tell("asking");
      const steps = path.map(({ intent, expect }) => ({ step: intent, expect }));
      await this.recorder.emit({ type: "plan", step: 0, steps });
      const { allowed, by, decision } = await askPlan(steps, {
        approvals: this.ports.approvals,
        signal: this.abort.signal,
      });
      if (allowed) {
        this.accepted = true;
        // What the person changed while being asked is part of what they accepted.
        const now = bestPath(this.tree, this.head).map(({ intent, expect }) => ({ step: intent, expect }));
        await this.recorder.emit({ type: "plan", step: 0, steps: now.length > 0 ? now : steps, accepted: true });
        return undefined;
      }
      const { reason } = decision;
      if (reason === undefined || by !== "person")
        return this.stopped("denied", reason ?? "The plan was not accepted.");
      for (const node of path) {
        if (!this.tree.get(node.id).pinned)
          this.tree.change(node.id, { status: "pruned", reason: `The user did not accept the plan: ${reason}` });
      }
      this.news = reason;
    }
    return this.stopped("denied", "No plan was accepted.");
  }

  /** One step: looked for, done, and held against what was expected. Gives the last event when it ends the run. */
  private async round(): Promise<AgentEvent | undefined> {
    await this.takeSteering();
    const limit = this.actLimit();
    if (limit) return this.ranOut(limit);
    await this.goBackForWish();
    let path = bestPath(this.tree, this.head);
    const settled = path.length > 0 && path.every(({ value }) => value !== null) && path.at(-1)?.goal;
    if (!settled || this.news !== undefined) {
      await this.tell("searching");
      path = await this.search.look(this.head, this.takeNews());
    }
    const [next] = path;
    if (!next) return this.deadEnd();
    return this.act(next, path);
  }

  private async act(next: PlanNode, path: readonly PlanNode[]): Promise<AgentEvent | undefined> {
    const step = ++this.spent.steps;
    this.tree.change(next.id, { status: "running", step });
    await this.tell("acting");
    const came = await this.actor.perform(this.tree.get(next.id), step, path);
    if (came.kind === "said") return this.spoke(next, path, came.text);
    const seen = came.seen;
    const expected = next.expect || next.prediction?.seen || "";
    if (!came.done && !came.ok) return this.failed(next, `Not done: ${seen}`, seen);
    const state = this.tree.get(next.parent ?? rootId).state;
    const fits = await fit(this.mind, next.id, { expected, seen, failed: !came.ok }, { state, action: next.intent });
    await this.score(next, came, { expected, fits });
    const judged = await judge(
      this.mind,
      next.id,
      { goal: this.params.goal, step: next.intent, ...(expected ? { expected } : {}), seen },
      this.settings.samples,
    );
    const surprise = fits.fits ? undefined : surpriseOf(fits);
    if (surprise)
      await this.recorder.emit({
        type: "surprise",
        step,
        expected,
        observed: seen.slice(0, 2_000),
        ...(fits.nats === undefined ? {} : { nats: fits.nats }),
      });
    const bad = !fits.fits && (!came.ok || judged.verdict === "wrong");
    if (bad) return this.failed(next, surpriseText(next, seen, fits), seen, { judged, surprise });
    return this.succeeded(next, seen, { judged, surprise, fits });
  }

  private async succeeded(
    next: PlanNode,
    seen: string,
    { judged, surprise, fits }: { judged: Judged; surprise: PlanNode["surprise"]; fits: Fit },
  ): Promise<AgentEvent | undefined> {
    const step = this.spent.steps;
    const part = await this.ports.checkpoints.part(this.id, step);
    if (part) this.parts.set(next.id, part);
    const parent = this.tree.get(next.parent ?? rootId);
    this.tree.change(next.id, {
      status: "done",
      reality: "real",
      observed: seen.slice(0, 2_000),
      state: stateAfter(parent.state, next.intent, seen),
      value: judged.value,
      judged: judged.judgement,
      reason: surprise ? surpriseText(next, seen, fits) : next.reason,
      ...(surprise ? { surprise } : {}),
    });
    this.head = next.id;
    if (surprise) {
      this.news = surpriseText(next, seen, fits);
      await this.tell("searching", `Surprise at "${next.intent}": planned again from there.`);
      await this.search.again(next.id);
      return undefined;
    }
    await this.tell("acting");
    const ahead = bestPath(this.tree, this.head);
    const reached = judged.verdict === "done" && !ahead.some(({ pinned }) => pinned);
    // A judge that tells nothing apart is not believed before the plan's own end.
    if ((reached && (!this.search.blind || ahead.length === 0)) || (next.goal && ahead.length === 0)) {
      this.tree.change(next.id, { goal: true });
      return this.finish();
    }
    return undefined;
  }

  private async failed(
    next: PlanNode,
    reason: string,
    seen: string,
    more: { judged?: Judged; surprise?: PlanNode["surprise"] } = {},
  ): Promise<undefined> {
    const part = await this.ports.checkpoints.part(this.id, this.spent.steps);
    const undone = part ? await this.ports.checkpoints.undoPart(part) : undefined;
    const back =
      undone && undone.restored.length > 0 ? ` Its ${undone.restored.length} file changes were taken back.` : "";
    this.tree.change(next.id, {
      status: "failed",
      reality: "real",
      observed: seen.slice(0, 2_000),
      value: 0,
      goal: false,
      pinned: false,
      reason: reason + back,
      ...(more.judged ? { judged: more.judged.judgement } : {}),
      ...(more.surprise ? { surprise: more.surprise } : {}),
    });
    for (const each of this.tree.below(next.id).filter(passable)) {
      this.tree.change(each.id, {
        status: "pruned",
        pinned: false,
        reason: `It came after "${next.intent.slice(0, 80)}", which failed.`,
      });
    }
    this.turns.at(-1)?.after.push(`That step failed.${back} Another way is tried.`);
    this.news = reason;
    await this.tell("searching", `"${next.intent}" failed: another way is looked for.`);
    return undefined;
  }

  /** The brain answered in place of acting: the plan's end, or a step that was only words. */
  private async spoke(next: PlanNode, path: readonly PlanNode[], text: string): Promise<AgentEvent | undefined> {
    const parent = this.tree.get(next.parent ?? rootId);
    const said = text.trim();
    this.tree.change(next.id, {
      status: said === "" ? "failed" : "done",
      reality: "real",
      observed: said.slice(0, 2_000),
      state: stateAfter(parent.state, next.intent, said),
      ...(said === "" ? { value: 0, reason: "The model neither acted nor answered." } : {}),
    });
    if (said === "") {
      this.news = `"${next.intent}" came to nothing: the model said nothing.`;
      await this.tell("searching");
      return undefined;
    }
    this.head = next.id;
    this.said = said;
    await this.tell("acting");
    if (path.length > 1 && bestPath(this.tree, this.head).length > 0) return undefined;
    const limit = next.goal ? undefined : this.searchLimit();
    return limit ? this.ranOut(limit) : this.finish();
  }

  private async finish(unfinished = false): Promise<AgentEvent> {
    await this.tell("answering");
    const step = this.spent.steps;
    const last = this.turns.at(-1);
    let text = last && last.calls.length === 0 && this.said !== undefined ? this.said : "";
    if (text === "") text = (await this.actor.answer(step, this.tree.path(this.head).slice(1))).text;
    if (text.trim() === "") text = bestSoFar("", this.tree, this.head);
    await this.tell("over");
    return this.recorder.emit({
      type: "answer",
      step,
      text: cutText(answerText(text), 64_000).text,
      spent: this.total(),
      ...(unfinished ? { unfinished } : {}),
    });
  }

  /** Nothing below the head is left: other steps are asked for once, then the step before is taken back. */
  private async deadEnd(): Promise<AgentEvent | undefined> {
    const limit = this.searchLimit();
    if (limit) return this.ranOut(limit);
    const looked = this.lookedAgain.get(this.head) ?? 0;
    this.lookedAgain.set(this.head, looked + 1);
    if (looked === 0) {
      this.news = this.givenUp(this.head);
      return undefined;
    }
    const node = this.tree.get(this.head);
    if (node.goal) return this.finish();
    if (node.id === rootId) return this.ranOut("No further step was found that is judged to lead to the goal.");
    if (!(await this.takeBack(node, "Nothing leads on from here: taken back."))) {
      return this.ranOut(`Nothing leads on from "${node.intent}", and it cannot be taken back.`);
    }
    this.news = `"${node.intent}" was taken back: nothing led on from it.`;
    return undefined;
  }

  /** Takes the last step back where it can be. */
  private async takeBack(node: PlanNode, reason: string): Promise<boolean> {
    const part = this.parts.get(node.id);
    if (node.action && !node.action.reversible) return false;
    // Without what was there before, a write stays.
    if (!part && node.action?.effects.includes("write")) return false;
    if (part) {
      const { kept } = await this.ports.checkpoints.undoPart(part);
      if (kept.length > 0) return false;
      this.parts.delete(node.id);
    }
    for (const each of [node, ...this.tree.below(node.id).filter(passable)]) {
      this.tree.change(each.id, { status: each === node ? "failed" : "pruned", value: 0, reason });
    }
    this.turns.at(-1)?.after.push(`"${node.intent}" was taken back.`);
    this.head = node.parent ?? rootId;
    await this.tell("searching", reason);
    return true;
  }

  /** A branch the user wants that does not begin where the run stands: what lies between is taken back. */
  private async goBackForWish(): Promise<void> {
    const { wish } = this;
    this.wish = undefined;
    if (wish === undefined || !this.tree.has(wish) || !passable(this.tree.get(wish))) return;
    while (!this.tree.isBelow(wish, this.head)) {
      const node = this.tree.get(this.head);
      if (node.id === rootId) return;
      if (await this.takeBack(node, "Taken back for the branch that the user wants.")) continue;
      this.tree.change(wish, { pinned: false });
      await this.tell("searching", `That branch cannot be tried: "${node.intent}" cannot be taken back.`);
      return;
    }
  }

  /** Holds what the world model said against what came. */
  private async score(
    node: PlanNode,
    came: Extract<Performed, { kind: "did" }>,
    known: { expected: string; fits: Fit },
  ): Promise<void> {
    const prediction = came.prediction ?? node.prediction;
    if (!prediction || !came.done) return;
    const same = sameness(prediction.seen) === sameness(known.expected);
    const held = same
      ? known.fits
      : await fit(this.mind, node.id, { expected: prediction.seen, seen: came.seen, failed: !came.ok });
    const sample: CalibrationSample = {
      at: new Date(this.clock.now()).toISOString(),
      run: this.id,
      brain: this.ports.brain.name,
      node: node.id,
      confidence: prediction.confidence,
      by: prediction.by,
      hit: held.fits,
      judged: held.by,
    };
    this.predictions.push(sample);
    await this.ports.calibration?.add(sample);
    await this.recorder.emit({ type: "calibration", step: this.spent.steps, sample });
  }

  private takeNews(): string | undefined {
    const { news } = this;
    this.news = undefined;
    return news;
  }

  private async takeSteering(): Promise<void> {
    for (const text of this.waiting.splice(0)) {
      const last = this.turns.at(-1);
      if (last) last.after.push(text);
      else this.turns.push({ step: 0, said: "", calls: [], results: [], after: [text] });
      this.news = [this.news, text].filter(Boolean).join(" ");
      await this.recorder.emit({ type: "note", step: this.spent.steps, kind: "steer", text });
    }
  }

  /** What was given up at a node, told to whoever proposes the next steps. */
  private givenUp(node: string): string {
    const lines = this.tree
      .children(node)
      .filter(({ status }) => status === "pruned" || status === "failed" || status === "forbidden")
      .map(({ intent, status }) => `${intent} (${status})`);
    return lines.length === 0
      ? "Nothing has led to the goal yet."
      : `These do not lead to the goal: ${lines.join("; ")}. Something else is needed.`;
  }

  private searchLimit(): string | undefined {
    const { nodes } = this.settings.limits;
    return this.tree.size >= nodes ? `The limit of ${nodes} nodes is reached.` : this.spendLimit();
  }

  private actLimit(): string | undefined {
    const { steps } = this.budget;
    return this.spent.steps >= steps ? `The budget of ${steps} steps is spent.` : this.spendLimit();
  }

  private spendLimit(): string | undefined {
    const { tokens, ms } = this.settings.limits;
    if (this.spent.promptTokens + this.spent.tokens >= tokens) return `The budget of ${tokens} tokens is spent.`;
    return this.total().ms >= ms ? `The budget of ${Math.round(ms / 1000)} seconds is spent.` : undefined;
  }

  /** The best so far, and why it is no more. Nothing is asked of the brain once tokens or time are spent. */
  private async ranOut(why: string): Promise<AgentEvent> {
    await this.recorder.emit({ type: "note", step: this.spent.steps, kind: "budget", text: why });
    await this.tell("answering", why);
    if (this.spendLimit() === undefined && this.turns.some(({ calls }) => calls.length > 0)) return this.finish(true);
    return this.recorder.emit({
      type: "answer",
      step: this.spent.steps,
      text: bestSoFar(why, this.tree, this.head),
      spent: this.total(),
      unfinished: true,
    });
  }

  /** The run's end where it was stopped or something broke: what was under way is said exactly. */
  private async broken(error: unknown): Promise<AgentEvent> {
    const stopped = this.abort.signal.aborted;
    const under = this.tree.all().find(({ status }) => status === "running");
    const { text, status } = stoppedText(under, this.actor.under, this.tree, this.head);
    if (under) this.tree.change(under.id, { status, reason: text });
    await this.tell("over");
    if (stopped) return this.stopped("user", text);
    return this.recorder.emit({ type: "error", step: this.spent.steps, error: errorData(error), spent: this.total() });
  }

  private stopped(reason: StopCause, text: string): Promise<AgentEvent> {
    return this.recorder.emit({ type: "stopped", step: this.spent.steps, reason, text, spent: this.total() });
  }

  /** Writes and tells what changed since the last time. */
  private async tell(phase: PlanPhase, note?: string): Promise<void> {
    this.phase = phase;
    const step = this.spent.steps;
    for (const node of this.tree.news()) await this.recorder.emit({ type: "planNode", step, node });
    const path = this.tree.has(this.head)
      ? [...this.tree.path(this.head), ...bestPath(this.tree, this.head)].map(({ id }) => id)
      : [];
    const { promptTokens, tokens } = this.spent;
    const depth = Math.max(0, ...this.tree.all().map(({ id }) => this.tree.depth(id)));
    const spent = { nodes: this.tree.size, depth, tokens: promptTokens + tokens, ms: this.total().ms };
    const state: AgentEventBody = {
      type: "planState",
      step,
      phase,
      path,
      head: this.head,
      settings: this.settings,
      spent,
      ...(note === undefined ? {} : { note }),
    };
    const brief = JSON.stringify([phase, path, this.head, note]);
    // The same again says nothing new to a journal.
    if (brief === this.told) return this.recorder.tellOnly(state);
    this.told = brief;
    await this.recorder.emit(state);
  }

  private total(): Spent {
    return { ...this.spent, ms: this.spent.ms + (this.clock.now() - this.started) };
  }

  private takeOver({ state, plan }: { state: JournalState; plan: PlanPast }): void {
    this.turns.push(...state.turns);
    Object.assign(this.spent, state.spent);
    this.head = this.tree.has(plan.head) ? plan.head : rootId;
    this.accepted = plan.accepted;
    this.predictions.push(...plan.calibration);
  }
}

function surpriseOf({ by, nats, natsPerToken }: Fit): NonNullable<PlanNode["surprise"]> {
  return { by, ...(nats === undefined ? {} : { nats }), ...(natsPerToken === undefined ? {} : { natsPerToken }) };
}
