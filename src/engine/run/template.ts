import { Template } from "@huggingface/jinja";
import type { ChatMessage, ToolSpec } from "../../contract/chat";
import { fail } from "../../contract/errors";

export interface TemplateInput {
  messages: readonly ChatMessage[];
  tools?: readonly ToolSpec[];
  /** Whether the template may let the model think; templates that know no such thing ignore it. */
  thinking: boolean;
  bos: string;
  eos: string;
}

const parsed = new Map<string, Template>();

/** Renders a model's own chat template (Jinja), with the beginning of the reply. Throws `badArgument` with the template's words. */
export function renderTemplate(source: string, input: TemplateInput): string {
  const { messages, tools, thinking, bos, eos } = input;
  const template = parse(source);
  try {
    return template.render({
      messages: messages.map(asTemplateMessage),
      ...(tools && tools.length > 0 ? { tools: tools.map((tool) => ({ type: "function", function: tool })) } : {}),
      add_generation_prompt: true,
      enable_thinking: thinking,
      bos_token: bos,
      eos_token: eos,
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    fail("badArgument", `The model's chat template cannot take this conversation: ${message}.`, { cause: error });
  }
}

function parse(source: string): Template {
  const known = parsed.get(source);
  if (known) return known;
  try {
    const template = new Template(source);
    parsed.set(source, template);
    return template;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    fail("unsupportedModel", `The model's chat template cannot be read: ${message}.`, { cause });
  }
}

/** The names that templates in the wild look for. */
function asTemplateMessage({ role, content, thought, toolCalls, name }: ChatMessage): Record<string, unknown> {
  return {
    role,
    content,
    ...(thought === undefined ? {} : { reasoning_content: thought, thinking: thought }),
    ...(name === undefined ? {} : { name }),
    ...(toolCalls && toolCalls.length > 0
      ? { tool_calls: toolCalls.map((call, index) => ({ type: "function", id: `call${index}`, function: call })) }
      : {}),
  };
}

/** What the reply is asked in when the model brings no template: roles as headings, plainly. */
export const plainTemplate = `{%- for message in messages %}{{ message.role | capitalize }}: {{ message.content }}

{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}`;
