import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { fail } from "../../contract/errors";
import type { ToolUse } from "../../contract/tool";
import { authorTypes } from "../tools/forge/authorTypes";
import type { ToolFilesPort, ToolUseStore } from "../tools/forge/stores";
import { isRecord } from "../tools/calling/normalise";
import { readJson, writeWhole } from "./nodeStores";

/** Tool files in a folder, with the types for their authors beside them. */
export function folderToolFiles(folder: string): ToolFilesPort {
  const file = (name: string): string => {
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(name))
      fail("badArgument", `${JSON.stringify(name.slice(0, 80))} is no name for a tool.`);
    return path.join(folder, `${name}.ts`);
  };
  return {
    list: async () => {
      const names = await readdir(folder).catch((error: unknown) =>
        (error as NodeJS.ErrnoException).code === "ENOENT" ? [] : Promise.reject(error as Error),
      );
      return names.flatMap((name) => /^([a-z][a-z0-9_]{0,63})\.ts$/.exec(name)?.[1] ?? []).sort();
    },
    read: (name) =>
      readFile(file(name), "utf8").catch((error: unknown) =>
        (error as NodeJS.ErrnoException).code === "ENOENT"
          ? fail("fileMissing", `There is no tool file ${name}.`, { cause: error })
          : Promise.reject(error as Error),
      ),
    write: async (name, source) => {
      await mkdir(folder, { recursive: true });
      await writeWhole(file(name), source);
      await writeWhole(path.join(folder, "vitrine.d.ts"), authorTypes);
    },
    remove: (name) => rm(file(name), { force: true }),
    path: file,
  };
}

/** A record of values by name as a JSON file. Values that are not of the right kind are left out. */
export function fileRecord<T>(
  file: string,
  isValue: (value: unknown) => value is T,
): { load(): Promise<Record<string, T>>; save(value: Record<string, T>): Promise<void> } {
  return {
    load: async () => {
      const value = await readJson(file);
      if (!isRecord(value)) return {};
      return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, T] => isValue(entry[1])));
    },
    save: (value) => writeWhole(file, `${JSON.stringify(value, null, 1)}\n`),
  };
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isUse(value: unknown): value is ToolUse {
  return (
    isRecord(value) &&
    typeof value["calls"] === "number" &&
    typeof value["successes"] === "number" &&
    typeof value["totalMs"] === "number" &&
    Array.isArray(value["goals"]) &&
    typeof value["lastUsed"] === "string"
  );
}

export function fileUses(file: string): ToolUseStore {
  return fileRecord(file, isUse);
}
