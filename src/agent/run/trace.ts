import type { AgentEvent, JournalLine, Spent } from "../../contract/agent";
import type { ChatMessage, ToolSpec } from "../../contract/chat";
import type { Json } from "../../contract/json";
import type { TraceEntry, TraceHead, TraceRow, TraceRun } from "../../contract/traceView";
import { parseJson } from "../prompts/spacedJson";
import { cleanText } from "../tools/output";

type Line = { [key: string]: Json };

const longestBrief = 240;

/** A line of a run's file as an object; undefined where it is none. The file may hold anything. */
export function readLine(text: string): Line | undefined {
  const value = parseJson(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) && typeof value.type === "string"
    ? value
    : undefined;
}

/** The timeline's row of a line; undefined for one that only holds a message or a tool for others to name. */
export function rowOf(line: Line, number: number): TraceRow | undefined {
  const type = string(line.type);
  if (type === "message" || type === "tool") return undefined;
  const ms = duration(line, type);
  const usage = usageOf(line.usage);
  const state = stateOf(line, type);
  return {
    line: number,
    at: string(line.at),
    type: oneLine(type, 40),
    step: typeof line.step === "number" ? line.step : null,
    name: oneLine(string(line.name) || string(line.kind) || (type === "stopped" ? string(line.reason) : ""), 80),
    brief: oneLine(briefOf(line, type), longestBrief),
    ...(state === undefined ? {} : { state }),
    ...(ms === undefined ? {} : { ms }),
    ...(usage === undefined ? {} : { usage }),
  };
}

/** What a run says of itself, line after line. */
export function headAfter(before: TraceHead, line: Line): TraceHead {
  switch (line.type) {
    case "goal": {
      const { mode } = line;
      return {
        ...before,
        goal: string(line.goal),
        mode: mode === "chat" || mode === "agent" || mode === "plan" ? mode : "",
        brain: string(line.brain),
        local: line.local === true,
        fingerprint: string(line.fingerprint),
        state: "open",
      };
    }
    case "answer":
      return { ...before, state: "answered", spent: spentOf(line.spent) };
    case "stopped":
      return { ...before, state: "stopped", spent: spentOf(line.spent) };
    case "error":
      return { ...before, state: "failed", spent: spentOf(line.spent) };
    case "note":
      return line.kind === "resumed" ? { ...before, state: "open" } : before;
    default:
      return before;
  }
}

export function emptyHead(run: string): TraceHead {
  return { run, goal: "", mode: "", brain: "", local: false, fingerprint: "", state: "damaged", spent: null };
}

/** A run in the list, from the first and the last whole line of its file. */
export function summaryOf(run: string, updated: string, first: string, last: string): TraceRun {
  const [begin, end] = [readLine(first), readLine(last)];
  let head = emptyHead(run);
  if (begin) head = headAfter(head, begin);
  if (end && end !== begin && head.state !== "damaged") head = headAfter(head, end);
  return { run, updated, goal: oneLine(head.goal, 160), brain: head.brain, state: head.state };
}

/** A whole line; a reply's with the messages and tools it names, where the file holds them. */
export function entryOf(
  line: Line,
  number: number,
  known: { messages: ReadonlyMap<string, ChatMessage>; tools: ReadonlyMap<string, ToolSpec> },
): TraceEntry {
  if (line.type !== "think") return { line: number, event: line };
  const hashes = strings(line.messages);
  const messages = hashes.flatMap((hash) => known.messages.get(hash) ?? []);
  const specs = strings(line.specs);
  const tools = specs.flatMap((hash) => known.tools.get(hash) ?? []);
  const lacksMessages = messages.length < hashes.length || hashes.length === 0;
  const lacksTools = tools.length < specs.length || (specs.length === 0 && strings(line.tools).length > 0);
  const lacks = lacksMessages ? "messages" : lacksTools ? "tools" : undefined;
  return { line: number, event: line, messages, tools, ...(lacks === undefined ? {} : { lacks }) };
}

/** The message or the tool that a line holds for others to name by its hash. */
export function heldBy(line: Line): Extract<JournalLine, { type: "message" | "tool" }> | undefined {
  const { type, hash, message, spec } = line;
  if (typeof hash !== "string") return undefined;
  if (
    type === "message" &&
    isObject(message) &&
    typeof message.role === "string" &&
    typeof message.content === "string"
  )
    return line as unknown as Extract<JournalLine, { type: "message" }>;
  if (type === "tool" && isObject(spec) && typeof spec.name === "string" && isObject(spec.parameters ?? null))
    return line as unknown as Extract<JournalLine, { type: "tool" }>;
  return undefined;
}

function briefOf(line: Line, type: string): string {
  switch (type as AgentEvent["type"]) {
    case "goal":
      return string(line.goal);
    case "read":
      return listed(line.memories, ({ text }) => string(text));
    case "tools":
      return strings(line.names).join(", ");
    case "plan":
      return listed(line.steps, ({ step }) => string(step));
    case "simulate":
      return `${string(line.action)} → ${string(line.expect)}`;
    case "think":
      return string(line.thought) || string(line.text) || string(line.problem);
    case "call":
      return isObject(line.arguments) ? argumentsOf(line.arguments) : "";
    case "approval":
      return [isObject(line.request) ? string(line.request.summary) : "", string(line.reason)]
        .filter(Boolean)
        .join(" — ");
    case "surprise":
      return `${string(line.expected)} → ${string(line.observed)}`;
    case "error":
      return isObject(line.error) ? string(line.error.message) : "";
    default:
      // Also what is not known here: most events say what they are in a text.
      return string(line.text) || string(line.summary) || string(line.why) || restOf(line);
  }
}

/** What an event of an unknown kind holds, in short. */
function restOf(line: Line): string {
  const rest = Object.entries(line).filter(([key]) => !["at", "run", "type", "step"].includes(key));
  return rest.length === 0 ? "" : JSON.stringify(Object.fromEntries(rest)).slice(0, 2 * longestBrief);
}

function argumentsOf(args: Line): string {
  return Object.entries(args)
    .map(
      ([name, value]) => `${name}: ${typeof value === "string" ? value.slice(0, longestBrief) : JSON.stringify(value)}`,
    )
    .join(", ");
}

function stateOf(line: Line, type: string): TraceRow["state"] | undefined {
  if (type === "result") return line.ok === true ? "ok" : "failed";
  if (type === "approval") return line.verdict === undefined ? "asking" : line.verdict === "deny" ? "denied" : "ok";
  if (type === "think" && line.problem !== undefined) return "failed";
  if (type === "answer") return "ok";
  return type === "error" || type === "surprise" ? "failed" : undefined;
}

function duration(line: Line, type: string): number | undefined {
  if (type === "think") return isObject(line.usage) ? positive(line.usage.ms) : undefined;
  // The last line's spending is the whole run's, not its own.
  return typeof line.ms === "number" ? positive(line.ms) : undefined;
}

function usageOf(usage: Json | undefined): TraceRow["usage"] | undefined {
  if (!isObject(usage)) return undefined;
  return {
    prompt: positive(usage.promptTokens) ?? 0,
    reused: positive(usage.reusedTokens) ?? 0,
    tokens: positive(usage.tokens) ?? 0,
  };
}

function spentOf(spent: Json | undefined): Spent | null {
  if (!isObject(spent)) return null;
  const figure = (key: keyof Spent): number => positive(spent[key]) ?? 0;
  return { steps: figure("steps"), promptTokens: figure("promptTokens"), tokens: figure("tokens"), ms: figure("ms") };
}

function listed(value: Json | undefined, text: (item: Line) => string): string {
  return Array.isArray(value) ? value.map((item) => (isObject(item) ? text(item) : "")).join(" · ") : "";
}

function isObject(value: Json | undefined): value is Line {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function string(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}

function positive(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function oneLine(text: string, limit: number): string {
  const line = cleanText(text.slice(0, limit * 4))
    .replace(/\s+/g, " ")
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
