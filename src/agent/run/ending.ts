import type { AgentEvent, StopCause } from "../../contract/agent";
import type { BrainReply } from "../../contract/brain";
import { errorData } from "../../contract/errors";
import { answerText, cutText } from "../tools/output";
import type { Turn } from "./context";
import { write } from "./observe";
import { longestAnswer, type RunState } from "./state";

export async function answered(run: RunState, step: number, reply: BrainReply): Promise<AgentEvent> {
  const { text, leftOut } = cutText(answerText(reply.text), longestAnswer);
  const unfinished = reply.stop === "max" || reply.stop === "context" || leftOut > 0;
  if (!unfinished) await write(run, step, { said: [run.params.goal], answer: text });
  return run.recorder.emit({
    type: "answer",
    step,
    text,
    spent: run.total(),
    ...(unfinished ? { unfinished } : {}),
  });
}

export async function nothingSaid(run: RunState, turn: Turn): Promise<AgentEvent | undefined> {
  if (++run.silent >= 3) return stopped(run, "silent", "The model answered nothing three times.");
  turn.after.push("You answered nothing. Answer the goal, or call a tool.");
  return undefined;
}

export function overBudget(run: RunState): Promise<AgentEvent> | undefined {
  const { steps, tokens, ms } = run.budget;
  const said = run.turns.findLast((turn) => turn.said !== "")?.said;
  const last = said === undefined ? "" : ` It last said: ${cutText(said, 500).text}`;
  if (run.spent.steps >= steps) return stopped(run, "steps", `The budget of ${steps} steps is spent.${last}`);
  if (run.spent.promptTokens + run.spent.tokens >= tokens)
    return stopped(run, "tokens", `The budget of ${tokens} tokens is spent.${last}`);
  if (run.total().ms >= ms)
    return stopped(run, "time", `The budget of ${Math.round(ms / 1000)} seconds is spent.${last}`);
  return undefined;
}

export function stopped(run: RunState, reason: StopCause, text: string): Promise<AgentEvent> {
  return run.recorder.emit({ type: "stopped", step: run.spent.steps, reason, text, spent: run.total() });
}

/** Whatever was thrown: a stop by the user, or an error that is told. */
export function broken(run: RunState, error: unknown): Promise<AgentEvent> {
  if (run.abort.signal.aborted) return stopped(run, "user", "Stopped by the user.");
  return run.recorder.emit({ type: "error", step: run.spent.steps, error: errorData(error), spent: run.total() });
}
