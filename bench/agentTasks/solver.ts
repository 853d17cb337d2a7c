import { systemPrompt } from "../../src/agent/prompts/system";
import { toolsBlock } from "../../src/agent/prompts/tools";
import type { Brain, BrainReply, BrainRequest } from "../../src/contract/brain";
import type { ToolCall } from "../../src/contract/chat";
import type { Json } from "../../src/contract/json";
import type { Family } from "./families";
import { seeded } from "./random";

export interface Task {
  family: Family;
  args: Record<string, Json>;
  goal: string;
  answer: Json;
}

/**
 * A brain that knows how to solve every task, in words or with tools, and counts what a real one would compute: the
 * prompt's tokens that are not in its cache (the longest beginning shared with an earlier prompt) and those it writes. Now
 * and then it forgets that there is a tool and asks for another one.
 */
export class Solver implements Brain {
  readonly name = "solver";
  readonly local = false;
  readonly context = 8_192;
  readonly spent = { written: 0, computed: 0, all: 0 };
  private readonly cache: string[] = [];
  private readonly random = seeded(9);

  constructor(
    private readonly tasks: readonly Task[],
    private readonly forging: boolean,
  ) {}

  count(text: string): Promise<number> {
    return Promise.resolve(Math.ceil(text.length / 4));
  }

  reply(request: BrainRequest): Promise<BrainReply> {
    const prompt = rendered(request);
    const shared = Math.max(0, ...this.cache.map((each) => common(each, prompt)));
    const said = this.say(request);
    const text = typeof said === "string" ? said : "";
    const calls = typeof said === "string" ? [] : [said];
    const written = Math.ceil((text.length + (calls[0] ? JSON.stringify(calls[0]).length + 26 : 0)) / 4);
    const promptTokens = Math.ceil(prompt.length / 4);
    this.cache.push(prompt + text);
    if (this.cache.length > 4) this.cache.shift();
    this.spent.written += written;
    this.spent.computed += written + Math.ceil((prompt.length - shared) / 4);
    this.spent.all += written + promptTokens;
    return Promise.resolve({
      text,
      thought: "",
      calls,
      stop: "eos",
      usage: { promptTokens, reusedTokens: Math.floor(shared / 4), tokens: written, ms: 0 },
    });
  }

  private say(request: BrainRequest): string | ToolCall {
    const first = request.messages[0]?.content ?? "";
    const last = request.messages.at(-1);
    if (first.startsWith("Specify a tool")) return this.order(last?.content ?? "");
    if (first.startsWith("Write the tool"))
      return this.family((each) => (last?.content ?? "").includes(each.spec.description))?.code ?? "";
    const task = this.tasks.find(({ goal }) =>
      request.messages.some(({ role, content }) => role === "user" && content === goal),
    );
    if (!task) return "I do not know.";
    const sentence = (value: string) => `The answer is ${value}.`;
    if (!this.forging) return `${task.family.trace(task.args)}\n${sentence(JSON.stringify(task.answer))}`;
    if (last?.role === "tool" && last.name !== "make_tool")
      return sentence(
        typeof task.answer === "string" ? JSON.stringify(last.content) : last.content.replace(/, /g, ","),
      );
    const ready = last?.role === "tool" ? /tool (\w+)/.exec(last.content)?.[1] : undefined;
    const { spec } = task.family;
    const tool = ready ?? request.tools?.find(({ description }) => description === spec.description)?.name;
    const forgets = last?.role === "user" && this.random() < 0.1;
    if (tool === undefined || forgets) return { name: "make_tool", arguments: { request: spec.description } };
    return { name: tool, arguments: task.args };
  }

  private order(request: string): string {
    const family = this.family(({ spec }) => spec.description === request);
    if (!family) return "No.";
    const random = seeded(77);
    const examples = Array.from({ length: 8 }, () => family.draw(random)).map((args) => ({
      arguments: args,
      result: family.solve(args),
    }));
    const other = examples.find(({ result }) => JSON.stringify(result) !== JSON.stringify(examples[0]?.result));
    return JSON.stringify({ ...family.spec, examples: [examples[0], other] });
  }

  private family(fits: (family: Family) => boolean): Family | undefined {
    return this.tasks.find(({ family }) => fits(family))?.family;
  }
}

/** The prompt as a template makes it, tools in the system part. */
function rendered(request: BrainRequest): string {
  const [system, ...rest] = request.messages;
  const head = system?.content.startsWith("You are Vitrine")
    ? `${system.content}\n\n${toolsBlock(request.tools ?? [])}`
    : (system?.content ?? systemPrompt({ mode: "chat" }));
  return [
    head,
    ...rest.map(
      (message) => `${message.role}: ${message.content}${message.toolCalls ? JSON.stringify(message.toolCalls) : ""}`,
    ),
  ].join("\n");
}

function common(a: string, b: string): number {
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  return i;
}
