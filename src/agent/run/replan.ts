import type { AgentEventBody } from "../../contract/agent";
import type { Brain, BrainUsage } from "../../contract/brain";
import { parsePlan, planGrammar, planPrompt } from "../prompts/plan";
import { cutText } from "../tools/output";

export interface Replan {
  brain: Brain;
  goal: string;
  step: number;
  /** What is seen now, and what of it nobody expected. */
  seen: string;
  surprise: string;
  done: readonly string[];
  max: number;
  signal: AbortSignal;
  emit: (event: AgentEventBody) => Promise<unknown>;
  spend: (usage: BrainUsage) => void;
}

/** A new plan from where the world surprised; undefined where the brain gives none, and the run goes on as it sees fit. */
export async function replan(options: Replan): Promise<string[] | undefined> {
  const { brain, goal, step, seen, surprise, done, max, signal, emit, spend } = options;
  const room = Math.max(300, brain.context);
  const messages = planPrompt({ goal, state: cutText(seen, room).text, done: done.slice(-8), surprise });
  const form = { kind: "gbnf" as const, grammar: planGrammar() };
  const reply = await brain.reply({ messages, calls: "none", form, max, think: "off" }, { signal });
  spend(reply.usage);
  const plan = parsePlan(reply.text);
  if (!plan.ok) return undefined;
  await emit({ type: "plan", step, steps: plan.value, accepted: true });
  return plan.value.map((each) => each.step);
}
