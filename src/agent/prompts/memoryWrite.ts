import type { ChatMessage } from "../../contract/chat";
import { Grammar } from "./gbnf";
import { numbered, oneLine } from "./memoryLines";
import { bad, good, withoutThought, type Reply } from "./reply";

/** What to do with an exchange: most often nothing. `replace` closes an existing memory (index from 0). */
export type MemoryDecision =
  { action: "no" } | { action: "add"; text: string } | { action: "replace"; index: number; text: string };

const instruction =
  "You keep an assistant's memory. Most things are not worth keeping. Keep what stays true and will be useful: the user's " +
  "name, work, tastes, decisions, facts of the project. Not small talk, passing moments, secrets, or what is known already.\n" +
  "Reply: no\nor: add: one sentence\nor: replace 1: one sentence";

/** Asks whether an exchange is worth remembering, against the nearest existing memories. */
export function memoryWritePrompt(input: {
  user: string;
  assistant?: string;
  known?: readonly string[];
}): ChatMessage[] {
  const known = input.known ?? [];
  const parts = [
    known.length > 0 ? `Known:\n${numbered(known)}` : "Known: nothing",
    `User: ${oneLine(input.user)}`,
    ...(input.assistant ? [`Assistant: ${oneLine(input.assistant)}`] : []),
  ];
  return [
    { role: "system", content: instruction },
    { role: "user", content: parts.join("\n") },
  ];
}

/** GBNF of the reply; `known` is how many memories were shown. */
export function memoryWriteGrammar(known: number): string {
  const grammar = new Grammar();
  const numbers = Array.from({ length: known }, (_, i) => `"${i + 1}"`).join(" | ");
  const replace = known > 0 ? ` | "replace " ${grammar.add("number", numbers)} ": " line` : "";
  return grammar.text(`"no" | "add: " line${replace}`);
}

export function memoryWriteText(decision: MemoryDecision): string {
  if (decision.action === "no") return "no";
  if (decision.action === "add") return `add: ${oneLine(decision.text)}`;
  return `replace ${decision.index + 1}: ${oneLine(decision.text)}`;
}

export function parseMemoryWrite(reply: string, known: number): Reply<MemoryDecision> {
  const text = withoutThought(reply);
  if (/^no\b[.]?$/i.test(text)) return good({ action: "no" });
  const add = /^add: *(\S.*)$/i.exec(text);
  if (add?.[1]) return good({ action: "add", text: add[1].trim() });
  const replace = /^replace (\d{1,4}): *(\S.*)$/i.exec(text);
  if (replace?.[1] && replace[2]) {
    const index = Number(replace[1]) - 1;
    if (index < 0 || index >= known) return bad(`There is no memory ${index + 1} to replace.`, reply);
    return good({ action: "replace", index, text: replace[2].trim() });
  }
  return bad("The reply must be no, add: one sentence, or replace 1: one sentence.", reply);
}
