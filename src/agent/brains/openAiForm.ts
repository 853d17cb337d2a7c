import type { ChatMessage, ToolSpec } from "../../contract/chat";

/** Messages as OpenAI's protocol has them. Calls get ids by their order; results take the ids of the calls before them. */
export function openAiMessages(messages: readonly ChatMessage[]): Record<string, unknown>[] {
  const out: Record<string, unknown>[] = [];
  let waiting: string[] = [];
  let made = 0;
  for (const { role, content, toolCalls, name } of messages) {
    if (role === "assistant" && toolCalls?.length) {
      const ids = toolCalls.map(() => `call_${++made}`);
      waiting = [...ids];
      out.push({
        role,
        content: content || null,
        tool_calls: toolCalls.map((call, i) => ({
          id: ids[i],
          type: "function",
          function: { name: call.name, arguments: JSON.stringify(call.arguments) },
        })),
      });
    } else if (role === "tool") {
      const id = waiting.shift();
      // A result whose call was folded away: the protocol has no place for it but the user's turn.
      if (id === undefined) out.push({ role: "user", content: `Result of ${name ?? "a tool"}:\n${content}` });
      else out.push({ role, tool_call_id: id, content });
    } else out.push({ role, content });
  }
  return out;
}

export function openAiTools(tools: readonly ToolSpec[]): Record<string, unknown>[] {
  return tools.map(({ name, description, parameters }) => ({
    type: "function",
    function: { name, description, parameters },
  }));
}
