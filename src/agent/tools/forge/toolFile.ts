import { errorData, fail } from "../../../contract/errors";
import type { Json } from "../../../contract/json";
import { allEffects, type Effect, type ToolExample, type ToolManifest } from "../../../contract/tool";
import { argumentSchema, isRecord } from "../calling/normalise";
import { faults } from "../calling/validate";
import { sha256 } from "../hash";
import { effectsOf, readCapabilities } from "./capabilities";
import type { SandboxRunner } from "./sandboxRunner";

/** A tool file as it was read: its text, what it says of itself, and what is wrong with it. */
export interface ToolFile {
  /** Without folder and ending: also the tool's name. */
  name: string;
  source: string;
  /** SHA-256 of the source, what an approval is bound to. */
  hash: string;
  manifest: ToolManifest;
}

const namePattern = /^[a-z][a-z0-9_]{0,63}$/;
const mostExamples = 64;

/**
 * Reads a tool file. Its code is run nowhere but in the sandbox, without any capability: what it exports there is what it
 * says of itself. Fails with `badArgument` in a sentence for the author.
 */
export async function readToolFile(
  name: string,
  source: string,
  sandbox: SandboxRunner,
  signal: AbortSignal,
): Promise<ToolFile> {
  if (!namePattern.test(name))
    fail("badArgument", `${JSON.stringify(name.slice(0, 80))} is no name for a tool: use snake_case.`);
  const description = docComment(source);
  if (description === "")
    fail("badArgument", "The file must begin with a comment /** … */ that says what the tool does.");
  const { exports, functions } = await sandbox.describe(source, signal);
  if (!functions.includes("run")) fail("badArgument", "The file must export a function named run.");
  if (!isRecord(exports["parameters"]))
    fail("badArgument", "The file must export parameters, the JSON Schema of its arguments.");
  const parameters = argumentSchema(exports["parameters"]);
  const capabilities = readCapabilities(exports["capabilities"]);
  const effects = readEffects(exports["effects"]);
  const missing = effectsOf(capabilities).filter((effect) => !effects.includes(effect));
  if (missing.length > 0)
    fail("badArgument", `effects must name ${missing.join(" and ")}: the capabilities have them.`);
  const examples = readExamples(exports["examples"], (args) => faults(args, parameters));
  return {
    name,
    source,
    hash: sha256(source),
    manifest: { name, description, parameters, effects, capabilities, examples },
  };
}

/** The first doc comment, as one line. */
export function docComment(source: string): string {
  const start = source.indexOf("/**");
  if (start < 0 || !/^(\s|\/\/[^\n]*\n)*$/.test(source.slice(0, Math.min(start, 2_000)))) return "";
  const end = source.indexOf("*/", start + 3);
  if (end < 0) return "";
  const lines = source.slice(start + 3, end).split("\n");
  return lines
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .filter(Boolean)
    .join(" ")
    .slice(0, 1_000);
}

function readEffects(value: Json | undefined): Effect[] {
  if (value === undefined) return [];
  const known: readonly string[] = allEffects;
  if (!Array.isArray(value) || !value.every((effect) => typeof effect === "string" && known.includes(effect))) {
    fail("badArgument", `effects must be a list of ${allEffects.join(", ")}.`);
  }
  return [...new Set(value as Effect[])];
}

function readExamples(value: Json | undefined, wrong: (args: Json) => string[]): ToolExample[] {
  if (!Array.isArray(value) || value.length === 0)
    fail("badArgument", "The file must export examples: they are its tests.");
  if (value.length > mostExamples) fail("badArgument", `A tool has at most ${mostExamples} examples.`);
  return value.map((item, i) => {
    const at = `Example ${i + 1}`;
    if (!isRecord(item) || !isRecord(item["arguments"]) || item["result"] === undefined) {
      fail("badArgument", `${at} must look like this: { arguments: {…}, result: … }.`);
    }
    const bad = wrong(item["arguments"] as Json);
    if (bad.length > 0) fail("badArgument", `${at} does not fit the parameters: ${bad.join("; ")}.`);
    if (item["host"] !== undefined && !isRecord(item["host"]))
      fail("badArgument", `${at}: host must be an object of recorded answers.`);
    return {
      arguments: item["arguments"] as ToolExample["arguments"],
      result: item["result"] as Json,
      ...(item["host"] === undefined ? {} : { host: item["host"] as ToolExample["host"] & object }),
      ...(typeof item["note"] === "string" ? { note: item["note"] } : {}),
    };
  });
}

/** The line of the file that a problem is about, from 1. */
export function lineOf(source: string, word: string): number {
  const at = source.search(new RegExp(`^export (async )?(const|function) ${word}\\b`, "m"));
  return at < 0 ? 1 : source.slice(0, at).split("\n").length;
}

/** A failure in reading a file as a problem at its line. */
export function problemOf(error: unknown, source: string): { message: string; line: number } {
  const data = errorData(error);
  const line = data.details?.["line"];
  const word = ["parameters", "capabilities", "effects", "examples", "run"].find((each) =>
    data.message.toLowerCase().includes(each.slice(0, 7)),
  );
  const parsed = /\((\d+):\d+\)/.exec(data.message)?.[1];
  return {
    message: data.message,
    line: typeof line === "number" ? line : parsed ? Number(parsed) : word ? lineOf(source, word) : 1,
  };
}
