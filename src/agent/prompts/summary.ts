import type { ChatMessage } from "../../contract/chat";
import { oneLine } from "./memoryLines";
import { bad, good, withoutThought, type Reply } from "./reply";

/** Asks for a conversation in a few sentences, to stand in its place when the context is full. */
export function summaryPrompt(turns: readonly ChatMessage[], sentences = 2): ChatMessage[] {
  const names = { system: "System", user: "User", assistant: "Assistant", tool: "Tool" };
  const lines = turns.map((turn) => `${names[turn.role]}: ${oneLine(turn.content)}`);
  return [
    {
      role: "system",
      content: `Sum up the conversation in at most ${sentences} short sentences. Keep names, numbers and what was decided.`,
    },
    { role: "user", content: lines.join("\n") },
  ];
}

/** Asks for what a community of a memory graph is about (GraphRAG's community report, cut to a sentence). */
export function communityPrompt(facts: readonly string[]): ChatMessage[] {
  return [
    { role: "system", content: "Say in one sentence what these facts are about. Use their names." },
    { role: "user", content: facts.map((fact) => `- ${oneLine(fact)}`).join("\n") },
  ];
}

export function parseSummary(reply: string): Reply<string> {
  const text = oneLine(withoutThought(reply));
  return text ? good(text) : bad("The summary is empty.", reply);
}
