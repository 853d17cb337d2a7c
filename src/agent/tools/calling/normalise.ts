import { fail } from "../../../contract/errors";
import type { Json, JsonSchema } from "../../../contract/json";

/** How large a tool's argument schema may be. A larger one is refused when the tool is registered. */
export const schemaLimits = { depth: 16, nodes: 2_000, choices: 512, bytes: 64 * 1024 } as const;

/** Names that would reach an object's prototype; no argument may be called so. */
export const forbiddenNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * A strangers' schema as a plain tree: local `$ref`s replaced by what they name, `allOf` merged, `nullable` and boolean
 * schemas written out, unknown keywords left out. Fails with `badArgument` on remote or cyclic references and on
 * anything larger than `schemaLimits`. Regular expressions (`pattern`) are never run here: a hostile one can take for
 * ever, so they stay a matter of the tool itself.
 */
export function normaliseSchema(schema: unknown): JsonSchema {
  const size = JSON.stringify(schema)?.length ?? 0;
  if (size > schemaLimits.bytes) refuse(`it is ${size} bytes long, at most ${schemaLimits.bytes} are taken`);
  return new Normaliser(schema).visit(schema, 0, []);
}

/** The schema of a tool's arguments: an object, whatever the tool called it. */
export function argumentSchema(schema: unknown): JsonSchema {
  const normal = normaliseSchema(schema ?? { type: "object" });
  if (normal.type !== undefined && normal.type !== "object") refuse("arguments must be an object");
  return { ...normal, type: "object" };
}

function refuse(why: string): never {
  fail("badArgument", `The tool's argument schema is refused: ${why}.`, { remedy: "Give the tool a simpler schema." });
}

class Normaliser {
  private nodes = 0;
  constructor(private readonly root: unknown) {}

  visit(schema: unknown, depth: number, open: readonly string[]): JsonSchema {
    if (++this.nodes > schemaLimits.nodes) refuse(`it has more than ${schemaLimits.nodes} parts`);
    if (depth > schemaLimits.depth) refuse(`it is nested more than ${schemaLimits.depth} deep`);
    if (schema === true || schema === undefined) return {};
    if (schema === false || !isRecord(schema)) refuse("a part of it is no schema");
    if (schema["$ref"] !== undefined) return this.reference(schema, depth, open);
    return this.merged(this.own(schema, depth, open), schema, depth, open);
  }

  private reference(schema: Record<string, unknown>, depth: number, open: readonly string[]): JsonSchema {
    const ref = schema["$ref"];
    if (typeof ref !== "string") refuse("$ref is no text");
    if (!ref.startsWith("#")) refuse(`$ref ${JSON.stringify(ref.slice(0, 80))} points outside of it`);
    if (open.includes(ref)) refuse(`$ref ${JSON.stringify(ref.slice(0, 80))} contains itself`);
    const { $ref: _, ...beside } = schema;
    const target = this.visit(this.lookUp(ref), depth + 1, [...open, ref]);
    return this.merged(combine(target, this.own(beside, depth, open)), beside, depth, open);
  }

  private lookUp(ref: string): unknown {
    let place: unknown = this.root;
    for (const part of ref.slice(1).split("/").slice(1)) {
      const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
      if (!isRecord(place) && !Array.isArray(place)) refuse(`$ref ${JSON.stringify(ref)} names nothing`);
      if (!Object.hasOwn(place, key)) refuse(`$ref ${JSON.stringify(ref)} names nothing`);
      place = (place as Record<string, unknown>)[key];
    }
    return place;
  }

  /** The keywords of one level, without references and combinations. */
  private own(schema: Record<string, unknown>, depth: number, open: readonly string[]): JsonSchema {
    const out: JsonSchema = {};
    const type = types(schema["type"]);
    if (type) out.type = type as JsonSchema["type"];
    if (schema["nullable"] === true && out.type) out.type = [...[out.type].flat(), "null"];
    if (typeof schema["description"] === "string") out.description = schema["description"];
    if (Array.isArray(schema["enum"])) out.enum = schema["enum"] as Json[];
    if ((out.enum?.length ?? 0) > schemaLimits.choices) refuse(`an enum has more than ${schemaLimits.choices} values`);
    if (out.enum?.length === 0) refuse("an enum is empty");
    if (schema["const"] !== undefined) out.const = schema["const"] as Json;
    for (const key of ["minItems", "maxItems", "minLength", "maxLength"] as const) {
      const value = schema[key];
      if (typeof value === "number" && Number.isInteger(value) && value >= 0) out[key] = value;
    }
    for (const key of ["minimum", "maximum", "multipleOf"] as const) {
      const value = schema[key];
      if (typeof value === "number" && Number.isFinite(value)) out[key] = value;
    }
    exclusive(schema, out);
    if (schema["default"] !== undefined) out.default = schema["default"] as Json;
    if (isRecord(schema["properties"])) out.properties = this.properties(schema["properties"], depth, open);
    if (Array.isArray(schema["required"])) {
      out.required = schema["required"].filter((name): name is string => typeof name === "string");
    }
    const extra = schema["additionalProperties"];
    if (extra !== undefined)
      out.additionalProperties = typeof extra === "boolean" ? extra : this.visit(extra, depth + 1, open);
    const items = schema["items"] ?? schema["prefixItems"];
    if (items !== undefined) {
      // A tuple is taken as a list of any of its kinds: calls are checked again by the tool.
      out.items = Array.isArray(items)
        ? { anyOf: items.map((item) => this.visit(item, depth + 1, open)) }
        : this.visit(items, depth + 1, open);
    }
    return out;
  }

  private properties(
    from: Record<string, unknown>,
    depth: number,
    open: readonly string[],
  ): Record<string, JsonSchema> {
    const out: Record<string, JsonSchema> = {};
    for (const [name, value] of Object.entries(from)) {
      if (forbiddenNames.has(name)) refuse(`an argument is called ${name}`);
      out[name] = this.visit(value, depth + 1, open);
    }
    return out;
  }

  private merged(own: JsonSchema, schema: Record<string, unknown>, depth: number, open: readonly string[]): JsonSchema {
    let out = own;
    for (const part of list(schema["allOf"])) out = combine(out, this.visit(part, depth + 1, open));
    const choices = [...list(schema["anyOf"]), ...list(schema["oneOf"])];
    if (choices.length === 0) return out;
    if (choices.length > schemaLimits.choices) refuse(`a choice has more than ${schemaLimits.choices} ways`);
    // `oneOf` is taken as `anyOf`: a value that fits two of the ways is no fault of the one who calls.
    const ways = choices.map((choice) => combine(out, this.visit(choice, depth + 1, open)));
    const { description } = out;
    return ways.length === 1 && ways[0]
      ? ways[0]
      : { ...(description === undefined ? {} : { description }), anyOf: ways };
  }
}

/** `exclusiveMinimum` and its like as the nearest bound that a grammar can hold: exact for integers. */
function exclusive(schema: Record<string, unknown>, out: JsonSchema): void {
  const step = out.type === "integer" ? 1 : 1e-9;
  const low = schema["exclusiveMinimum"];
  const high = schema["exclusiveMaximum"];
  if (typeof low === "number")
    out.minimum = Math.max(out.minimum ?? -Infinity, step === 1 ? Math.floor(low) + 1 : low + step);
  if (typeof high === "number")
    out.maximum = Math.min(out.maximum ?? Infinity, step === 1 ? Math.ceil(high) - 1 : high - step);
}

/** Both schemas at once: properties and requirements of both, the narrower of each bound. */
function combine(a: JsonSchema, b: JsonSchema): JsonSchema {
  const out: JsonSchema = { ...a, ...b };
  if (a.type && b.type) {
    const shared = [a.type].flat().filter((type) => [b.type].flat().includes(type));
    if (shared.length === 0) refuse("two of its parts exclude each other");
    out.type = (shared.length === 1 ? shared[0] : shared) as JsonSchema["type"];
  }
  if (a.properties || b.properties) out.properties = { ...a.properties, ...b.properties };
  if (a.required || b.required) out.required = [...new Set([...(a.required ?? []), ...(b.required ?? [])])];
  const narrow = (key: "minimum" | "minLength" | "minItems" | "maximum" | "maxLength" | "maxItems") => {
    const [x, y] = [a[key], b[key]];
    if (x !== undefined && y !== undefined) out[key] = key.startsWith("min") ? Math.max(x, y) : Math.min(x, y);
  };
  (["minimum", "minLength", "minItems", "maximum", "maxLength", "maxItems"] as const).forEach(narrow);
  if (a.anyOf && b.anyOf) out.anyOf = b.anyOf.flatMap((y) => (a.anyOf ?? []).map((x) => combine(x, y)));
  return out;
}

const known = new Set(["object", "array", "string", "number", "integer", "boolean", "null"]);

/** The type keyword with loose words forgiven ("String", "int", "dict"), as tool authors write them. */
function types(value: unknown): string | string[] | undefined {
  const loose: Record<string, string> = {
    int: "integer",
    float: "number",
    double: "number",
    dict: "object",
    list: "array",
    bool: "boolean",
    str: "string",
    tuple: "array",
  };
  const one = (word: unknown): string[] => {
    if (typeof word !== "string") return [];
    const low = word.toLowerCase();
    const name = loose[low] ?? low;
    return known.has(name) ? [name] : [];
  };
  const found = (Array.isArray(value) ? value : [value]).flatMap(one);
  return found.length > 1 ? [...new Set(found)] : found[0];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
