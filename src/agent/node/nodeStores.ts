import { randomBytes } from "node:crypto";
import { appendFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { fail } from "../../contract/errors";
import type { JournalPort } from "../../contract/agent";
import type { ApprovalStore } from "../../contract/tool";
import { parseJson } from "../prompts/spacedJson";
import { isPartOf, type Checkpoint, type CheckpointStore } from "../tools/checkpoints";

const runName = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,80}$/;

function fileOf(folder: string, run: string, ending: string): string {
  if (!runName.test(run)) fail("badArgument", `${JSON.stringify(run.slice(0, 80))} is no name of a run.`);
  return path.join(folder, `${run}${ending}`);
}

/** Runs as `<folder>/<run>.jsonl`. A line is on disk when `append` resolves; a last line cut by a crash is left out when read. */
export function fileJournal(folder: string): JournalPort {
  const whole = new Set<string>();
  return {
    append: async (run, line) => {
      const file = fileOf(folder, run, ".jsonl");
      await mkdir(folder, { recursive: true });
      // A line that a crash cut off would swallow the next one.
      const torn = !whole.has(run) && (await endsMidLine(file));
      whole.add(run);
      await appendFile(file, `${torn ? "\n" : ""}${line}\n`, { flush: true } as Parameters<typeof appendFile>[2]);
    },
    read: async (run) => {
      const text = await readFile(fileOf(folder, run, ".jsonl"), "utf8").catch((error: unknown) =>
        absent(error)
          ? fail("fileMissing", `There is no run ${run}.`, { cause: error })
          : Promise.reject(error as Error),
      );
      return text.split("\n").filter((line) => line !== "" && parseJson(line) !== undefined);
    },
    list: async () => {
      const names = await readdir(folder).catch((error: unknown) =>
        absent(error) ? [] : Promise.reject(error as Error),
      );
      const runs = names.filter((name) => name.endsWith(".jsonl")).map((name) => name.slice(0, -6));
      const all = await Promise.all(
        runs.map(async (run) => ({
          run,
          updated: (await stat(path.join(folder, `${run}.jsonl`))).mtime.toISOString(),
        })),
      );
      return all.sort((a, b) => (a.updated < b.updated ? 1 : -1));
    },
  };
}

async function endsMidLine(file: string): Promise<boolean> {
  const text = await readFile(file).catch((error: unknown) =>
    absent(error) ? undefined : Promise.reject(error as Error),
  );
  return text !== undefined && text.length > 0 && text.at(-1) !== 10;
}

function absent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** Checkpoints as `<folder>/<run>.undo.json`. */
export function fileCheckpoints(folder: string): CheckpointStore {
  return {
    load: async (run) => {
      const value = await readJson(fileOf(folder, run, ".undo.json"));
      return Array.isArray(value) ? (value as Checkpoint[]) : [];
    },
    save: async (run, checkpoints) => {
      const file = fileOf(folder, run, ".undo.json");
      if (checkpoints.length === 0) await rm(file, { force: true });
      else await writeWhole(file, JSON.stringify(checkpoints));
    },
    parts: async (run) => {
      const ending = ".undo.json";
      const names = await readdir(folder).catch((error: unknown) =>
        absent(error) ? [] : Promise.reject(error as Error),
      );
      return names
        .filter((name) => name.endsWith(ending))
        .map((name) => name.slice(0, -ending.length))
        .filter((name) => isPartOf(run, name))
        .sort();
    },
  };
}

/** A person's standing rules in one file of theirs, outside of any workspace. */
export function fileApprovals(file: string): ApprovalStore {
  return {
    load: async () => {
      const value = await readJson(file);
      return Array.isArray(value) ? value.filter((key): key is string => typeof key === "string") : [];
    },
    save: (keys) => writeWhole(file, `${JSON.stringify(keys, null, 1)}\n`),
  };
}

/** The JSON of a file; null when there is none. A damaged one fails with `damagedFile`. */
export async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((error: unknown) =>
    absent(error) ? "null" : Promise.reject(error as Error),
  );
  const value = parseJson(text);
  if (value === undefined) fail("damagedFile", `${file} is not JSON.`, { remedy: "Delete or repair it." });
  return value;
}

/** Whole or not at all. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const beside = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  await writeFile(beside, text, { mode: 0o600 });
  const handle = await open(beside, "r+");
  await handle.sync();
  await handle.close();
  await rename(beside, file);
}
