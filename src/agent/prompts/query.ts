import type { ChatMessage } from "../../contract/chat";
import { oneLine } from "./memoryLines";
import { bad, good, withoutThought, type Reply } from "./reply";

/** Asks for the words to search memories, tools or pages with, from a goal and what was seen last. */
export function queryPrompt(goal: string, seen?: string): ChatMessage[] {
  const lines = [`Goal: ${oneLine(goal)}`, ...(seen ? [`Seen: ${oneLine(seen)}`] : [])];
  return [
    { role: "system", content: "Write a search query for the goal: a few words on one line." },
    { role: "user", content: lines.join("\n") },
  ];
}

export function queryGrammar(): string {
  return "root ::= [^\\x00-\\x1F\\x7F]+\n";
}

export function parseQuery(reply: string): Reply<string> {
  const text = withoutThought(reply).split("\n")[0]?.trim() ?? "";
  return text ? good(text) : bad("The query is empty.", reply);
}
