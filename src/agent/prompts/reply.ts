import type { ErrorData } from "../../contract/errors";
import type { Json } from "../../contract/json";
import { parseJson } from "./spacedJson";

/** What a reply parser gives: the value, or why the text is not one (`badReply`). Nothing is thrown. */
export type Reply<T> = { ok: true; value: T } | { ok: false; error: ErrorData };

export function good<T>(value: T): Reply<T> {
  return { ok: true, value };
}

/** A reply that does not have the form asked for; the sentence is written so that a model can act on it. */
export function bad<T>(message: string, text: string): Reply<T> {
  return { ok: false, error: { code: "badReply", message, details: { reply: text.slice(0, 400) } } };
}

/** The reply without its thinking: what follows `</think>`, trimmed. */
export function withoutThought(text: string): string {
  const end = text.lastIndexOf("</think>");
  return (end < 0 ? text : text.slice(end + "</think>".length)).trim();
}

/** The JSON value of a reply, also when it is wrapped in a code fence. */
export function jsonOf(text: string): Json | undefined {
  const body = withoutThought(text);
  const fence = /^```[a-z]*\s*\n([\s\S]*?)\n```$/.exec(body);
  return parseJson(fence?.[1] ?? body);
}

/** Reads a reply that is a JSON list; each element goes through `read`, which gives `undefined` for a wrong one. */
export function listReply<T>(text: string, read: (item: Json) => T | undefined, form: string): Reply<T[]> {
  const value = jsonOf(text);
  if (!Array.isArray(value)) return bad(`The reply must be a JSON list: ${form}.`, text);
  const items: T[] = [];
  for (const element of value) {
    const item = read(element);
    if (item === undefined) return bad(`Each element of the list must look like this: ${form}.`, text);
    items.push(item);
  }
  return good(items);
}

/** The object's field as a string that is not empty. */
export function textField(item: Json, field: string): string | undefined {
  if (item === null || typeof item !== "object" || Array.isArray(item)) return undefined;
  const value = item[field];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
