import type { Conversation, ConversationNode } from "../../contract/conversation";
import type { ErrorData } from "../../contract/errors";
import type { GeneratedToken } from "../../contract/token";
import type { Generated } from "../../contract/verbs";
import type { ChatPorts } from "./ports";
import { textOf, type Running } from "./running";

/** An answer under way, as those who write it see it. */
export interface Work {
  conversation: Conversation;
  answer: Running;
  signal: AbortSignal;
  /** The running answer is another now. */
  changed(): void;
  /** Tokens of the context that are taken now. */
  used(tokens: number): void;
  /** Cells of the answer's lens are left to be made. */
  lensLeft(left: { id: string; cells: number }): void;
}

/** The node of an answer, with nothing but what was written. */
export function written(
  ports: ChatPorts,
  answer: Running,
  { text, thought, tokens }: Pick<Generated, "text" | "thought" | "tokens">,
): ConversationNode {
  return {
    id: answer.node,
    parent: answer.parent,
    role: "assistant",
    text,
    ...(thought === "" ? {} : { thought }),
    tokens: [...tokens],
    created: ports.now().toISOString(),
  };
}

/** What stays of an answer that broke off. One that was stopped before its first token leaves nothing. */
export function unfinished(ports: ChatPorts, answer: Running, error: ErrorData): ConversationNode | null {
  const cancelled = error.code === "cancelled";
  if (cancelled && answer.tokens.length === 0) return null;
  if (!cancelled) ports.log.warn(`The answer broke off: ${error.code}: ${error.message}`);
  const { model } = ports.engine;
  return {
    ...written(ports, answer, fromTokens(answer.tokens)),
    ...(model ? { model: { name: model.name, fingerprint: model.fingerprint } } : {}),
    ...alteredBy(answer),
    ...(cancelled ? { stop: "cancelled" } : { error }),
  };
}

export function fromTokens(tokens: GeneratedToken[]): Pick<Generated, "text" | "thought" | "tokens"> {
  return { text: textOf(tokens, "answer"), thought: textOf(tokens, "thought"), tokens };
}

/** That, and by what, an answer is altered. */
export function alteredBy({ alteredBy: names }: Running): Pick<ConversationNode, "altered" | "alteredBy"> {
  return names.length > 0 ? { altered: true, alteredBy: names } : {};
}
