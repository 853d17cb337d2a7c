import type { Attachment } from "../../contract/agent";
import type { ChatMessage, ToolCall, ToolSpec } from "../../contract/chat";
import { systemText } from "../prompts/system";
import { toolLine, toolResponse } from "../prompts/tools";
import { cutText, withoutMarks } from "../tools/output";

/** A step as it stands in the context. */
export interface Turn {
  step: number;
  said: string;
  calls: ToolCall[];
  /** One for each call, in order. */
  results: { name: string; text: string }[];
  /** What the user or the run said after it. */
  after: string[];
}

export interface ContextParts {
  mode: "chat" | "agent";
  instructions: string;
  memories: string[];
  tools: ToolSpec[];
  history: ChatMessage[];
  goal: string;
  attachments: Attachment[];
  turns: Turn[];
}

export interface BuiltContext {
  messages: ChatMessage[];
  tokens: number;
  /** Steps whose output was folded by this call. */
  folded: number[];
  /** Steps that should be summed up before the next reply: even folded they do not fit. */
  crowded: boolean;
}

/** Tokens a template adds to a message. */
const frame = 8;

/**
 * Keeps the prompt within the brain's context: old tool output is folded to a line that points at the trace, then early
 * steps give way to a summary, then history, attachments and at last the goal are cut. What was folded stays folded, so
 * that the prompt's beginning stays the same and its states are found in the cache.
 */
export class ContextKeeper {
  private readonly folded = new Set<number>();
  private summary: { upTo: number; text: string } | undefined;

  constructor(private readonly count: (text: string) => Promise<number>) {}

  /** The last step a summary stands for. */
  get summedUpTo(): number {
    return this.summary?.upTo ?? -1;
  }

  sumUp(upTo: number, text: string): void {
    this.summary = { upTo, text };
  }

  /** The prompt in at most `limit` tokens. */
  async build(parts: ContextParts, limit: number): Promise<BuiltContext> {
    const folded: number[] = [];
    let messages = this.messages(parts);
    let tokens = await this.tokens(messages, parts.tools);
    const foldable = this.shown(parts)
      .slice(0, -1)
      .filter((turn) => !this.folded.has(turn.step) && turn.results.length > 0);
    for (const turn of foldable) {
      // Once something has to go, a little more goes, so that it is not every step's turn.
      if (tokens <= (folded.length > 0 ? limit * 0.8 : limit)) break;
      this.folded.add(turn.step);
      folded.push(turn.step);
      messages = this.messages(parts);
      tokens = await this.tokens(messages, parts.tools);
    }
    const crowded = tokens > limit && this.shown(parts).length > 2;
    for (let share = 0.7; tokens > limit && share > 0.02; share *= 0.6) {
      messages = this.messages(this.cut(parts, limit * share));
      tokens = await this.tokens(messages, parts.tools);
    }
    return { messages, tokens, folded, crowded };
  }

  async tokens(messages: readonly ChatMessage[], tools: readonly ToolSpec[] = []): Promise<number> {
    const texts = [
      ...messages.map((message) => message.content + (message.toolCalls ? JSON.stringify(message.toolCalls) : "")),
      ...tools.map(toolLine),
    ];
    const counts = await Promise.all(texts.map((text) => this.count(text)));
    return counts.reduce((sum, n) => sum + n + frame, 0);
  }

  /** What is left of the parts when each may have `room` tokens at most, the earliest given up first. */
  private cut(parts: ContextParts, room: number): ContextParts {
    const chars = Math.floor(room * 2);
    const short = (text: string, share: number) => cutText(text, Math.max(40, Math.floor(chars * share))).text;
    const turns = this.shown(parts);
    return {
      ...parts,
      instructions: short(parts.instructions, 0.2),
      memories: parts.memories.slice(0, Math.max(1, Math.floor(room / 200))).map((line) => short(line, 0.1)),
      history: parts.history.slice(-2).map((message) => ({ ...message, content: short(message.content, 0.1) })),
      attachments: parts.attachments.map(({ label, text }) => ({
        label,
        text: short(text, 0.3 / parts.attachments.length),
      })),
      goal: short(parts.goal, 0.3),
      turns: turns.slice(-3).map((turn) => ({
        ...turn,
        said: short(turn.said, 0.05),
        calls: turn.calls.map((call) => ({
          ...call,
          arguments: shortArguments(call.arguments, Math.floor(chars * 0.1)),
        })),
        results: turn.results.map(({ name, text }) => ({
          name,
          text: short(text, 0.3 / Math.max(1, turn.results.length)),
        })),
        after: turn.after.map((text) => short(text, 0.1)),
      })),
    };
  }

  private shown(parts: ContextParts): Turn[] {
    return parts.turns.filter((turn) => turn.step > this.summedUpTo);
  }

  private messages(parts: ContextParts): ChatMessage[] {
    const { mode, memories, instructions } = parts;
    const system = systemText({ mode, memories: memories.map(withoutMarks), extra: instructions });
    return [
      { role: "system", content: system },
      ...parts.history,
      { role: "user", content: this.goalText(parts) },
      ...this.shown(parts).flatMap((turn) => this.turn(turn)),
    ];
  }

  private goalText({ goal, attachments }: ContextParts): string {
    const beside = attachments.map(({ label, text }) => `${label}:\n${withoutMarks(text)}`);
    const done = this.summary ? [`Done so far: ${this.summary.text}`] : [];
    return [goal, ...beside, ...done].join("\n\n");
  }

  private turn(turn: Turn): ChatMessage[] {
    const { said, calls, results, after, step } = turn;
    const out: ChatMessage[] = [];
    if (said || calls.length > 0) {
      out.push({
        role: "assistant",
        content: said,
        ...(calls.length > 0 ? { toolCalls: this.foldedCalls(turn) } : {}),
      });
    }
    for (const { name, text } of results) {
      const shown =
        this.folded.has(step) && text.length > 120
          ? `${text.slice(0, 60)}… [folded: ${text.length} characters, step ${step} of the trace]`
          : text;
      out.push(toolResponse(name, shown));
    }
    out.push(...after.map((content): ChatMessage => ({ role: "user", content })));
    return out;
  }

  /** Long arguments of folded steps (whole files that were written) are folded with their output. */
  private foldedCalls({ step, calls }: Turn): ToolCall[] {
    if (!this.folded.has(step)) return calls;
    return calls.map((call) => ({ name: call.name, arguments: shortArguments(call.arguments, 200) }));
  }
}

function shortArguments(args: ToolCall["arguments"], limit: number): ToolCall["arguments"] {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      typeof value === "string" && value.length > limit ? cutText(value, Math.max(60, limit)).text : value,
    ]),
  );
}
