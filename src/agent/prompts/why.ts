import type { ChatMessage } from "../../contract/chat";
import { cleanText, withoutMarks } from "../tools/output";
import { oneLine } from "./memoryLines";
import { withoutThought } from "./reply";

/** Asks for the reason of a judgement, for people. Not among the prompts that the specimen is trained on. */
export function whyPrompt(input: { goal: string; step: string; seen: string; verdict: string }): ChatMessage[] {
  return [
    { role: "system", content: "Say in one short sentence why the step was judged so." },
    {
      role: "user",
      content: [
        `Goal: ${oneLine(input.goal)}`,
        `Step: ${oneLine(input.step)}`,
        `Seen: ${oneLine(input.seen)}`,
        `Judged: ${oneLine(input.verdict)}`,
      ].join("\n"),
    },
  ];
}

/** The first sentence or two, as plain text. */
export function parseWhy(reply: string): string {
  return oneLine(withoutMarks(cleanText(withoutThought(reply)))).slice(0, 300);
}
