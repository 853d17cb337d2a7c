import type { ChatMessage, ToolSpec } from "../../src/contract/chat";
import type { Json } from "../../src/contract/json";

/** One conversation of the corpus; its last turn is the assistant's and is what a test compares with. */
export interface Sample {
  task: string;
  /** Absent for plain text. */
  chat?: ChatMessage[];
  /** Text without any chat around it: `prompt` is what a test gives, `text` what follows. */
  prose?: { prompt: string; text: string };
  tools?: ToolSpec[];
  /** The answer begins with an empty thought: thinking is switched off. */
  noThink?: boolean;
  /** What a checker needs beside the last turn. */
  gold?: Json;
}
