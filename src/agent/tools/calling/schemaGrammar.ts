import { fail } from "../../../contract/errors";
import type { Json, JsonSchema } from "../../../contract/json";
import { literal } from "../../prompts/gbnf";
import { spacedJson } from "../../prompts/spacedJson";
import { faults } from "./validate";
import { integerRange, numberRange } from "./numberRange";

export interface GrammarOptions {
  /** Characters of a string that has no length of its own; unlimited when absent. Bounds what a wild model can write. */
  maxString?: number;
  /** Items of an array that has no length of its own. */
  maxItems?: number;
}

/** Longest repetition llama.cpp's grammar parser expands. */
const repetitionLimit = 1_000;
const textLimit = 512 * 1024;

const shared: Record<string, string> = {
  // Named ranges, not "all but": a wild model writes bytes that decode to no character at all.
  char: String.raw`[\x20-\x21\x23-\x5B\x5D-\x7E\u0080-\uD7FF\uE000-\U0010FFFF] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})`,
  integer: String.raw`"-"? ("0" | [1-9] [0-9]{0,14})`,
  number: String.raw`"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,12})? ([eE] [-+]? [0-9]{1,2})?`,
  boolean: `"true" | "false"`,
  null: `"null"`,
};

/**
 * JSON Schema (normalised, see `normaliseSchema`) to GBNF (llama.cpp's `grammars/README.md`). The language is a subset
 * of the schema's: JSON on one line in the form of `spacedJson`, properties in the schema's order, and every text it
 * lets through fits the schema, `multipleOf` apart. Objects that name their properties take no others.
 */
export class SchemaGrammar {
  private readonly rules = new Map<string, string>();
  private readonly known = new Map<string, string>();
  constructor(private readonly options: GrammarOptions = {}) {}

  /** Adds a rule; gives its name. Equal bodies share one rule. */
  rule(hint: string, body: string): string {
    const same = this.known.get(body);
    if (same) return same;
    const base =
      hint
        .replace(/[^a-zA-Z0-9]+/g, "-")
        .replace(/^-+|-+$/g, "")
        .slice(0, 40) || "r";
    let name = base;
    for (let n = 2; this.rules.has(name) || Object.hasOwn(shared, name) || name === "root"; n++) name = `${base}-${n}`;
    this.rules.set(name, body);
    this.known.set(body, name);
    return name;
  }

  /** Reserves a name whose body is given later with `define`, for rules that name each other. */
  reserve(name: string): string {
    this.rules.set(name, "");
    return name;
  }

  define(name: string, body: string): void {
    this.rules.set(name, body);
  }

  /** The whole grammar with the start expression `root`. */
  text(root: string): string {
    const used = new Set<string>();
    const visit = (body: string): void => {
      const bare = body.replace(/"(\\.|[^"\\])*"/g, " ").replace(/\[(\\.|[^\]\\])*\]/g, " ");
      for (const name of bare.match(/[a-z][a-zA-Z0-9-]*/g) ?? []) {
        if (this.rules.has(name) || used.has(name) || !Object.hasOwn(shared, name)) continue;
        used.add(name);
        visit(shared[name] ?? "");
      }
    };
    visit(root);
    for (const body of this.rules.values()) visit(body);
    const lines = [["root", root], ...this.rules, ...[...used].map((name) => [name, shared[name]])];
    const text = lines.map(([name, body]) => `${name} ::= ${body}\n`).join("");
    if (text.length > textLimit)
      fail("badArgument", "The tools' schemas make too large a grammar.", { remedy: "Offer fewer tools." });
    return text;
  }

  /** The expression that matches JSON text of this schema. */
  value(schema: JsonSchema, hint = "value", depth = 0): string {
    if (depth > 32) fail("badArgument", "The schema is nested too deep for a grammar.");
    if (schema.const !== undefined) return this.choices([schema.const], schema, hint);
    if (schema.enum) return this.choices(schema.enum, schema, hint);
    if (schema.anyOf)
      return this.rule(hint, schema.anyOf.map((way, i) => this.value(way, `${hint}-${i}`, depth + 1)).join(" | "));
    const types = schema.type === undefined ? [] : [schema.type].flat();
    if (types.length > 1) {
      const ways = types.map((type) => this.value({ ...schema, type: type as "string" }, `${hint}-${type}`, depth + 1));
      return this.rule(hint, ways.join(" | "));
    }
    switch (types[0] ?? (schema.properties ? "object" : schema.items ? "array" : undefined)) {
      case "object":
        return this.object(schema, hint, depth);
      case "array":
        return this.array(schema, hint, depth);
      case "string":
        return this.string(schema, hint);
      case "integer":
        return this.bounded(integerRange, schema, hint, "integer");
      case "number":
        return this.bounded(numberRange, schema, hint, "number");
      case "boolean":
        return "boolean";
      case "null":
        return "null";
      default:
        return this.anything(depth);
    }
  }

  /** Listed values that also fit the rest of the schema; the listed ones alone when none does. */
  private choices(values: Json[], schema: JsonSchema, hint: string): string {
    const { enum: _, const: __, ...rest } = schema;
    const fitting = values.filter((value) => faults(value, rest).length === 0);
    return this.rule(
      hint,
      (fitting.length > 0 ? fitting : values).map((value) => literal(spacedJson(value))).join(" | "),
    );
  }

  private bounded(range: typeof integerRange, schema: JsonSchema, hint: string, plain: string): string {
    if (schema.minimum === undefined && schema.maximum === undefined) return plain;
    const body = range(schema.minimum, schema.maximum);
    if (body === undefined) fail("badArgument", `The schema is refused: no ${plain} lies between its bounds.`);
    return this.rule(hint, body);
  }

  private string(schema: JsonSchema, hint: string): string {
    const least = schema.minLength ?? 0;
    const most = schema.maxLength ?? this.options.maxString;
    if (least > repetitionLimit) fail("badArgument", `The schema is refused: a text of at least ${least} characters.`);
    if (most === undefined || most > repetitionLimit) {
      return this.rule("text", least === 0 ? String.raw`"\"" char* "\""` : String.raw`"\"" char{${least},} "\""`);
    }
    return this.rule(
      least === 0 ? `text-${most}` : hint,
      String.raw`"\"" char{${least},${Math.max(least, most)}} "\""`,
    );
  }

  /** Properties in order; each one not required may be left out. Two rules a property, so the size stays linear. */
  private object(schema: JsonSchema, hint: string, depth: number): string {
    const required = new Set(schema.required ?? []);
    const named = Object.entries(schema.properties ?? {});
    // What is required but not described may be anything.
    for (const name of required)
      if (!schema.properties || !Object.hasOwn(schema.properties, name)) named.push([name, {}]);
    if (named.length === 0) return this.record(schema, hint, depth);
    let first = `"}"`;
    let later = `"}"`;
    for (const [name, part] of named.reverse()) {
      const pair = `${literal(`${JSON.stringify(name)}: `)} ${this.value(part, `${hint}-${name}`, depth + 1)}`;
      const must = required.has(name);
      const [nextFirst, nextLater] = [first, later];
      first = this.rule(`${hint}-${name}-a`, must ? `${pair} ${nextLater}` : `${pair} ${nextLater} | ${nextFirst}`);
      later = this.rule(
        `${hint}-${name}-b`,
        must ? `", " ${pair} ${nextLater}` : `", " ${pair} ${nextLater} | ${nextLater}`,
      );
    }
    return this.rule(hint, `"{" ${first}`);
  }

  /** An object whose names are open. */
  private record(schema: JsonSchema, hint: string, depth: number): string {
    const extra = schema.additionalProperties;
    if (extra === false) return literal("{}");
    const value =
      extra === undefined || extra === true ? this.anything(depth + 1) : this.value(extra, `${hint}-value`, depth + 1);
    const key = this.rule("key", String.raw`"\"" [a-zA-Z0-9] [a-zA-Z0-9_.-]{0,39} "\": "`);
    const most = Math.min(this.options.maxItems ?? 64, repetitionLimit);
    return this.rule(hint, `"{" (${key} ${value} (", " ${key} ${value}){0,${most - 1}})? "}"`);
  }

  private array(schema: JsonSchema, hint: string, depth: number): string {
    const least = schema.minItems ?? 0;
    const most = Math.max(least, Math.min(schema.maxItems ?? this.options.maxItems ?? 256, repetitionLimit));
    if (least > repetitionLimit) fail("badArgument", `The schema is refused: a list of at least ${least} items.`);
    if (most === 0) return literal("[]");
    const item = this.value(schema.items ?? {}, `${hint}-item`, depth + 1);
    const more = most === 1 ? "" : ` (", " ${item}){${Math.max(0, least - 1)},${most - 1}}`;
    return this.rule(hint, least > 0 ? `"[" ${item}${more} "]"` : `"[" (${item}${more})? "]"`);
  }

  /** Any JSON, two levels of nesting at most. */
  private anything(depth: number): string {
    const scalar = this.rule("scalar", `${this.string({}, "text")} | number | boolean | null`);
    if (depth > 6) return scalar;
    const key = this.rule("key", String.raw`"\"" [a-zA-Z0-9] [a-zA-Z0-9_.-]{0,39} "\": "`);
    const wrap = (inner: string, level: number) =>
      this.rule(
        `any-${level}`,
        `${scalar} | "[" (${inner} (", " ${inner}){0,63})? "]" | "{" (${key} ${inner} (", " ${key} ${inner}){0,31})? "}"`,
      );
    return wrap(wrap(scalar, 1), 2);
  }
}

/** GBNF of JSON text that fits a normalised schema. */
export function grammarOf(schema: JsonSchema, options: GrammarOptions = {}): string {
  const grammar = new SchemaGrammar(options);
  return grammar.text(grammar.value(schema));
}
