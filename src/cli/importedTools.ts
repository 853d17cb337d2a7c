import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ToolSpec } from "../contract/chat";
import type { CommandContext } from "./command";
import { readJsonLines } from "./inputs";
import { workspaceFolder } from "./workshop";

function fileOf(context: CommandContext): string {
  return path.join(workspaceFolder(context), ".vitrine", "tools", "imported.jsonl");
}

/** Adds descriptions to the workspace's list; a name that is there already is replaced. Gives how many there are. */
export async function importTools(context: CommandContext, specs: ToolSpec[]): Promise<number> {
  const file = fileOf(context);
  const merged = new Map((await importedTools(context)).map((spec) => [spec.name, spec]));
  for (const spec of specs) merged.set(spec.name, spec);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, [...merged.values()].map((spec) => `${JSON.stringify(spec)}\n`).join(""));
  return merged.size;
}

export async function importedTools(context: CommandContext): Promise<ToolSpec[]> {
  const file = fileOf(context);
  const there = await readFile(file).then(
    () => true,
    () => false,
  );
  return there ? ((await readJsonLines(file)) as ToolSpec[]) : [];
}
