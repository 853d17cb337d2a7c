import type { ChatMessage } from "../../contract/chat";
import type { Json } from "../../contract/json";
import { oneLine } from "./memoryLines";
import { bad, good, jsonOf, textField, withoutThought, type Reply } from "./reply";
import { spacedJson } from "./spacedJson";

/** The argument types of a forged tool, in TypeScript's words. */
export const argumentTypes = ["string", "number", "boolean", "string[]", "number[]"] as const;
export type ArgumentType = (typeof argumentTypes)[number];

export interface ToolExample {
  arguments: { [name: string]: Json };
  result: Json;
}

/** What a tool to be made is to do: the maker's order. */
export interface ForgeSpec {
  /** snake_case; also the file's name. */
  name: string;
  description: string;
  parameters: Record<string, ArgumentType>;
  examples: ToolExample[];
}

const specForm = `{"name": "snake_case", "description": "one sentence", "parameters": {"name": "string"}, "examples": [{"arguments": {}, "result": 0}]}`;

/** Asks for the order of a tool from a request in words. */
export function forgeSpecPrompt(request: string): ChatMessage[] {
  return [
    {
      role: "system",
      content: `Specify a tool for the request. Types: ${argumentTypes.join(", ")}. Reply with JSON: ${specForm}.`,
    },
    { role: "user", content: oneLine(request) },
  ];
}

export function forgeSpecText(spec: ForgeSpec): string {
  const { name, description, parameters, examples } = spec;
  return spacedJson({ name, description, parameters, examples });
}

export function parseForgeSpec(reply: string): Reply<ForgeSpec> {
  const value = jsonOf(reply);
  if (value === undefined || value === null || typeof value !== "object" || Array.isArray(value)) {
    return bad(`The reply must be JSON: ${specForm}.`, reply);
  }
  const name = textField(value, "name");
  if (!name || !/^[a-z][a-z0-9_]{0,63}$/.test(name)) return bad("The name must be in snake_case.", reply);
  const description = textField(value, "description");
  if (!description) return bad("The description is missing.", reply);
  const parameters = readParameters(value["parameters"]);
  if (!parameters) return bad(`Each parameter's type must be one of ${argumentTypes.join(", ")}.`, reply);
  const examples = readExamples(value["examples"], parameters);
  if (!examples)
    return bad('The examples must be a list of {"arguments": {}, "result": value}, with these parameters.', reply);
  return good({ name, description, parameters, examples });
}

function readParameters(value: Json | undefined): Record<string, ArgumentType> | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  const types: readonly string[] = argumentTypes;
  const ok = Object.entries(value).every(
    ([name, type]) => /^[a-z_][a-zA-Z0-9_]*$/.test(name) && typeof type === "string" && types.includes(type),
  );
  return ok ? (value as Record<string, ArgumentType>) : undefined;
}

function readExamples(value: Json | undefined, parameters: Record<string, ArgumentType>): ToolExample[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const examples: ToolExample[] = [];
  for (const item of value) {
    if (item === null || typeof item !== "object" || Array.isArray(item)) return undefined;
    const { arguments: args, result } = item;
    if (args === null || typeof args !== "object" || Array.isArray(args) || result === undefined) return undefined;
    if (Object.keys(args).some((key) => !Object.hasOwn(parameters, key))) return undefined;
    examples.push({ arguments: args, result });
  }
  return examples;
}

/** Written by hand: the names of parameters are open, which a schema's grammar here does not cover. */
export function forgeSpecGrammar(): string {
  return String.raw`root ::= "{\"name\": \"" [a-z] [a-z0-9_]* "\", \"description\": " text ", \"parameters\": " types ", \"examples\": [" example (", " example){0,3} "]}"
types ::= "{" (name ": " type (", " name ": " type){0,5})? "}"
type ::= ${argumentTypes.map((type) => `"\\"${type}\\""`).join(" | ")}
example ::= "{\"arguments\": {" (name ": " value (", " name ": " value){0,5})? "}, \"result\": " value "}"
name ::= "\"" [a-z_] [a-zA-Z0-9_]* "\""
value ::= scalar | "[" (scalar (", " scalar){0,15})? "]"
scalar ::= text | number | "true" | "false"
text ::= "\"" char* "\""
char ::= [^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})
number ::= "-"? ("0" | [1-9] [0-9]{0,15}) ("." [0-9]{1,16})?
`;
}

/** Asks for the code of a tool from its order. */
export function forgePrompt(spec: ForgeSpec): ChatMessage[] {
  return [
    {
      role: "system",
      content:
        "Write the tool as one TypeScript function named run. Pure code: no import, no I/O. Reply with the code alone.",
    },
    { role: "user", content: orderText(spec) },
  ];
}

/** Asks for better code after a failure in its examples or in use. */
export function repairPrompt(spec: ForgeSpec, code: string, failure: string): ChatMessage[] {
  const [system, user] = forgePrompt(spec);
  return [
    { role: "system", content: system?.content ?? "" },
    { role: "user", content: `${user?.content ?? ""}\nThis code is wrong:\n${code.trim()}\n${oneLine(failure)}` },
  ];
}

/** How a failing example is told to the maker. */
export function failureText(example: ToolExample, got: Json | string): string {
  const result = typeof got === "string" ? got : spacedJson(got);
  return `run(${spacedJson(example.arguments)}) gave ${result}, not ${spacedJson(example.result)}.`;
}

function orderText(spec: ForgeSpec): string {
  const args = Object.entries(spec.parameters).map(([name, type]) => `${name}: ${type}`);
  return [
    `Tool: ${spec.name}`,
    `Task: ${oneLine(spec.description)}`,
    `Arguments: ${args.join(", ") || "none"}`,
    ...spec.examples.map((one) => `run(${spacedJson(one.arguments)}) = ${spacedJson(one.result)}`),
  ].join("\n");
}

/** The head of the function that the order fixes; a reply is best made to begin with it. */
export function runHead(parameters: Record<string, ArgumentType>): string {
  const names = Object.keys(parameters);
  const types = Object.entries(parameters).map(([name, type]) => `${name}: ${type}`);
  return names.length === 0
    ? "export function run() {"
    : `export function run({ ${names.join(", ")} }: { ${types.join("; ")} }) {`;
}

/** The code of a reply, out of its fence if it has one. */
export function parseForge(reply: string): Reply<string> {
  const body = withoutThought(reply);
  const fence = /```[a-zA-Z]*\s*\n([\s\S]*?)\n```/.exec(body);
  const code = (fence?.[1] ?? body).trim();
  const plain = code.startsWith("export ") ? code : code.replace(/^(async )?function run\b/m, "export $&");
  return /^export (async )?function run\s*\(/m.test(plain)
    ? good(plain)
    : bad("The reply must be a function named run.", reply);
}
