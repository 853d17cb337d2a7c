import { readFile } from "node:fs/promises";
import { fail } from "../contract/errors";
import type { ChatMessage, ToolSpec } from "../contract/chat";
import type { Behaviour } from "../contract/instruments";
import type { Input } from "../contract/verbs";
import { UsageError, type CommandContext, type OptionSpecs } from "./command";

/** The two ways of giving a model something to read. */
export const inputOptions: OptionSpecs = {
  prompt: { type: "string", help: "raw text, no template", value: "TEXT" },
  chat: { type: "string", help: "a JSON file of [{role, content}], through the model's template", value: "FILE" },
};

const roles = ["system", "user", "assistant", "tool"];

export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "EISDIR" ? "is a folder" : "cannot be read";
    fail("fileMissing", `'${file}' ${reason}`, { remedy: "give the path of a file that is there", cause: error });
  }
}

export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    fail("damagedFile", `${what} is not JSON`, { remedy: (error as Error).message, cause: error });
  }
}

export async function readJson(file: string): Promise<unknown> {
  return parseJson(await readText(file), `'${file}'`);
}

/** JSON Lines; blank lines are passed over, a bad one is named by its number. */
export async function readJsonLines(file: string): Promise<unknown[]> {
  const text = await readText(file);
  return text
    .split("\n")
    .flatMap((line, index) => (line.trim() ? [parseJson(line, `line ${index + 1} of '${file}'`)] : []));
}

export async function readInput(context: CommandContext): Promise<Input> {
  const prompt = context.options.text("prompt");
  const chat = context.options.text("chat");
  if ((prompt === undefined) === (chat === undefined)) throw new UsageError("give either --prompt or --chat");
  if (prompt !== undefined) return { kind: "prompt", text: prompt };
  return chatInput(await readJson(chat as string), `'${chat}'`);
}

/** A conversation: an array of messages, or `{messages, tools, prefill}`. */
export function chatInput(value: unknown, what: string): Input {
  const holder = isRecord(value) ? value : { messages: value };
  const messages = holder["messages"];
  if (!Array.isArray(messages) || !messages.every(isMessage)) {
    fail("damagedFile", `${what} does not hold [{role, content}]`, { remedy: `roles are ${roles.join(", ")}` });
  }
  const tools = holder["tools"];
  if (tools !== undefined && !Array.isArray(tools)) fail("damagedFile", `'tools' of ${what} is not a list`);
  const prefill = holder["prefill"];
  return {
    kind: "chat",
    messages,
    ...(tools ? { tools: tools as ToolSpec[] } : {}),
    ...(typeof prefill === "string" ? { prefill } : {}),
  };
}

/** A file of prompts: a prompt a line, or JSON Lines each with `chat` (or `prompt`). */
export async function readPrompts(file: string): Promise<Input[]> {
  const lines = (await readText(file)).split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) fail("badArgument", `'${file}' holds no prompt`, { remedy: "write one a line" });
  return lines.map((line, index): Input => {
    const text = line.replace(/\r$/, "");
    if (!text.startsWith("{")) return { kind: "prompt", text };
    const value = parseJson(text, `line ${index + 1} of '${file}'`);
    if (isRecord(value) && value["chat"] !== undefined)
      return chatInput(value["chat"], `line ${index + 1} of '${file}'`);
    if (isRecord(value) && typeof value["prompt"] === "string") return { kind: "prompt", text: value["prompt"] };
    return fail("damagedFile", `line ${index + 1} of '${file}' has neither 'chat' nor 'prompt'`);
  });
}

export async function readBehaviour(file: string): Promise<Behaviour> {
  const value = await readJson(file);
  if (!isRecord(value)) fail("damagedFile", `'${file}' is not a behaviour`, { remedy: behaviourHelp });
  const behaviour: Behaviour = {};
  for (const key of ["startsWith", "contains", "firstToken"] as const) {
    const list = value[key];
    if (list === undefined) continue;
    if (!Array.isArray(list) || !list.every((item) => typeof item === "string")) {
      fail("damagedFile", `'${key}' of '${file}' is not a list of texts`, { remedy: behaviourHelp });
    }
    behaviour[key] = list;
  }
  if (Object.keys(behaviour).length === 0)
    fail("damagedFile", `'${file}' names no behaviour`, { remedy: behaviourHelp });
  return behaviour;
}

const behaviourHelp = 'write {"startsWith":[...]}, {"contains":[...]} or {"firstToken":[...]}';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMessage(value: unknown): value is ChatMessage {
  return isRecord(value) && typeof value["content"] === "string" && roles.includes(String(value["role"]));
}
