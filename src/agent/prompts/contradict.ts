import type { ChatMessage } from "../../contract/chat";
import { oneLine } from "./memoryLines";
import { bad, good, withoutThought, type Reply } from "./reply";

/** Asks whether two statements from different sources cannot both be true. */
export function contradictPrompt(a: string, b: string): ChatMessage[] {
  return [
    { role: "system", content: "Can both statements be true at once? Reply with one word: yes or no." },
    { role: "user", content: `A: ${oneLine(a)}\nB: ${oneLine(b)}` },
  ];
}

export function contradictGrammar(): string {
  return `root ::= "yes" | "no"\n`;
}

/** True: they contradict each other. */
export function parseContradict(reply: string): Reply<boolean> {
  const word = withoutThought(reply).toLowerCase().replace(/[.]$/, "");
  return word === "yes" || word === "no" ? good(word === "no") : bad("The reply must be one word: yes or no.", reply);
}
