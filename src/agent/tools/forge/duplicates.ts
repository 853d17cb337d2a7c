import { equal } from "./check";
import { functionsOf } from "./capabilities";
import type { SandboxRunner } from "./sandboxRunner";
import type { ToolFile } from "./toolFile";
import { codeOf } from "./maker";
import type { Json } from "../../../contract/json";
import type { ToolExample } from "../../../contract/tool";

/** Whether a tool computes what these examples say; tools that need the host are judged by their text alone. */
export async function satisfies(
  file: ToolFile,
  examples: readonly ToolExample[],
  sandbox: SandboxRunner,
  signal: AbortSignal,
): Promise<boolean> {
  if (functionsOf(file.manifest.capabilities).length > 0 || examples.length === 0) return false;
  const names = Object.keys(file.manifest.parameters.properties ?? {});
  for (const example of examples) {
    const argument = renamed(example.arguments, names);
    if (argument === undefined) return false;
    const limits = { timeMs: 500, wallMs: 2_000 };
    const given = await sandbox
      .run({ source: file.source, argument, functions: [], limits, deterministic: true, signal })
      .then(
        ({ value }) => value,
        () => undefined,
      );
    if (given === undefined || !equal(given, example.result)) return false;
  }
  return true;
}

/** Arguments under a tool's own names, in order, when they are called otherwise (CRAFT abstracts names away). */
function renamed(args: ToolExample["arguments"], names: string[]): ToolExample["arguments"] | undefined {
  const own = Object.keys(args);
  if (own.every((name) => names.includes(name))) return args;
  if (own.length !== names.length) return undefined;
  return Object.fromEntries(names.map((name, i): [string, Json] => [name, args[own[i] ?? ""] ?? null]));
}

/**
 * Pairs of tools of which one can go: each computes the other's examples, or their code is nearly the same text. The
 * first of a pair has more examples, or the older name.
 */
export async function duplicates(
  files: readonly ToolFile[],
  sandbox: SandboxRunner,
  signal: AbortSignal,
): Promise<{ keep: string; drop: string; why: string }[]> {
  const found: { keep: string; drop: string; why: string }[] = [];
  const gone = new Set<string>();
  const sorted = [...files].sort(
    (a, b) => b.manifest.examples.length - a.manifest.examples.length || (a.name < b.name ? -1 : 1),
  );
  for (const [i, keep] of sorted.entries()) {
    for (const drop of sorted.slice(i + 1)) {
      if (gone.has(keep.name) || gone.has(drop.name)) continue;
      const why = await same(keep, drop, sandbox, signal);
      if (why === undefined) continue;
      gone.add(drop.name);
      found.push({ keep: keep.name, drop: drop.name, why });
    }
  }
  return found;
}

async function same(
  a: ToolFile,
  b: ToolFile,
  sandbox: SandboxRunner,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (similarity(codeOf(a.source), codeOf(b.source)) >= 0.9) return "their code is nearly the same";
  const both =
    (await satisfies(a, b.manifest.examples, sandbox, signal)) &&
    (await satisfies(b, a.manifest.examples, sandbox, signal));
  return both ? "each gives the results of the other's examples" : undefined;
}

/** Jaccard's index over runs of three tokens, names of variables aside. */
export function similarity(a: string, b: string): number {
  const [x, y] = [shingles(a), shingles(b)];
  if (x.size === 0 || y.size === 0) return 0;
  const shared = [...x].filter((each) => y.has(each)).length;
  return shared / (x.size + y.size - shared);
}

function shingles(code: string): Set<string> {
  const tokens = code.match(/[A-Za-z_$][\w$]*|\d+(?:\.\d+)?|"[^"]*"|'[^']*'|[^\s\w]/g) ?? [];
  const names = new Map<string, string>();
  const plain = tokens.map((token) => {
    if (!/^[A-Za-z_$]/.test(token) || keywords.has(token)) return token;
    const known = names.get(token) ?? `v${names.size}`;
    names.set(token, known);
    return known;
  });
  return new Set(plain.slice(0, -2).map((_, i) => plain.slice(i, i + 3).join(" ")));
}

const keywords = new Set(
  "export function return const let for of in if else while new async await true false null undefined Math String Number Array Object JSON map filter reduce split join length push slice replace includes sort toUpperCase toLowerCase".split(
    " ",
  ),
);
