import { lstat, mkdir, readFile, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { fail } from "../../contract/errors";
import type { ToolUse } from "../../contract/tool";
import { isRecord } from "../tools/calling/normalise";
import { authorTypes } from "../tools/forge/authorTypes";
import type { ToolApprovalStore, ToolFilesPort, ToolUseStore } from "../tools/forge/stores";
import { readJson, writeWhole } from "./nodeStores";

const toolName = /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/;
const largestTool = 200_000;

/** Tool files as `<folder>/<name>.ts`. Links and files of a strange size are no tools. */
export function fileToolFiles(folder: string): ToolFilesPort {
  const fileOf = (name: string): string => {
    if (!toolName.test(name)) fail("badArgument", `${JSON.stringify(name.slice(0, 80))} is no name for a tool.`);
    return path.join(folder, `${name}.ts`);
  };
  return {
    async list() {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
        .map((entry) => entry.name.slice(0, -3))
        .filter((name) => toolName.test(name))
        .sort();
    },
    async read(name) {
      const file = fileOf(name);
      const stat = await lstat(file).catch((error: unknown) =>
        fail("fileMissing", `There is no tool ${name}.`, { cause: error }),
      );
      if (!stat.isFile() || stat.size > largestTool) fail("notAllowed", `${file} is no plain tool file.`);
      return readFile(file, "utf8");
    },
    async write(name, source) {
      await mkdir(folder, { recursive: true });
      await writeWhole(path.join(folder, "vitrine.d.ts"), authorTypes);
      await writeWhole(fileOf(name), source);
    },
    remove: (name) => rm(fileOf(name), { force: true }),
    path: fileOf,
  };
}

/** Approved hashes in a file of the person's own, outside of the workspace. */
export function fileToolApprovals(file: string): ToolApprovalStore {
  return {
    async load() {
      const value = await readJson(file);
      if (!isRecord(value)) return {};
      return Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      );
    },
    save: (hashes) => writeWhole(file, `${JSON.stringify(hashes, null, 1)}\n`),
  };
}

/** Uses of tools in a file that people may read; entries that are damaged are left out. */
export function fileToolUses(file: string): ToolUseStore {
  return {
    async load() {
      const value = await readJson(file);
      if (!isRecord(value)) return {};
      return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, ToolUse] => isUse(entry[1])));
    },
    save: (uses) => writeWhole(file, `${JSON.stringify(uses, null, 1)}\n`),
  };
}

function isUse(value: unknown): value is ToolUse {
  return (
    isRecord(value) &&
    [value["calls"], value["successes"], value["totalMs"]].every((each) => typeof each === "number") &&
    typeof value["lastUsed"] === "string" &&
    Array.isArray(value["goals"]) &&
    value["goals"].every((goal) => typeof goal === "string")
  );
}
