import { fail } from "../../contract/errors";
import type { JsonSchema } from "../../contract/json";
import { spacedJson } from "./spacedJson";

/**
 * Grammars in GBNF (llama.cpp's `grammars/README.md`). JSON is constrained to the one form of `spacedJson`, so that a
 * constrained model writes what an unconstrained one would: no optional white space where it could wander.
 */
const terminals: Record<string, string> = {
  string: String.raw`"\"" char* "\""`,
  char: String.raw`[^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})`,
  integer: String.raw`"-"? ("0" | [1-9] [0-9]{0,15})`,
  number: String.raw`integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?`,
  boolean: `"true" | "false"`,
  null: `"null"`,
  line: String.raw`[^\x00-\x1F\x7F]+`,
};

/** A literal text as GBNF. */
export function literal(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t")}"`;
}

/** Rules gathered while a schema is compiled; the common terminals are added as they are used. */
export class Grammar {
  private readonly rules = new Map<string, string>();

  /** Adds a rule under a name of its own and returns that name. */
  add(hint: string, body: string): string {
    const base = hint.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-|-$/g, "") || "rule";
    let name = base;
    for (let n = 2; this.rules.has(name) || name in terminals || name === "root"; n++) name = `${base}-${n}`;
    this.rules.set(name, body);
    return name;
  }

  /** The GBNF text whose start is `root`. */
  text(root: string): string {
    const lines = [`root ::= ${root}`, ...[...this.rules].map(([name, body]) => `${name} ::= ${body}`)];
    const used = new Set<string>();
    const visit = (body: string) => {
      for (const name of words(body)) {
        if (!(name in terminals) || used.has(name) || this.rules.has(name)) continue;
        used.add(name);
        visit(terminals[name] ?? "");
      }
    };
    lines.forEach((line) => visit(line.slice(line.indexOf("::=") + 3)));
    return [...lines, ...[...used].map((name) => `${name} ::= ${terminals[name]}`)].join("\n") + "\n";
  }

  /** The expression that matches JSON of this schema. Unknown keywords are not enforced. */
  schema(schema: JsonSchema, hint = "value", depth = 0): string {
    if (depth > 16) fail("badArgument", "The schema is nested more than 16 deep.", { remedy: "Flatten the schema." });
    if (schema.const !== undefined) return literal(spacedJson(schema.const));
    if (schema.enum) return this.add(hint, schema.enum.map((value) => literal(spacedJson(value))).join(" | "));
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices)
      return this.add(hint, choices.map((one, i) => this.schema(one, `${hint}-${i}`, depth + 1)).join(" | "));
    if (Array.isArray(schema.type)) {
      const types = schema.type.map((type) => ({ ...schema, type }) as JsonSchema);
      return this.add(hint, types.map((one, i) => this.schema(one, `${hint}-${i}`, depth + 1)).join(" | "));
    }
    switch (schema.type) {
      case "object":
        return this.object(schema, hint, depth);
      case "array":
        return this.array(schema, hint, depth);
      case "string":
        return this.string(schema, hint);
      case "integer":
      case "number":
      case "boolean":
      case "null":
        return schema.type;
      default:
        return schema.properties ? this.object(schema, hint, depth) : this.anything(depth);
    }
  }

  private string(schema: JsonSchema, hint: string): string {
    const { minLength = 0, maxLength } = schema;
    if (minLength === 0 && maxLength === undefined) return "string";
    // Bounds become nested rules in llama.cpp, so a far one costs more than it saves and is left to the caller's budget.
    const most = maxLength !== undefined && maxLength <= 64 ? String(maxLength) : "";
    const range =
      most === "" && minLength <= 1 ? (minLength === 1 ? "+" : "*") : `{${Math.min(minLength, 64)},${most}}`;
    return this.add(hint, String.raw`"\"" char${range} "\""`);
  }

  /** Properties in the schema's order; those not required may be left out. */
  private object(schema: JsonSchema, hint: string, depth: number): string {
    const required = new Set(schema.required ?? []);
    const pairs = Object.entries(schema.properties ?? {}).map(([key, value]) => ({
      required: required.has(key),
      body: `${literal(`${JSON.stringify(key)}: `)} ${this.schema(value, `${hint}-${key}`, depth + 1)}`,
    }));
    if (pairs.length === 0) return `"{}"`;
    // `rest(i, first)`: what may follow from property i on, when nothing (first) or something was written before it.
    const names = new Map<string, string>();
    const rest = (i: number, first: boolean): string => {
      const pair = pairs[i];
      if (!pair) return `"}"`;
      const key = `${i}${first}`;
      const known = names.get(key);
      if (known) return known;
      const taken = `${first ? "" : `", " `}${pair.body} ${rest(i + 1, false)}`;
      const name = this.add(`${hint}-${i}`, pair.required ? taken : `${taken} | ${rest(i + 1, first)}`);
      names.set(key, name);
      return name;
    };
    return this.add(hint, `"{" ${rest(0, true)}`);
  }

  private array(schema: JsonSchema, hint: string, depth: number): string {
    const item = this.schema(schema.items ?? {}, `${hint}-item`, depth + 1);
    const most = Math.min(schema.maxItems ?? 64, 1000);
    const least = schema.minItems ?? 0;
    if (most === 0) return `"[]"`;
    const more = `(", " ${item}){${Math.max(0, least - 1)},${most - 1}}`;
    return this.add(hint, least > 0 ? `"[" ${item} ${more} "]"` : `"[" (${item} ${more})? "]"`);
  }

  private anything(depth: number): string {
    const scalars = "string | number | boolean | null";
    if (depth >= 3) return this.add("scalar", scalars);
    const inner = this.add("scalar", scalars);
    const list = this.add("any-list", `"[" (${inner} (", " ${inner})*)? "]"`);
    const pair = `string ": " ${inner}`;
    const record = this.add("any-object", `"{" (${pair} (", " ${pair})*)? "}"`);
    return this.add("any", `${scalars} | ${list} | ${record}`);
  }
}

/** The names an expression mentions outside its literals and character classes. */
function words(body: string): string[] {
  const bare = body.replace(/"(\\.|[^"\\])*"/g, " ").replace(/\[(\\.|[^\]\\])*\]/g, " ");
  return bare.match(/[a-zA-Z][a-zA-Z0-9-]*/g) ?? [];
}

/** The grammar of JSON text that fits the schema. */
export function schemaGrammar(schema: JsonSchema): string {
  const grammar = new Grammar();
  return grammar.text(grammar.schema(schema));
}
