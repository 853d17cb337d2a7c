import type { Brain, BrainUsage } from "../../../contract/brain";
import type { ChatMessage } from "../../../contract/chat";
import { fail } from "../../../contract/errors";
import type { Json, JsonSchema } from "../../../contract/json";
import type { ToolManifest } from "../../../contract/tool";
import {
  failureText,
  forgePrompt,
  forgeSpecGrammar,
  forgeSpecPrompt,
  parseForge,
  parseForgeSpec,
  repairPrompt,
  runHead,
  type ArgumentType,
  type ForgeSpec,
} from "../../prompts/forge";
import { toolFile } from "../../prompts/toolFile";
import type { CheckReport } from "./check";

/** The brain that makes tools; it may be another, larger one than the brain that uses them (LATM, arXiv 2305.17126). */
export class Maker {
  readonly spent = { promptTokens: 0, tokens: 0 };

  constructor(private readonly brain: Brain) {}

  /** A request in words becomes an order: name, arguments, examples. */
  async specify(request: string, signal: AbortSignal): Promise<ForgeSpec> {
    for (let tries = 0; ; tries++) {
      const text = await this.ask(forgeSpecPrompt(request), signal, { grammar: forgeSpecGrammar() });
      const spec = parseForgeSpec(text);
      if (spec.ok) return spec.value;
      if (tries >= 2) fail("badReply", `The model gave no order for a tool: ${spec.error.message}`);
    }
  }

  /** The order becomes code (CREATOR's create). */
  async write(spec: ForgeSpec, signal: AbortSignal): Promise<string> {
    return this.code(forgePrompt(spec), spec, signal);
  }

  /** Code that failed becomes better code (CREATOR's rectify). */
  async repair(spec: ForgeSpec, code: string, failure: string, signal: AbortSignal): Promise<string> {
    return this.code(repairPrompt(spec, code, failure), spec, signal);
  }

  private async code(messages: ChatMessage[], spec: ForgeSpec, signal: AbortSignal): Promise<string> {
    const head = runHead(spec.parameters);
    const text = await this.ask(messages, signal, this.brain.local ? { prefill: head } : {});
    const code = parseForge(text);
    if (!code.ok) fail("badReply", `The model wrote no tool: ${code.error.message}`);
    return code.value;
  }

  private async ask(
    messages: ChatMessage[],
    signal: AbortSignal,
    more: { grammar?: string; prefill?: string },
  ): Promise<string> {
    const reply = await this.brain.reply(
      {
        messages,
        calls: "none",
        max: Math.min(2_048, Math.floor(this.brain.context / 2)),
        think: "off",
        ...(more.grammar === undefined ? {} : { form: { kind: "gbnf", grammar: more.grammar } }),
        ...(more.prefill === undefined ? {} : { prefill: more.prefill }),
      },
      { signal },
    );
    this.count(reply.usage);
    return reply.text;
  }

  private count({ promptTokens, tokens }: BrainUsage): void {
    this.spent.promptTokens += promptTokens;
    this.spent.tokens += tokens;
  }
}

/** The first thing that is wrong, as the maker is told. */
export function failureOf(report: CheckReport): string {
  const failed = report.examples.find(({ ok }) => !ok);
  const example = failed && report.file?.manifest.examples[failed.example];
  if (failed && example)
    return failureText(example, failed.error === undefined ? (failed.got ?? null) : `the error "${failed.error}"`);
  return report.problems.find(({ severity }) => severity === "error")?.message ?? "It does not pass its checks.";
}

const types: [ArgumentType, (schema: JsonSchema) => boolean][] = [
  ["string", (schema) => schema.type === "string"],
  ["number", (schema) => schema.type === "number" || schema.type === "integer"],
  ["boolean", (schema) => schema.type === "boolean"],
  ["string[]", (schema) => schema.type === "array" && schema.items?.type === "string"],
  [
    "number[]",
    (schema) => schema.type === "array" && (schema.items?.type === "number" || schema.items?.type === "integer"),
  ],
];

/** The order that a tool answers to, where its arguments are plain enough to be said in one. */
export function specOf(manifest: ToolManifest): ForgeSpec | undefined {
  const parameters: Record<string, ArgumentType> = {};
  for (const [name, schema] of Object.entries(manifest.parameters.properties ?? {})) {
    const type = types.find(([, fits]) => fits(schema))?.[0];
    if (!type) return undefined;
    parameters[name] = type;
  }
  const { name, description, examples } = manifest;
  return {
    name,
    description,
    parameters,
    examples: examples.map((example) => ({ arguments: example.arguments, result: example.result })),
  };
}

/** The code of a tool file: all but its comment and the exports that say what it is. */
export function codeOf(source: string): string {
  const withoutDoc = source.replace(/^\s*\/\*\*[\s\S]*?\*\//, "");
  return withoutDoc
    .replace(
      /^export const (parameters|effects|capabilities|examples)\b[\s\S]*?(?=^(?:export|function|const|let|class|type|interface|async)\b|$(?![\s\S]))/gm,
      "",
    )
    .trim();
}

/** The file of an order and its code. */
export function fileOf(spec: ForgeSpec, code: string, effects: readonly string[] = []): string {
  return toolFile(spec, code, effects);
}

/** Adds an example at the end of a tool file's list; fails with `badArgument` where there is none to add to. */
export function withExample(
  source: string,
  example: { arguments: Record<string, Json>; result: Json; note?: string },
): string {
  const start = source.search(/^export const examples\b[^\n]*\[/m);
  const end = start < 0 ? -1 : source.indexOf("\n];", start);
  if (end < 0)
    fail("badArgument", "The file has no list of examples to add to.", { remedy: "Add the example by hand." });
  const note = example.note === undefined ? "" : `, note: ${JSON.stringify(example.note)}`;
  return `${source.slice(0, end)}\n  { arguments: ${JSON.stringify(example.arguments)}, result: ${JSON.stringify(example.result)}${note} },${source.slice(end)}`;
}
