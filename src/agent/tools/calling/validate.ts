import type { Json, JsonSchema } from "../../../contract/json";
import { forbiddenNames, isRecord } from "./normalise";

/**
 * Checks a value against a normalised schema (`normaliseSchema`). Gives the first few faults as sentences that a model
 * can act on; none means that it fits. Own code and not a compiling validator: strangers' schemas are never turned into
 * code, no regular expression of theirs is run, and what passes is exactly what the grammar lets through.
 */
export function faults(value: Json | undefined, schema: JsonSchema, place = "the arguments"): string[] {
  const found: string[] = [];
  check(value, schema, place, found, 0);
  return found.slice(0, 5);
}

/** Fills in absent properties that have a default; the value is copied, never changed. */
export function withDefaults(value: { [key: string]: Json }, schema: JsonSchema): { [key: string]: Json } {
  const out: { [key: string]: Json } = { ...value };
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    if (!Object.hasOwn(out, name) && part.default !== undefined && schema.required?.includes(name))
      out[name] = part.default;
  }
  return out;
}

function check(value: Json | undefined, schema: JsonSchema, place: string, found: string[], depth: number): void {
  if (value === undefined) return void found.push(`${place} is missing`);
  if (depth > 64) return void found.push(`${place} is nested too deep`);
  if (schema.const !== undefined && !same(value, schema.const)) {
    return void found.push(`${place} must be ${JSON.stringify(schema.const)}`);
  }
  if (schema.enum && !schema.enum.some((one) => same(value, one))) {
    const shown = schema.enum.slice(0, 12).map((one) => JSON.stringify(one));
    const more = schema.enum.length > 12 ? `, or ${schema.enum.length - 12} more` : "";
    return void found.push(`${place} must be one of ${shown.join(", ")}${more}`);
  }
  if (schema.anyOf) {
    const ways = schema.anyOf.map((way) => faults(value, way, place));
    if (ways.every((way) => way.length > 0)) found.push(shortest(ways) ?? `${place} fits none of its ways`);
    return;
  }
  const wanted = schema.type === undefined ? undefined : [schema.type].flat();
  if (wanted && !wanted.some((type) => isOf(value, type))) {
    return void found.push(`${place} must be ${wanted.map(article).join(" or ")}, not ${article(kind(value))}`);
  }
  if (typeof value === "string")
    checkLength([...value].length, schema.minLength, schema.maxLength, place, "characters", found);
  if (typeof value === "number") checkNumber(value, schema, place, found);
  if (Array.isArray(value)) {
    checkLength(value.length, schema.minItems, schema.maxItems, place, "items", found);
    value.slice(0, 10_000).forEach((item, i) => check(item, schema.items ?? {}, `${place}[${i}]`, found, depth + 1));
  } else if (isRecord(value)) {
    checkObject(value as { [key: string]: Json }, schema, place, found, depth);
  }
}

function checkObject(
  value: { [key: string]: Json },
  schema: JsonSchema,
  place: string,
  found: string[],
  depth: number,
): void {
  const at = (name: string) => (place === "the arguments" ? name : `${place}.${name}`);
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) found.push(`${at(name)} is missing`);
  }
  const { properties = {} } = schema;
  // Tools that declare their arguments take those alone, unless they say otherwise: an invented one is a mistake.
  const open = schema.additionalProperties ?? Object.keys(properties).length === 0;
  for (const [name, item] of Object.entries(value)) {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (forbiddenNames.has(name)) found.push(`${JSON.stringify(name)} cannot be an argument's name`);
    else if (own) check(item, own, at(name), found, depth + 1);
    else if (open === false)
      found.push(`${JSON.stringify(name)} is no argument of it${didYouMean(name, Object.keys(properties))}`);
    else check(item, open === true ? {} : open, at(name), found, depth + 1);
  }
}

function didYouMean(name: string, names: string[]): string {
  return names.length === 0 || names.includes(name) ? "" : `; its arguments are ${names.slice(0, 12).join(", ")}`;
}

function checkNumber(value: number, schema: JsonSchema, place: string, found: string[]): void {
  if (!Number.isFinite(value)) found.push(`${place} must be a finite number`);
  if (schema.minimum !== undefined && value < schema.minimum) found.push(`${place} must be at least ${schema.minimum}`);
  if (schema.maximum !== undefined && value > schema.maximum) found.push(`${place} must be at most ${schema.maximum}`);
  const step = schema["multipleOf"];
  if (typeof step === "number" && step > 0 && Math.abs(value / step - Math.round(value / step)) > 1e-9) {
    found.push(`${place} must be a multiple of ${step}`);
  }
}

function checkLength(
  n: number,
  min: number | undefined,
  max: number | undefined,
  place: string,
  unit: string,
  found: string[],
): void {
  if (min !== undefined && n < min) found.push(`${place} must have at least ${min} ${unit}`);
  if (max !== undefined && n > max) found.push(`${place} must have at most ${max} ${unit}`);
}

function isOf(value: Json, type: string): boolean {
  const is = kind(value);
  return type === is || (type === "number" && is === "integer");
}

function kind(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function article(type: string): string {
  if (type === "null") return "null";
  return `${/^[aio]/.test(type) ? "an" : "a"} ${type}`;
}

function same(a: Json, b: Json): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function shortest(ways: string[][]): string | undefined {
  return [...ways].sort((a, b) => a.length - b.length)[0]?.[0];
}
