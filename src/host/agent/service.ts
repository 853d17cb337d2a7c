import * as vscode from "vscode";
import { EngineBrain } from "../../agent/brains/engineBrain";
import type { GoalRun } from "../../agent/run/goalRun";
import type { Agent } from "../../agent/node/openAgent";
import { emptyPlanView, withPlanEvent } from "../../agent/planning/view";
import { emptyRunView, withEvent } from "../../agent/run/runView";
import type { AgentEvent, GoalParams } from "../../contract/agent";
import type { Brain } from "../../contract/brain";
import type { RunView } from "../../contract/agentView";
import { fail } from "../../contract/errors";
import type { PlanEdit, PlanView } from "../../contract/plan";
import type { GeneratedToken } from "../../contract/token";
import type { ApprovalVerdict } from "../../contract/tool";
import type { GenerateParams } from "../../contract/verbs";
import type { EngineService } from "../engine/service";
import type { PendingApprovals } from "./approvals";
import type { Agents } from "./agents";

/** What is switched on, as `generate` takes it. */
export type AlterationsPort = (
  signal?: AbortSignal,
) => Promise<Pick<GenerateParams, "interventions" | "edits" | "meters">>;

/** The engine's model as a brain, as it is or altered; it is loaded when it is not yet. */
export async function engineBrain(
  engine: Pick<EngineService, "ensureModel" | "call">,
  alterations?: AlterationsPort,
  signal?: AbortSignal,
): Promise<Brain> {
  return new EngineBrain(engine, await engine.ensureModel(signal), alterations ? { alterations } : {});
}

/** What is told while a run goes on. Each is complete in itself. */
export interface RunListener {
  view(view: RunView): void;
  /** A piece of the reply being written; `step` changes when a new one begins. */
  token(step: number, token: GeneratedToken): void;
}

/** Runs goals on the model that chats, or on the server that a person set. One at a time: the chat sees to that. */
export class AgentService implements vscode.Disposable {
  private running: GoalRun | undefined;
  private planned = new vscode.EventEmitter<PlanView>();
  private planNow: PlanView | undefined;
  /** The plan of the run under way has changed. */
  readonly onDidPlan = this.planned.event;

  constructor(
    private readonly brain: (signal: AbortSignal) => Promise<Brain>,
    private readonly agents: Agents,
    private readonly approvals: PendingApprovals,
    /** Other sources of tools, brought in before a run; they do not keep it from beginning. */
    private readonly servers: { startAll(): Promise<void> },
  ) {}

  /** From a goal to the end of its run. Throws only what kept the run from beginning. */
  async run(params: GoalParams, signal: AbortSignal, listener: RunListener): Promise<RunView> {
    const run = (await this.agent(signal)).run(params);
    return this.follow(run, emptyRunView(run.id), signal, listener);
  }

  /** Goes on with a run that was stopped or broke off. */
  async resume(before: RunView, signal: AbortSignal, listener: RunListener): Promise<RunView> {
    const run = await (await this.agent(signal)).resume(before.run);
    return this.follow(run, { ...before, state: "running", text: "" }, signal, listener);
  }

  /** The plan of the run under way, where it has one. */
  get plan(): PlanView | undefined {
    return this.running ? this.planNow : undefined;
  }

  /** Changes the plan of the run under way; gives what was done as a sentence. */
  async editPlan(edit: PlanEdit): Promise<string> {
    const change = this.running?.edit;
    if (!change) return fail("notAllowed", vscode.l10n.t("No run with a plan is under way."));
    return change.call(this.running, edit);
  }

  /** A message for the run under way; false where there is none. */
  steer(text: string): boolean {
    this.running?.steer(text);
    return this.running !== undefined;
  }

  decide(request: string, verdict: ApprovalVerdict, reason: string): void {
    this.approvals.decide(request, verdict, reason);
  }

  /** Takes back the files a run wrote. What others changed since stays, and is named in the view's last note. */
  async undo(before: RunView): Promise<RunView> {
    const run = (await this.agents.workspace()).reopen(before.run, before.goal);
    let view = before;
    const end = run.onEvent((event) => (view = withEvent(view, event)));
    await run.undo();
    end();
    return view;
  }

  dispose(): void {
    this.running?.stop();
    this.planned.dispose();
  }

  private async agent(signal: AbortSignal): Promise<Agent> {
    const agent = await this.agents.of(await this.brain(signal));
    await this.servers.startAll();
    return agent;
  }

  private async follow(run: GoalRun, begun: RunView, signal: AbortSignal, listener: RunListener): Promise<RunView> {
    let view = begun;
    const take = (event: AgentEvent): void => {
      if (event.type === "token") {
        if (event.token) listener.token(event.step, event.token);
        return;
      }
      view = withEvent(view, event);
      listener.view(view);
      const before = this.planNow;
      if (before) this.planNow = withPlanEvent(before, event);
      if (this.planNow && this.planNow !== before && this.planNow.nodes.length > 0) this.planned.fire(this.planNow);
    };
    const { goal, brain, local } = begun;
    this.planNow = { ...emptyPlanView(run.id), goal, brain, local };
    const silence = run.onEvent(take);
    const stop = () => run.stop();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) run.stop();
    this.running = run;
    try {
      await run.start();
      return view;
    } finally {
      this.running = undefined;
      if (this.planNow.nodes.length > 0) this.planned.fire(this.planNow);
      signal.removeEventListener("abort", stop);
      silence();
    }
  }
}
