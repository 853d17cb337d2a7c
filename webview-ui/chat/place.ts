import type { ChatState } from "../../src/contract/chatView";
import type { ChatMessage } from "../../src/contract/chat";
import { wordsOf } from "../../src/contract/conversation";
import type { GeneratedToken } from "../../src/contract/token";
import type { InstrumentRequest } from "../../src/contract/view";
import { visibleToken } from "../kit/visible";
import { t } from "../kit/l10n";
import { host } from "./host";
import { pathTo } from "./path";

/**
 * The turns before an answer as the chat template takes them, the very ones that the host gave the model: answers that
 * failed before their first word are left out, and what then follows each other in one role is one turn.
 */
export function messagesBefore(state: ChatState, parent: string): ChatMessage[] {
  const { system } = state.options;
  const messages: ChatMessage[] = system.trim() === "" ? [] : [{ role: "system", content: system }];
  for (const node of pathTo(state.conversation.nodes, parent)) {
    const { role, thought } = node;
    const text = wordsOf(node);
    if (role === "assistant" && text === "" && !thought) continue;
    const last = messages.at(-1);
    if (last?.role === role) last.content = `${last.content}\n\n${text}`;
    else messages.push({ role, content: text, ...(thought ? { thought } : {}) });
  }
  return messages;
}

/**
 * The place of a token: everything the model had read when it chose it. The last position of what is handed over is the
 * one whose output is the token, and the token is the target.
 */
export async function placeOf(
  state: ChatState,
  parent: string,
  tokens: readonly GeneratedToken[],
  index: number,
  instrument: InstrumentRequest["instrument"],
): Promise<InstrumentRequest> {
  const { think } = state.options;
  const prompt = await host.call("render", {
    input: { kind: "chat", messages: messagesBefore(state, parent) },
    ...(state.model?.thinks && { think: think === "off" ? "off" : "auto" }),
  });
  const ids = [...prompt.tokens, ...tokens.slice(0, index)].map(({ id }) => id);
  const token = tokens[index]!;
  const whole = token.bytes === undefined && token.text !== "";
  return {
    instrument,
    tokens: ids,
    position: ids.length - 1,
    ...(whole && { target: token.text }),
    title: t("placeTitle", { token: visibleToken(token) }).slice(0, 200),
  };
}
