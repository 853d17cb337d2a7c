import type { ChatMessage } from "../../src/contract/chat";
import { emptyThought } from "../../src/agent/prompts/budget";
import { toolCallText, toolsBlock } from "../../src/agent/prompts/tools";
import type { Sample } from "./sample";

/** A stretch of text and whether it is the model's own (learnt in full) or given to it (learnt lightly). */
export type Segment = [text: string, own: 0 | 1];

/** The conversation exactly as the chat template prints it (`specimen/train/template.jinja`), with who wrote what. */
export function renderSample(sample: Sample): Segment[] {
  if (sample.prose)
    return [
      [sample.prose.prompt, 1],
      [sample.prose.text, 1],
      ["<|endoftext|>", 1],
    ];
  const chat = sample.chat ?? [];
  const segments: Segment[] = [];
  const first = chat[0]?.role === "system" ? chat[0].content : "";
  const tools = toolsBlock(sample.tools ?? []);
  const system = [first, tools].filter(Boolean).join("\n\n");
  if (system) segments.push([`<|im_start|>system\n${system}<|im_end|>\n`, 0]);
  chat.forEach((message, i) => {
    if (message.role === "system" && i === 0) return;
    if (message.role !== "assistant") return segments.push([given(chat, i), 0]);
    const last = i === chat.length - 1;
    const prefix = last && sample.noThink ? emptyThought : "";
    segments.push([`<|im_start|>assistant\n${prefix}`, 0]);
    segments.push([`${last ? reply(message) : reply({ ...message, thought: undefined })}<|im_end|>`, 1]);
    segments.push(["\n", 0]);
  });
  return segments;
}

/** What the model is given before its last turn. */
export function promptText(sample: Sample): string {
  if (sample.prose) return sample.prose.prompt;
  const segments = renderSample(sample);
  return segments
    .slice(0, -2)
    .map(([text]) => text)
    .join("");
}

/** The model's last turn as text. */
export function replyText(sample: Sample): string {
  if (sample.prose) return sample.prose.text;
  const last = sample.chat?.at(-1);
  return last ? reply(last) : "";
}

function reply(message: ChatMessage): string {
  const thought = message.thought === undefined ? "" : `<think>\n${message.thought}\n</think>\n\n`;
  const calls = (message.toolCalls ?? []).map(toolCallText);
  return thought + [message.content, ...calls].filter(Boolean).join("\n");
}

function given(chat: readonly ChatMessage[], i: number): string {
  const message = chat[i] as ChatMessage;
  if (message.role !== "tool") return `<|im_start|>${message.role}\n${message.content}<|im_end|>\n`;
  const opens = chat[i - 1]?.role !== "tool";
  const closes = chat[i + 1]?.role !== "tool";
  const body = `\n<tool_response>\n${message.content}\n</tool_response>`;
  return `${opens ? "<|im_start|>user" : ""}${body}${closes ? "<|im_end|>\n" : ""}`;
}
