import type { ChatMessage } from "../../contract/chat";
import type { Conversation } from "../../contract/conversation";
import { fail } from "../../contract/errors";
import type { Input } from "../../contract/verbs";
import { messagesOf, pathTo } from "../chat/tree";

const promptLimit = 10_000;
const textLimit = 20_000_000;

/** A prompt a line, or JSON Lines each with `chat` or `prompt`: the files that the CLI takes. Throws `badArgument`, `damagedFile`. */
export function promptsIn(text: string): Input[] {
  if (text.length > textLimit) fail("tooLarge", "The file is too long for prompts.");
  if (text.includes("\0")) fail("damagedFile", "The file holds no text.");
  const lines = text
    .split("\n")
    .map((line) => line.replace(/\r$/, ""))
    .filter((line) => line.trim() !== "");
  if (lines.length === 0) fail("badArgument", "The file holds no prompt.", { remedy: "Write one a line." });
  if (lines.length > promptLimit) fail("tooLarge", `There are ${lines.length} prompts; ${promptLimit} are taken.`);
  return lines.map((line, index) => (line.startsWith("{") ? parsed(line, index + 1) : { kind: "prompt", text: line }));
}

function parsed(line: string, number: number): Input {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    return fail("damagedFile", `Line ${number} is no JSON.`, { cause });
  }
  const { chat, prompt } = value as Record<string, unknown>;
  if (typeof prompt === "string") return { kind: "prompt", text: prompt };
  const messages = Array.isArray(chat) ? chat : (chat as { messages?: unknown } | undefined)?.messages;
  if (Array.isArray(messages) && messages.length > 0 && messages.every(isMessage)) return { kind: "chat", messages };
  return fail("damagedFile", `Line ${number} has neither 'chat' nor 'prompt'.`);
}

function isMessage(value: unknown): value is ChatMessage {
  if (typeof value !== "object" || value === null) return false;
  const { role, content } = value as Record<string, unknown>;
  return typeof content === "string" && ["system", "user", "assistant", "tool"].includes(String(role));
}

/**
 * Rated answers as inputs that end within the answer: the question through the template, the answer as what the reply begins with.
 * The states compared are then those of the answers.
 */
export function ratedIn(conversation: Conversation): { up: Input[]; down: Input[] } {
  const rated = (rating: "up" | "down"): Input[] =>
    conversation.nodes
      .filter((node) => node.role === "assistant" && node.rating === rating && node.text.trim() !== "" && !node.run)
      .map((node) => ({
        kind: "chat",
        messages: messagesOf(pathTo(conversation, node.parent), ""),
        prefill: node.text,
      }));
  return { up: rated("up"), down: rated("down") };
}
