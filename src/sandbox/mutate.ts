import type { Json } from "../contract/json";

/** A value of the same kind that is another one: what an example must notice. */
export function mutated(value: Json): Json {
  if (value === null) return "mutated";
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1;
  if (typeof value === "string") return value === "" ? "mutated" : value.slice(0, -1);
  if (Array.isArray(value)) return value.length === 0 ? ["mutated"] : value.slice(0, -1);
  const [first, ...rest] = Object.entries(value);
  return first === undefined ? { mutated: true } : Object.fromEntries([[first[0], mutated(first[1])], ...rest]);
}
