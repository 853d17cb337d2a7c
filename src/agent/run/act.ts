import type { AgentEvent } from "../../contract/agent";
import type { ToolSpec } from "../../contract/chat";
import { fail } from "../../contract/errors";
import { sha256 } from "../tools/hash";
import { callTool, type CallOutcome } from "./callTool";
import type { Turn } from "./context";
import type { Verdict } from "./detector";
import { stopped } from "./ending";
import { replan } from "./replan";
import type { RunState } from "./state";

/** Makes a turn's calls one after another; gives the last event when that ends the run. */
export async function act(run: RunState, turn: Turn, offered: ToolSpec[]): Promise<AgentEvent | undefined> {
  run.silent = 0;
  let worst: Verdict = { kind: "fine" };
  for (const call of turn.calls) {
    if (run.abort.signal.aborted) fail("cancelled", "Cancelled.");
    const outcome = await callTool(call, {
      run: run.id,
      step: turn.step,
      signal: run.abort.signal,
      registry: run.ports.registry,
      approvals: run.ports.approvals,
      clock: run.clock,
      offered: new Set(offered.map(({ name }) => name)),
      limit: Math.max(400, Math.floor(run.room() * 0.75)),
      emit: (event) => run.recorder.emit(event),
    });
    turn.results.push({ name: call.name.slice(0, 80), text: outcome.text });
    run.ports.taint.note(run.id, outcome.taint);
    run.recent.unshift(call.name);
    await countUse(run, call.name, call.arguments, outcome);
    const verdict = run.detector.see({
      call: `${call.name} ${JSON.stringify(call.arguments)}`,
      outcome: sha256(outcome.text),
      ok: outcome.ok,
      changes: outcome.effects.some((effect) => effect !== "read" && effect !== "network"),
    });
    if (verdict.kind !== "fine" && worst.kind !== "stop") worst = verdict;
    if (outcome.surprise !== undefined) await planAnew(run, turn.step, outcome.text, outcome.surprise);
  }
  return heed(run, turn, worst);
}

/** The world is not as it was thought to be: what was planned gives way to a plan made from what is seen. */
async function planAnew(run: RunState, step: number, seen: string, surprise: string): Promise<void> {
  const plan = await replan({
    brain: run.ports.brain,
    goal: run.params.goal,
    step,
    seen,
    surprise,
    done: run.turns.flatMap(({ calls }) => calls.map(({ name }) => name)),
    max: run.replyRoom(),
    signal: run.abort.signal,
    emit: (event) => run.recorder.emit(event),
    spend: (usage) => run.spend(usage),
  });
  if (plan) run.plan = plan;
}

/** A reply that holds a call which cannot be read: the model is told, and a run of them is a loop. */
export function unreadable(run: RunState, turn: Turn, problem: string): Promise<AgentEvent | undefined> {
  turn.after.push(problem);
  return heed(
    run,
    turn,
    run.detector.see({ call: "a call that cannot be read", outcome: problem, ok: false, changes: false }),
  );
}

async function countUse(
  run: RunState,
  name: string,
  args: Record<string, unknown>,
  { ok, text, ms }: CallOutcome,
): Promise<void> {
  if (!run.ports.registry.get(name)) return;
  await run.ports.onUse?.({
    name,
    arguments: args,
    ok,
    ms,
    goal: run.params.goal,
    ...(ok ? {} : { error: text.slice(0, 500) }),
  });
}

/** A loop is told to the model first; when that does not help, the run stops and tells the user. */
async function heed(run: RunState, turn: Turn, verdict: Verdict): Promise<AgentEvent | undefined> {
  if (verdict.kind === "fine") return undefined;
  if (verdict.kind === "stop") return stopped(run, "loop", verdict.text);
  turn.after.push(verdict.text);
  await run.recorder.emit({ type: "note", step: turn.step, kind: "loop", text: verdict.text });
  return undefined;
}
