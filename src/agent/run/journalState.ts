import type { AgentEvent, GoalParams, JournalLine, RunBudget, Spent } from "../../contract/agent";
import { fail } from "../../contract/errors";
import { parseJson } from "../prompts/spacedJson";
import type { Turn } from "./context";

/** A run as its journal tells it. */
export interface JournalState {
  goal: GoalParams;
  brain: string;
  turns: Turn[];
  /** A call that began and has no result: what it did is not known. */
  open: { step: number; name: string } | undefined;
  summary: { upTo: number; text: string } | undefined;
  plan: string[] | undefined;
  spent: Spent;
  /** The run's last event when it ended. */
  end: AgentEvent | undefined;
}

export function parseLines(lines: readonly string[]): JournalLine[] {
  return lines.flatMap((line) => {
    const value = parseJson(line);
    return value !== undefined && typeof value === "object" && value !== null && "type" in value
      ? [value as unknown as JournalLine]
      : [];
  });
}

export function eventsOf(lines: readonly JournalLine[]): AgentEvent[] {
  return lines.filter((line): line is AgentEvent => line.type !== "message" && line.type !== "tool");
}

/** Puts a run together again from its lines; fails with `damagedFile` when they do not begin with a goal. */
export function journalState(lines: readonly JournalLine[]): JournalState {
  const events = eventsOf(lines);
  const first = events.find((event) => event.type === "goal");
  if (first?.type !== "goal") fail("damagedFile", "The run's journal does not say its goal.");
  const turns = new Map<number, Turn>();
  const turn = (step: number): Turn => {
    const made = turns.get(step) ?? { step, said: "", calls: [], results: [], after: [] };
    turns.set(step, made);
    return made;
  };
  const state: JournalState = {
    goal: first.params,
    brain: first.brain,
    turns: [],
    open: undefined,
    summary: undefined,
    plan: undefined,
    spent: { steps: 0, promptTokens: 0, tokens: 0, ms: 0 },
    end: undefined,
  };
  for (const event of events) {
    if (event.type === "think") {
      turn(event.step).said = event.text;
      if (event.problem !== undefined) turn(event.step).after.push(event.problem);
      state.spent.steps = Math.max(state.spent.steps, event.step);
      state.spent.promptTokens += event.usage.promptTokens;
      state.spent.tokens += event.usage.tokens;
      state.spent.ms += event.usage.ms;
    } else if (event.type === "call") {
      turn(event.step).calls.push({ name: event.name, arguments: event.arguments });
      state.open = { step: event.step, name: event.name };
    } else if (event.type === "result") {
      turn(event.step).results.push({ name: event.name, text: event.text });
      state.spent.ms += event.ms;
      state.open = undefined;
    } else if (event.type === "plan" && event.accepted) state.plan = event.steps.map(({ step }) => step);
    else if (event.type === "note") {
      if (event.kind === "summary") state.summary = { upTo: event.step, text: event.text };
      if (event.kind === "steer" || event.kind === "loop" || event.kind === "resumed")
        turn(event.step).after.push(event.text);
    }
    state.end = event.type === "answer" || event.type === "stopped" || event.type === "error" ? event : undefined;
  }
  if (state.open)
    turn(state.open.step).results.push({
      name: state.open.name,
      text: "The editor stopped during this call; what it did is not known.",
    });
  state.turns = [...turns.values()].sort((a, b) => a.step - b.step);
  return state;
}

/** What of a budget is left. */
export function leftOf(budget: RunBudget, spent: Spent): RunBudget {
  return {
    steps: budget.steps - spent.steps,
    tokens: budget.tokens - spent.promptTokens - spent.tokens,
    ms: budget.ms - spent.ms,
  };
}
