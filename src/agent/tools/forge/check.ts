import { errorData, fail } from "../../../contract/errors";
import type { Json } from "../../../contract/json";
import type { ToolExample } from "../../../contract/tool";
import { functionsOf } from "./capabilities";
import { mutantsOf } from "./mutants";
import type { SandboxRunner } from "./sandboxRunner";
import { lineOf, problemOf, readToolFile, type ToolFile } from "./toolFile";

export interface Problem {
  message: string;
  /** From 1. */
  line: number;
  severity: "error" | "warning";
}

export interface ExampleResult {
  example: number;
  ok: boolean;
  /** What came instead, or the error. */
  got?: Json;
  error?: string;
  ms: number;
}

export interface CheckReport {
  ok: boolean;
  file?: ToolFile;
  problems: Problem[];
  examples: ExampleResult[];
  /** Mutants that an example noticed, of how many. */
  noticed: { killed: number; of: number };
}

const exampleLimits = { timeMs: 2_000, wallMs: 5_000 };

/**
 * All that a tool file must pass before a person is asked: it reads, its examples give what they say, and they fail when
 * the tool is broken. Examples run without the world: calls of the host get the answers the example recorded.
 */
export async function checkToolFile(
  name: string,
  source: string,
  sandbox: SandboxRunner,
  signal: AbortSignal,
): Promise<CheckReport> {
  const report: CheckReport = { ok: false, problems: [], examples: [], noticed: { killed: 0, of: 0 } };
  try {
    report.file = await readToolFile(name, source, sandbox, signal);
  } catch (error) {
    if (errorData(error).code === "cancelled") throw error;
    report.problems.push({ ...problemOf(error, source), severity: "error" });
    return report;
  }
  const { file } = report;
  const { examples } = file.manifest;
  for (const [i, example] of examples.entries())
    report.examples.push(await runExample(file, i, example, sandbox, signal));
  for (const { example, ok, got, error } of report.examples) {
    if (ok) continue;
    const came = error ?? `it gave ${JSON.stringify(got)}, not ${JSON.stringify(examples[example]?.result)}`;
    report.problems.push({
      message: `Example ${example + 1} fails: ${came}.`,
      line: exampleLine(source, example),
      severity: "error",
    });
  }
  if (report.problems.length === 0) await mutate(file, report, sandbox, signal);
  report.ok = !report.problems.some(({ severity }) => severity === "error");
  return report;
}

export async function runExample(
  file: ToolFile,
  index: number,
  example: ToolExample,
  sandbox: SandboxRunner,
  signal: AbortSignal,
  mutated?: { source?: string; result?: boolean },
): Promise<ExampleResult> {
  const started = performance.now();
  const done = (part: Partial<ExampleResult>): ExampleResult => ({
    example: index,
    ok: false,
    ms: performance.now() - started,
    ...part,
  });
  try {
    const { value } = await sandbox.run({
      source: mutated?.source ?? file.source,
      argument: example.arguments,
      functions: functionsOf(file.manifest.capabilities),
      limits: mutated?.source === undefined ? exampleLimits : { timeMs: 300, wallMs: 2_000 },
      deterministic: true,
      signal,
      host: (name, args) => Promise.resolve(recorded(example, name, args)),
      ...(mutated?.result ? { mutate: true } : {}),
    });
    return done(equal(value, example.result) ? { ok: true } : { got: value });
  } catch (error) {
    const data = errorData(error);
    if (data.code === "cancelled") throw error;
    return done({ error: data.message });
  }
}

function recorded(example: ToolExample, name: string, args: Json[]): Json {
  const key = `${name} ${String(args[0] ?? "")}`;
  const answers = example.host ?? {};
  if (!Object.hasOwn(answers, key))
    fail("notAllowed", `The example has no recorded answer for ${JSON.stringify(key.slice(0, 200))}.`);
  return answers[key] ?? null;
}

/** The same JSON: the order of an object's names does not matter, numbers to 12 digits. */
export function equal(a: Json, b: Json): boolean {
  if (typeof a === "number" && typeof b === "number")
    return a === b || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i] ?? null))
    );
  }
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equal(a[name] ?? null, b[name] ?? null))
  );
}

/** Breaks the tool on purpose: the examples must notice, or they test nothing. */
async function mutate(file: ToolFile, report: CheckReport, sandbox: SandboxRunner, signal: AbortSignal): Promise<void> {
  const { examples } = file.manifest;
  const line = lineOf(file.source, "examples");
  const results = new Set(examples.map(({ result }) => JSON.stringify(result)));
  const inputs = new Set(examples.map((example) => JSON.stringify(example.arguments)));
  if (inputs.size > 1 && results.size === 1) {
    const message =
      "All examples have the same result: a tool that always gives it would pass. Add one with another result.";
    report.problems.push({ message, line, severity: "error" });
    return;
  }
  if (inputs.size === 1 && (await constant(file, sandbox, signal))) {
    const message = "The result does not depend on the arguments. Add an example with another result.";
    report.problems.push({ message, line, severity: "error" });
    return;
  }
  for (const [i, example] of examples.entries()) {
    if (!(await runExample(file, i, example, sandbox, signal, { result: true })).ok) continue;
    report.problems.push({
      message: "An example passes with a wrong result, so it tests nothing.",
      line,
      severity: "error",
    });
    return;
  }
  const mutants = mutantsOf(file.source);
  for (const { source, line: at, change } of mutants) {
    if (await noticed(file, source, sandbox, signal)) report.noticed.killed++;
    else report.problems.push({ message: `No example notices when ${change}.`, line: at, severity: "warning" });
  }
  report.noticed.of = mutants.length;
  // Some mutants change nothing that matters; when most pass unnoticed, the examples do not hold the code.
  if (mutants.length >= 2 && report.noticed.killed * 2 < mutants.length) {
    const message = `The examples notice ${report.noticed.killed} of ${mutants.length} ways to break the tool. Add examples.`;
    report.problems.push({ message, line, severity: "error" });
  }
}

/** Whether a tool with a single example gives that result for other arguments too, each changed in turn. */
async function constant(file: ToolFile, sandbox: SandboxRunner, signal: AbortSignal): Promise<boolean> {
  const example = file.manifest.examples[0];
  const entries = Object.entries(example?.arguments ?? {});
  if (!example || entries.length === 0 || file.manifest.capabilities.length > 0) return false;
  for (const [name, value] of entries) {
    const probe = { ...example, arguments: { ...example.arguments, [name]: altered(value) } };
    if (!(await runExample(file, 0, probe, sandbox, signal)).ok) return false;
  }
  return true;
}

function altered(value: Json): Json {
  if (typeof value === "number") return value * 2 + 7;
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return `${value} other words`;
  if (Array.isArray(value)) return value.length === 0 ? value : [...value.map(altered), altered(value[0] ?? null)];
  return value === null ? null : Object.fromEntries(Object.entries(value).map(([name, item]) => [name, altered(item)]));
}

/** Whether an example fails with the broken code. */
async function noticed(file: ToolFile, source: string, sandbox: SandboxRunner, signal: AbortSignal): Promise<boolean> {
  for (const [i, example] of file.manifest.examples.entries()) {
    if (!(await runExample(file, i, example, sandbox, signal, { source })).ok) return true;
  }
  return false;
}

/** Where an example begins, from 1. */
export function exampleLine(source: string, index: number): number {
  const start = lineOf(source, "examples");
  const lines = source.split("\n").slice(start);
  const places = lines.flatMap((line, i) => (/^\s*\{\s*("?arguments"?)\s*:/.test(line) ? [i] : []));
  return start + 1 + (places[index] ?? 0);
}
