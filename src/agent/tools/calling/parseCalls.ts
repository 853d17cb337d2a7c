import type { ToolCall } from "../../../contract/chat";
import type { Json } from "../../../contract/json";
import { parseJson } from "../../prompts/spacedJson";
import type { CallForm } from "./forms";
import { isRecord } from "./normalise";

export interface ParsedReply {
  /** What was said beside the calls. */
  text: string;
  calls: ToolCall[];
  /** What is wrong with what should have been a call, as a sentence for the model. */
  problem?: string;
}

/** Calls in one reply at most; more are left out and said. */
export const callsPerReply = 8;

/** Characters within which a call's JSON must end to be read past a closing mark inside it. */
const longestCall = 200_000;

/** Takes the calls out of a reply. Linear in its length; nothing is thrown, whatever the text. */
export function parseCalls(form: CallForm, given: string): ParsedReply {
  // Bytes that are no character come as a row of marks; one stands for them.
  const reply = given.replace(/\ufffd{2,}/g, "\ufffd");
  if (form.open === "") return bare(form, reply);
  const said: string[] = [];
  const calls: ToolCall[] = [];
  let problem: string | undefined;
  let at = 0;
  // A flood of marks is not read so closely.
  let opened = 0;
  for (;;) {
    const open = reply.indexOf(form.open, at);
    said.push(reply.slice(at, open < 0 ? undefined : open));
    if (open < 0) break;
    const start = open + form.open.length;
    const close = form.close === "" ? -1 : reply.indexOf(form.close, opened++ < 64 ? jsonEnd(reply, start) : start);
    const body = reply.slice(start, close < 0 ? undefined : close);
    const read = readCalls(body, form);
    if (typeof read === "string")
      problem ??= close < 0 && form.close ? `The call was cut off before ${form.close}.` : read;
    else calls.push(...read);
    if (close < 0) break;
    at = close + form.close.length;
  }
  if (calls.length > callsPerReply) {
    problem ??= `Only the first ${callsPerReply} of ${calls.length} calls are made.`;
    calls.length = callsPerReply;
  }
  return { text: said.join("").trim(), calls, ...(problem === undefined ? {} : { problem }) };
}

/** Where the JSON that begins at `start` ends; `start` when it has no end. A closing mark within a text of it closes nothing. */
function jsonEnd(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  const limit = Math.min(text.length, start + longestCall);
  for (let i = start; i < limit; i++) {
    const char = text[i];
    if (quoted) {
      if (char === "\\") i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") {
      if (--depth <= 0) return i + 1;
    } else if (depth === 0 && char !== undefined && !/\s/.test(char)) return start;
  }
  return start;
}

/** A reply that is one call as a whole, or words. */
function bare(form: CallForm, reply: string): ParsedReply {
  const text = reply.trim();
  if (!text.startsWith("{")) return { text, calls: [] };
  const read = readCalls(text, form);
  // An answer in JSON is an answer: only what has a name and arguments was meant as a call.
  if (typeof read === "string")
    return /^\{\s*"name"/.test(text) ? { text: "", calls: [], problem: read } : { text, calls: [] };
  return { text: "", calls: read };
}

const shape = 'A call must look like this: {"name": "tool name", "arguments": {}}.';

function readCalls(body: string, form: CallForm): ToolCall[] | string {
  const value = parseJson(body.trim());
  if (value === undefined) return "The call is not valid JSON.";
  const items = form.list && Array.isArray(value) ? value : [value];
  const calls = items.map(readCall);
  return calls.every((call) => call !== undefined) ? calls : shape;
}

/** A call from its JSON: arguments under either key, also when they were written as a text of JSON. */
export function readCall(value: Json): ToolCall | undefined {
  if (!isRecord(value)) return undefined;
  const { name } = value;
  const given = value["arguments"] ?? value["parameters"] ?? {};
  const object = typeof given === "string" ? parseJson(given) : given;
  if (typeof name !== "string" || name === "" || !isRecord(object)) return undefined;
  return { name, arguments: object as ToolCall["arguments"] };
}
