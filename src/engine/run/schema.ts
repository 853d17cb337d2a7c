import { fail } from "../../contract/errors";
import type { Json, JsonSchema } from "../../contract/json";

/**
 * A GBNF grammar for the JSON values a schema allows. Properties come in the schema's order; those that are not required may
 * be left out. Numbers' bounds cannot be put into a grammar and are left to whoever reads the reply.
 */
export function schemaGrammar(schema: JsonSchema): string {
  const grammar = new GrammarWriter(schema);
  const root = grammar.value(schema, "value", 0);
  return [`root ::= ${root}`, ...grammar.lines()].join("\n") + "\n";
}

/** One space at most where JSON allows any: a small model must not fill its context with blanks. */
const shared: Record<string, string> = {
  sp: '" "?',
  string: '"\\"" char* "\\""',
  char: '[^"\\\\\\x00-\\x1F\\x7F] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F])',
  integer: '"-"? ([0-9] | [1-9] [0-9]{1,15})',
  number: 'integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?',
  boolean: '"true" | "false"',
  null: '"null"',
  array: '"[" sp (any ("," sp any)*)? sp "]"',
  object: '"{" sp (string ":" sp any ("," sp string ":" sp any)*)? sp "}"',
  any: "object | array | string | number | boolean | null",
};
const uses: Record<string, string[]> = {
  string: ["char"],
  number: ["integer"],
  array: ["sp", "any"],
  object: ["sp", "string", "any"],
  any: ["object", "array", "string", "number", "boolean", "null"],
};
const deepest = 32;
const longest = 2000;

class GrammarWriter {
  private readonly rules = new Map<string, string>();
  private readonly referred = new Map<string, string>();

  constructor(private readonly root: JsonSchema) {}

  lines(): string[] {
    return [...this.rules].map(([name, body]) => `${name} ::= ${body}`);
  }

  /** The expression that stands for a schema's values. */
  value(schema: JsonSchema, path: string, depth: number): string {
    if (depth > deepest) fail("badArgument", `The schema is nested more than ${deepest} deep at ${path}.`);
    if (typeof schema !== "object" || schema === null) return this.share("any");
    const reference = schema["$ref"];
    if (typeof reference === "string") return this.refer(reference, depth);
    if (schema.const !== undefined) return literal(JSON.stringify(schema.const));
    if (schema.enum) return this.choices(schema.enum, path);
    const options = schema.oneOf ?? schema.anyOf;
    if (options)
      return this.either(
        options.map((option, index) => this.value(option, `${path}-${index}`, depth + 1)),
        path,
      );
    if (Array.isArray(schema.type)) {
      const each = schema.type.map((type) => ({ ...schema, type }) as JsonSchema);
      return this.either(
        each.map((one, index) => this.value(one, `${path}-${index}`, depth + 1)),
        path,
      );
    }
    return this.typed(schema, path, depth);
  }

  private typed(schema: JsonSchema, path: string, depth: number): string {
    switch (schema.type ?? (schema.properties ? "object" : schema.items ? "array" : undefined)) {
      case "object":
        return this.object(schema, path, depth);
      case "array":
        return this.array(schema, path, depth);
      case "string":
        return this.string(schema, path);
      case "integer":
      case "number":
      case "boolean":
      case "null":
        return this.share(schema.type as string);
      case undefined:
        return this.share("any");
      default:
        fail("badArgument", `The schema's type '${String(schema.type)}' at ${path} is none of JSON's.`);
    }
  }

  private object(
    { properties = {}, required = [], additionalProperties }: JsonSchema,
    path: string,
    depth: number,
  ): string {
    const names = Object.keys(properties);
    if (names.length === 0) return additionalProperties === false ? literal("{}") : this.share("object");
    const needed = new Set(required);
    const member = (name: string): string =>
      `${literal(JSON.stringify(name))} ":" ${this.share("sp")} ${this.value(properties[name]!, `${path}-${name}`, depth + 1)}`;
    const members = names.map((name) => ({
      rule: this.rule(`${path}-${name}-pair`, member(name)),
      needed: needed.has(name),
    }));
    return this.rule(
      `${path}-object`,
      `"{" ${this.share("sp")} ${this.members(members, path)} ${this.share("sp")} "}"`,
    );
  }

  /** Members in order with commas between those that are there. */
  private members(members: { rule: string; needed: boolean }[], path: string): string {
    const after = (index: number): string => {
      if (index === members.length) return "";
      const { rule, needed } = members[index]!;
      const one = `"," ${this.share("sp")} ${rule}`;
      const rest = after(index + 1);
      return this.sequence([needed ? one : `(${one})?`, rest], `${path}-after${index}`);
    };
    const from = (index: number): string => {
      if (index === members.length) return "";
      const { rule, needed } = members[index]!;
      const begun = this.sequence([rule, after(index + 1)], `${path}-from${index}`);
      if (needed) return begun;
      const later = from(index + 1);
      const everyLaterOptional = members.slice(index + 1).every((each) => !each.needed);
      return later === "" || everyLaterOptional
        ? `(${begun}${later === "" ? "" : ` | ${later}`})?`
        : `(${begun} | ${later})`;
    };
    return from(0);
  }

  private sequence(parts: string[], name: string): string {
    const there = parts.filter((part) => part !== "");
    return there.length > 1 ? this.rule(name, there.join(" ")) : (there[0] ?? "");
  }

  private array({ items, minItems = 0, maxItems }: JsonSchema, path: string, depth: number): string {
    checkRange(minItems, maxItems, path);
    if (maxItems === 0) return literal("[]");
    const item = items === undefined ? this.share("any") : this.value(items, `${path}-item`, depth + 1);
    const more = `("," ${this.share("sp")} ${item}){${Math.max(0, minItems - 1)},${maxItems === undefined ? "" : maxItems - 1}}`;
    const list = minItems > 0 ? `${item} ${more}` : `(${item} ${more})?`;
    return this.rule(`${path}-array`, `"[" ${this.share("sp")} ${list} ${this.share("sp")} "]"`);
  }

  private string({ minLength = 0, maxLength, format }: JsonSchema, path: string): string {
    const date = '[0-9]{4} "-" [0-1] [0-9] "-" [0-3] [0-9]';
    const time = '[0-2] [0-9] ":" [0-5] [0-9] ":" [0-5] [0-9] ("Z" | [-+] [0-2] [0-9] ":" [0-5] [0-9])';
    if (format === "date") return this.rule("date", `"\\"" ${date} "\\""`);
    if (format === "time") return this.rule("time", `"\\"" ${time} "\\""`);
    if (format === "date-time") return this.rule("date-time", `"\\"" ${date} "T" ${time} "\\""`);
    if (minLength === 0 && maxLength === undefined) return this.share("string");
    checkRange(minLength, maxLength, path);
    const char = this.share("char");
    return this.rule(`${path}-string`, `"\\"" ${char}{${minLength},${maxLength ?? ""}} "\\""`);
  }

  private choices(values: readonly Json[], path: string): string {
    if (values.length === 0) fail("badArgument", `The list of choices at ${path} is empty.`);
    return this.either(
      values.map((value) => literal(JSON.stringify(value))),
      path,
    );
  }

  private either(options: string[], path: string): string {
    if (options.length === 0) fail("badArgument", `The list of choices at ${path} is empty.`);
    return options.length === 1 ? options[0]! : this.rule(`${path}-choice`, options.join(" | "));
  }

  /** A schema elsewhere in the same document, which may come back to itself. */
  private refer(reference: string, depth: number): string {
    const known = this.referred.get(reference);
    if (known !== undefined) return known;
    const name = safeName(`ref-${reference}`);
    this.referred.set(reference, name);
    this.rules.set(name, this.value(this.find(reference), name, depth + 1));
    return name;
  }

  private find(reference: string): JsonSchema {
    if (!reference.startsWith("#/")) fail("badArgument", `The schema refers to '${reference}', outside itself.`);
    let found: unknown = this.root;
    for (const step of reference.slice(2).split("/").map(unescapePointer)) {
      const here: unknown = found;
      found =
        typeof here === "object" && here !== null && Object.hasOwn(here, step)
          ? (here as Record<string, unknown>)[step]
          : undefined;
    }
    if (typeof found !== "object" || found === null) fail("badArgument", `The schema has nothing at '${reference}'.`);
    return found as JsonSchema;
  }

  private share(name: string): string {
    if (!this.rules.has(name)) {
      this.rules.set(name, shared[name]!);
      for (const each of uses[name] ?? []) this.share(each);
    }
    return name;
  }

  private rule(path: string, body: string): string {
    const stem = safeName(path);
    let name = stem;
    for (let count = 2; this.rules.has(name) && this.rules.get(name) !== body; count++) name = `${stem}-${count}`;
    this.rules.set(name, body);
    return name;
  }
}

function unescapePointer(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

function safeName(path: string): string {
  const name = path.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return Object.hasOwn(shared, name) || name === "root" || name === "" ? `x-${name}` : name;
}

function checkRange(least: number, most: number | undefined, path: string): void {
  const whole = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= longest;
  if (!whole(least) || (most !== undefined && (!whole(most) || most < least))) {
    fail("badArgument", `The lengths at ${path} must be whole numbers from 0 to ${longest}, the least first.`);
  }
}

/** A text as a GBNF literal. */
function literal(text: string): string {
  const escaped = text
    .replace(/[\\"]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
  return `"${escaped}"`;
}
