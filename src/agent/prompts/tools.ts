import type { ChatMessage, ToolCall, ToolSpec } from "../../contract/chat";
import type { Json } from "../../contract/json";
import { Grammar, literal } from "./gbnf";
import { bad, good, withoutThought, type Reply } from "./reply";
import { parseJson, spacedJson } from "./spacedJson";

/** One tool as the line between `<tools>` and `</tools>`: OpenAI's function object, as chat templates print it. */
export function toolLine(tool: ToolSpec): string {
  const { name, description, parameters } = tool;
  return spacedJson({ type: "function", function: { name, description, parameters } });
}

/** The tools part of a system prompt, in the form of Hermes and Qwen. Empty without tools. */
export function toolsBlock(tools: readonly ToolSpec[]): string {
  if (tools.length === 0) return "";
  return [
    "# Tools",
    "",
    "<tools>",
    ...tools.map(toolLine),
    "</tools>",
    "",
    "To use a tool, reply with the call alone:",
    "<tool_call>",
    `{"name": "tool name", "arguments": {"argument name": "value"}}`,
    "</tool_call>",
  ].join("\n");
}

/** A call as the model writes it. */
export function toolCallText(call: ToolCall): string {
  return `<tool_call>\n${spacedJson({ name: call.name, arguments: call.arguments })}\n</tool_call>`;
}

/** A tool's result as the model reads it, as the turn that follows the call. Marks inside the text lose their force. */
export function toolResponse(name: string, text: string): ChatMessage {
  return { role: "tool", name, content: text.replace(/<(\/?)(tool_response|tool_call|tools|think)>/g, "<$1 $2>") };
}

/** GBNF of one call of one of these tools, from the opening mark to the closing one. */
export function toolCallGrammar(tools: readonly ToolSpec[]): string {
  const grammar = new Grammar();
  return grammar.text(callExpression(grammar, tools));
}

/** GBNF of either an answer in words or one call. An answer does not begin with `<`. */
export function answerOrCallGrammar(tools: readonly ToolSpec[]): string {
  const grammar = new Grammar();
  const call = callExpression(grammar, tools);
  const answer = grammar.add("answer", String.raw`[^<] [^<]*`);
  return grammar.text(tools.length === 0 ? answer : `${call} | ${answer}`);
}

function callExpression(grammar: Grammar, tools: readonly ToolSpec[]): string {
  const calls = tools.map((tool) => {
    const head = literal(`<tool_call>\n{"name": ${JSON.stringify(tool.name)}, "arguments": `);
    const schema = { ...tool.parameters, type: "object" as const };
    return grammar.add(
      `call-${tool.name}`,
      `${head} ${grammar.schema(schema, tool.name)} ${literal("}\n</tool_call>")}`,
    );
  });
  return grammar.add("call", calls.join(" | "));
}

/** What an agent's reply says: words for the user, calls, or both. */
export interface ToolReply {
  text: string;
  calls: ToolCall[];
}

/** Takes the calls out of a reply. A call that is no JSON, or has no name, is a typed error that names what is wrong. */
export function parseToolReply(reply: string): Reply<ToolReply> {
  const body = withoutThought(reply);
  const calls: ToolCall[] = [];
  const pattern = /<tool_call>\s*([\s\S]*?)\s*(?:<\/tool_call>|$)/g;
  for (const match of body.matchAll(pattern)) {
    const value = parseJson(match[1] ?? "");
    if (value === undefined) return bad("What stands between <tool_call> and </tool_call> is not JSON.", reply);
    const call = readCall(value);
    if (!call) return bad('A call must look like this: {"name": "tool name", "arguments": {}}.', reply);
    calls.push(call);
  }
  return good({ text: body.replace(pattern, "").trim(), calls });
}

function readCall(value: Json): ToolCall | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  const { name, arguments: args = {} } = value;
  if (typeof name !== "string" || name === "") return undefined;
  const object = typeof args === "string" ? parseJson(args) : args;
  if (object === undefined || object === null || typeof object !== "object" || Array.isArray(object)) return undefined;
  return { name, arguments: object };
}
