import * as vscode from "vscode";
import type { ChatMessage, ToolSpec } from "../../contract/chat";
import { fail } from "../../contract/errors";
import type { Json, JsonSchema } from "../../contract/json";

/** Tools that one request may offer: each costs some fifty tokens of a prompt that has a few thousand. */
export const toolLimit = 128;

type Request = vscode.LanguageModelChatRequestMessage;

/**
 * Another extension's messages as the chat template takes them. Calls and results of tools become turns of their own.
 * @throws badArgument for a part that a text model cannot read, an image say
 */
export function chatMessages(messages: readonly Request[]): ChatMessage[] {
  const names = new Map<string, string>();
  return messages.flatMap((message) => turns(message, names));
}

function turns({ role, content }: Request, names: Map<string, string>): ChatMessage[] {
  const text: string[] = [];
  const calls: NonNullable<ChatMessage["toolCalls"]> = [];
  const results: ChatMessage[] = [];
  for (const part of content) {
    if (part instanceof vscode.LanguageModelTextPart) text.push(part.value);
    else if (part instanceof vscode.LanguageModelToolCallPart) {
      names.set(part.callId, part.name);
      calls.push({ name: part.name, arguments: { ...(part.input as { [key: string]: Json }) } });
    } else if (part instanceof vscode.LanguageModelToolResultPart) {
      const said = part.content.map((each) => (each instanceof vscode.LanguageModelTextPart ? each.value : json(each)));
      results.push({ role: "tool", name: names.get(part.callId) ?? part.callId, content: said.join("\n") });
    } else fail("badArgument", vscode.l10n.t("This model reads text only; a message holds something else."));
  }
  const said = text.join("");
  const own: ChatMessage = {
    role: role === vscode.LanguageModelChatMessageRole.Assistant ? "assistant" : "user",
    content: said,
    ...(calls.length > 0 ? { toolCalls: calls } : {}),
  };
  return said === "" && calls.length === 0 && results.length > 0 ? results : [...results, own];
}

/** @throws badArgument for more tools than a prompt can hold */
export function toolSpecs(tools: readonly vscode.LanguageModelChatTool[]): ToolSpec[] {
  if (tools.length > toolLimit) {
    fail(
      "badArgument",
      vscode.l10n.t("{0} tools were offered; this model takes {1} at most.", tools.length, toolLimit),
      { remedy: vscode.l10n.t("Offer only those that the request needs.") },
    );
  }
  return tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    parameters: (inputSchema as JsonSchema | undefined) ?? { type: "object", properties: {} },
  }));
}

/** What a caller put into a result besides text. What cannot be written as JSON is left out. */
function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}
