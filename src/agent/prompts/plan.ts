import type { ChatMessage } from "../../contract/chat";
import type { Json, JsonSchema } from "../../contract/json";
import { schemaGrammar } from "./gbnf";
import { oneLine } from "./memoryLines";
import { listReply, textField, type Reply } from "./reply";

/** One step of a plan: what to do and what should be seen afterwards. */
export interface PlanStep {
  step: string;
  expect: string;
}

export interface PlanInput {
  goal: string;
  /** What is known of the world now. */
  state: string;
  /** Steps taken already, in order. */
  done?: readonly string[];
  /** Why an earlier plan did not hold, when it did not. */
  surprise?: string;
}

const form = `{"step": "what to do", "expect": "what will be seen"}`;

/** Asks for the steps that lead from here to the goal. */
export function planPrompt(input: PlanInput): ChatMessage[] {
  return [
    { role: "system", content: `Plan the steps from the state to the goal. Reply with a JSON list: [${form}].` },
    { role: "user", content: situation(input) },
  ];
}

/** Asks for several different next steps, for a search to choose among; the likeliest first. */
export function proposePrompt(input: PlanInput, count: number): ChatMessage[] {
  return [
    { role: "system", content: `Propose ${count} different next steps. Reply with a JSON list: [${form}].` },
    { role: "user", content: situation(input) },
  ];
}

function situation(input: PlanInput): string {
  return [
    `Goal: ${oneLine(input.goal)}`,
    `State: ${oneLine(input.state)}`,
    ...(input.done?.length ? [`Done: ${input.done.map(oneLine).join("; ")}`] : []),
    ...(input.surprise ? [`Surprise: ${oneLine(input.surprise)}`] : []),
  ].join("\n");
}

export function planGrammar(most = 12): string {
  const text: JsonSchema = { type: "string", minLength: 1, maxLength: 200 };
  return schemaGrammar({
    type: "array",
    minItems: 1,
    maxItems: most,
    items: { type: "object", properties: { step: text, expect: text }, required: ["step", "expect"] },
  });
}

export function parsePlan(reply: string): Reply<PlanStep[]> {
  return listReply(reply, readStep, form);
}

function readStep(item: Json): PlanStep | undefined {
  const step = textField(item, "step");
  const expect = textField(item, "expect");
  return step && expect ? { step, expect } : undefined;
}
