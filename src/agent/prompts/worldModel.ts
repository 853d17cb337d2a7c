import type { ChatMessage } from "../../contract/chat";
import { schemaGrammar } from "./gbnf";
import { oneLine } from "./memoryLines";
import { bad, good, jsonOf, textField, type Reply } from "./reply";
import { spacedJson } from "./spacedJson";

/** What the world is predicted to answer, and the state it will then be in. */
export interface Prediction {
  seen: string;
  state: string;
}

const form = `{"seen": "what is seen", "state": "the state after it"}`;

/** Asks what would happen if the action were done, without doing it (WebDreamer's simulation step). */
export function worldModelPrompt(input: { state: string; action: string }): ChatMessage[] {
  return [
    { role: "system", content: `Predict what the action does. Nothing is done for real. Reply with JSON: ${form}.` },
    { role: "user", content: `State: ${oneLine(input.state)}\nAction: ${oneLine(input.action)}` },
  ];
}

export function worldModelGrammar(): string {
  const text = { type: "string" as const, minLength: 1, maxLength: 600 };
  return schemaGrammar({ type: "object", properties: { seen: text, state: text }, required: ["seen", "state"] });
}

export function worldModelText(prediction: Prediction): string {
  return spacedJson({ seen: prediction.seen, state: prediction.state });
}

export function parseWorldModel(reply: string): Reply<Prediction> {
  const value = jsonOf(reply);
  const seen = value === undefined ? undefined : textField(value, "seen");
  const state = value === undefined ? undefined : textField(value, "state");
  return seen && state ? good({ seen, state }) : bad(`The reply must be JSON: ${form}.`, reply);
}
