import { fail } from "../../../contract/errors";
import type { Effect, FilesPort, SearchPort } from "../../../contract/tool";
import type { Checkpoints } from "../checkpoints";
import { unifiedDiff } from "../diff";
import { sha256 } from "../hash";
import { cleanText } from "../output";
import { protectedForReading, protectedForWriting, resolvePath, type ResolvedPath } from "../paths";
import { textArgument, type PreparedCall, type Tool, type ToolContext } from "../tool";
import { builtinSpec } from "./spec";

const readLimit = 4_000_000;
const listLimit = 400;
const hitLimit = 60;

export function fileTools(files: FilesPort, search: SearchPort, checkpoints: Checkpoints): Tool[] {
  return [
    listFiles(files),
    readFile(files),
    searchFiles(files, search),
    writeFile(files, checkpoints),
    patchFile(files, checkpoints),
  ];
}

function reading(where: ResolvedPath, summary: string, act: PreparedCall["act"]): PreparedCall {
  const secret = protectedForReading(where.shown);
  return {
    effects: ["read"],
    target: { kind: "path", path: where.path, shown: where.shown },
    summary: where.linked ? `${summary} (a link to ${where.path})` : summary,
    ...(secret === undefined ? {} : { mustAsk: `${where.shown} is asked for each time: ${secret}.` }),
    reversal: "none",
    act,
  };
}

function listFiles(files: FilesPort): Tool {
  return {
    ...builtinSpec("list_files"),
    source: "builtin",
    effects: ["read"],
    prepare: async (args) => {
      const where = await resolvePath(files, textArgument(args, "path") || ".");
      return reading(where, `List ${where.shown}`, async () => {
        if ((await files.stat(where.path)).kind !== "folder") fail("fileMissing", `${where.shown} is no folder.`);
        const { entries, more } = await files.list(where.path, listLimit);
        const lines = entries.map(({ path, kind, size }) =>
          kind === "folder" ? `${path}/` : `${path} (${size} bytes)`,
        );
        if (more) lines.push(`[more than ${listLimit} entries; list a folder below]`);
        return { text: cleanText(lines.join("\n")) || "The folder is empty.", taint: "file" };
      });
    },
  };
}

function readFile(files: FilesPort): Tool {
  return {
    ...builtinSpec("read_file"),
    source: "builtin",
    effects: ["read"],
    prepare: async (args) => {
      const where = await resolvePath(files, textArgument(args, "path"));
      return reading(where, `Read ${where.shown}`, async () => {
        const { bytes, size } = await load(files, where);
        const text = decoded(bytes, where.shown);
        const cut = size > bytes.length ? `\n[only the first ${bytes.length} of ${size} bytes were read]` : "";
        return { text: cleanText(text) + cut || "The file is empty.", taint: "file" };
      });
    },
  };
}

async function load(files: FilesPort, where: ResolvedPath): Promise<{ bytes: Uint8Array; size: number }> {
  const { kind, size } = await files.stat(where.path);
  if (kind === "missing")
    fail("fileMissing", `There is no file ${where.shown}.`, { remedy: "List the folder to see its files." });
  if (kind === "folder") fail("fileMissing", `${where.shown} is a folder.`, { remedy: "List it instead." });
  if (kind === "other") fail("notAllowed", `${where.shown} is no plain file.`);
  return { bytes: await files.read(where.path, readLimit), size };
}

function decoded(bytes: Uint8Array, shown: string): string {
  if (bytes.subarray(0, 8_000).includes(0)) fail("badArgument", `${shown} is not a text file (${bytes.length} bytes).`);
  return new TextDecoder("utf-8").decode(bytes);
}

function searchFiles(files: FilesPort, search: SearchPort): Tool {
  return {
    ...builtinSpec("search_files"),
    source: "builtin",
    effects: ["read"],
    prepare: (args, { signal }) => {
      const query = textArgument(args, "query");
      if (query.trim() === "") fail("badArgument", "The text to search for is empty.");
      const root = files.roots()[0];
      if (root === undefined) fail("notAllowed", "No folder is open, so there are no files.");
      return Promise.resolve({
        effects: ["read"] satisfies Effect[],
        target: { kind: "path", path: root, shown: "." },
        summary: `Search the files for ${JSON.stringify(query.slice(0, 80))}`,
        reversal: "none",
        act: async () => {
          const { hits, more } = await search.search(query, { limit: hitLimit, signal });
          const open = hits.filter(({ path }) => protectedForReading(relative(files, path)) === undefined);
          const shown = open.map(
            ({ path, line, text }) => `${relative(files, path)}:${line}: ${text.trim().slice(0, 200)}`,
          );
          if (more) shown.push(`[more than ${hitLimit} lines; search for something rarer]`);
          return { text: cleanText(shown.join("\n")) || "Nothing was found.", taint: "file" };
        },
      });
    },
  };
}

function relative(files: FilesPort, path: string): string {
  const plain = path.replaceAll("\\", "/");
  const root = files
    .roots()
    .map((each) => `${each.replaceAll("\\", "/").replace(/\/$/, "")}/`)
    .find((each) => plain.startsWith(each));
  return root === undefined ? plain : plain.slice(root.length);
}

function writeFile(files: FilesPort, checkpoints: Checkpoints): Tool {
  return {
    ...builtinSpec("write_file"),
    source: "builtin",
    effects: ["write"],
    prepare: async (args, context) => {
      const where = await resolvePath(files, textArgument(args, "path"));
      const before = await current(files, where);
      return writing(files, checkpoints, where, before, textArgument(args, "content"), context);
    },
  };
}

function patchFile(files: FilesPort, checkpoints: Checkpoints): Tool {
  return {
    ...builtinSpec("patch_file"),
    source: "builtin",
    effects: ["write"],
    prepare: async (args, context) => {
      const where = await resolvePath(files, textArgument(args, "path"));
      const before = await current(files, where);
      if (before === null) fail("fileMissing", `There is no file ${where.shown}.`, { remedy: "Write it first." });
      const text = decoded(before, where.shown);
      return writing(
        files,
        checkpoints,
        where,
        before,
        patched(text, textArgument(args, "old"), textArgument(args, "new"), where.shown),
        context,
      );
    },
  };
}

/** Replaces the one place where `old` stands; line ends of the file are kept. */
function patched(text: string, old: string, next: string, shown: string): string {
  if (old === "")
    fail("badArgument", "The text to replace is empty.", { remedy: "Write the file as a whole instead." });
  const crlf = text.includes("\r\n");
  const fit = (part: string) => (crlf ? part.replace(/\r?\n/g, "\r\n") : part);
  const wanted = fit(old);
  const first = text.indexOf(wanted);
  if (first < 0)
    fail("badArgument", `The text to replace is not in ${shown}.`, {
      remedy: "Read the file and copy the text exactly.",
    });
  if (text.indexOf(wanted, first + 1) >= 0) {
    fail("badArgument", `The text to replace stands in ${shown} more than once.`, {
      remedy: "Take more of the lines around it.",
    });
  }
  return text.slice(0, first) + fit(next) + text.slice(first + wanted.length);
}

async function current(files: FilesPort, where: ResolvedPath): Promise<Uint8Array | null> {
  const { kind, size } = await files.stat(where.path);
  if (kind === "missing") return null;
  if (kind !== "file") fail("notAllowed", `${where.shown} is no plain file, so it is not written.`);
  if (size > readLimit) fail("tooLarge", `${where.shown} is too large to change here (${size} bytes).`);
  return files.read(where.path, size);
}

async function writing(
  files: FilesPort,
  checkpoints: Checkpoints,
  where: ResolvedPath,
  before: Uint8Array | null,
  content: string,
  context: ToolContext,
): Promise<PreparedCall> {
  const after = new TextEncoder().encode(content);
  const kept = await checkpoints.fits(context.run, where.path, before?.length ?? 0);
  const old = before === null ? "" : new TextDecoder().decode(before);
  const diff = unifiedDiff(old, content, where.shown);
  const guarded = protectedForWriting(where.shown);
  const verb = before === null ? "Create" : "Change";
  const wasHash = before === null ? null : sha256(before);
  return {
    effects: kept ? ["write"] : ["write", "irreversible"],
    target: { kind: "path", path: where.path, shown: where.shown },
    summary: `${verb} ${where.shown}${where.linked ? ` (a link to ${where.path})` : ""}${kept ? "" : "; too large to be undone"}`,
    diff,
    ...(guarded === undefined ? {} : { mustAsk: `${where.shown} is only written by your own click: ${guarded}.` }),
    reversal: kept ? "checkpoint" : "no",
    act: async () => {
      if (before !== null && diff === "") return { text: `${where.shown} has this content already.` };
      // What was approved is this change of this file: anything else since then asks again.
      const again = await resolvePath(files, where.path);
      const now = await current(files, again);
      if (again.path !== where.path || (now === null ? null : sha256(now)) !== wasHash) {
        fail("notAllowed", `${where.shown} was changed by something else meanwhile; nothing was written.`, {
          remedy: "Read it again.",
        });
      }
      if (kept) await checkpoints.keep(context.run, where.path, before, after);
      await files.write(where.path, after);
      const count = content === "" ? 0 : content.split("\n").length - (content.endsWith("\n") ? 1 : 0);
      return {
        text: `${before === null ? "Created" : "Changed"} ${where.shown} (${count} lines).`,
        diff,
        written: [where.path],
      };
    },
  };
}
