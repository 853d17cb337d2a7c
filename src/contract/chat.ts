import type { Json, JsonSchema } from "./json";

/** A tool as a model sees it. */
export interface ToolSpec {
  name: string;
  description: string;
  parameters: JsonSchema;
}

/** A call a model made of a tool. */
export interface ToolCall {
  name: string;
  arguments: { [key: string]: Json };
}

/** One turn of a conversation as the chat template takes it. `thought` is kept apart from what was said. */
export interface ChatMessage {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  thought?: string;
  toolCalls?: ToolCall[];
  /** For role `tool`: the tool whose result this is. */
  name?: string;
}
