import type { AgentEventBody } from "../../contract/agent";
import type { Brain, BrainUsage } from "../../contract/brain";
import { fail } from "../../contract/errors";
import { parsePlan, planGrammar, planPrompt, type PlanStep } from "../prompts/plan";
import type { ApprovalOutcome, Approvals } from "../tools/approvals";
import type { PreparedCall } from "../tools/tool";

export interface PlanFirst {
  brain: Brain;
  approvals: Approvals;
  goal: string;
  /** Tokens of a plan at most. */
  max: number;
  signal: AbortSignal;
  emit: (event: AgentEventBody) => Promise<unknown>;
  spend: (usage: BrainUsage) => void;
}

const tries = 3;

/** A plan that a person accepted, or why there is none. A refusal with a reason gives another plan. */
export async function planFirst(options: PlanFirst): Promise<{ steps: string[] } | { refused: string }> {
  const { brain, goal, max, signal, emit, spend } = options;
  let surprise: string | undefined;
  for (let i = 0; i < tries; i++) {
    const messages = planPrompt({ goal, state: "nothing done yet", ...(surprise === undefined ? {} : { surprise }) });
    const form = { kind: "gbnf" as const, grammar: planGrammar() };
    const reply = await brain.reply({ messages, calls: "none", form, max }, { signal });
    spend(reply.usage);
    const plan = parsePlan(reply.text);
    if (!plan.ok) {
      surprise = plan.error.message;
      continue;
    }
    await emit({ type: "plan", step: 0, steps: plan.value });
    const decided = await askPlan(plan.value, options);
    if (decided.allowed) {
      await emit({ type: "plan", step: 0, steps: plan.value, accepted: true });
      return { steps: plan.value.map(({ step }) => step) };
    }
    const { reason } = decided.decision;
    if (reason === undefined || decided.by !== "person") return { refused: reason ?? "The plan was not accepted." };
    surprise = reason;
  }
  return { refused: "No plan was accepted." };
}

/** Asks a person for the plan as a whole. */
export function askPlan(
  steps: readonly PlanStep[],
  { approvals, signal }: Pick<PlanFirst, "approvals" | "signal">,
): Promise<ApprovalOutcome> {
  const text = steps.map(({ step }, i) => `${i + 1}. ${step}`).join("\n");
  const call: PreparedCall = {
    effects: [],
    target: { kind: "text", text },
    summary: text,
    mustAsk: "This is what the agent will do.",
    reversal: "none",
    act: () => Promise.resolve({ text }),
  };
  const request = approvals.request({ name: "plan" }, call) ?? fail("internal", "A plan is always asked for.");
  return approvals.decide({ name: "plan" }, call, request, signal);
}
