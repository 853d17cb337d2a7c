import { spawn } from "node:child_process";
import { opendir } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { fail } from "../../contract/errors";
import type { FilesPort, SearchHit, SearchPort } from "../../contract/tool";

const skipped = new Set([".git", "node_modules", ".vitrine", "dist", "out", ".cache", "__pycache__"]);
const largest = 1_000_000;
const mostFiles = 20_000;

/** Text search with ripgrep at `rg` where there is one (VS Code ships it), else by reading the files. */
export function nodeSearch(files: FilesPort, rg?: string): SearchPort {
  return {
    search: (query, { limit, signal }) =>
      rg === undefined ? byReading(files, query, limit, signal) : byRipgrep(rg, files.roots(), query, limit, signal),
  };
}

/** The query is one fixed text: never a pattern, never an option. */
async function byRipgrep(rg: string, roots: readonly string[], query: string, limit: number, signal: AbortSignal) {
  const args = [
    "--fixed-strings",
    "--ignore-case",
    "--line-number",
    "--null",
    "--no-messages",
    "--no-config",
    "--color=never",
  ];
  args.push(
    "--max-columns=400",
    "--max-filesize=1M",
    "--max-count=20",
    ...[...skipped].map((name) => `--glob=!**/${name}/**`),
    "-e",
    query,
    "--",
    ...roots,
  );
  const child = spawn(rg, args, { stdio: ["ignore", "pipe", "ignore"], signal, shell: false });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
  const hits: SearchHit[] = [];
  let more = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const [file = "", rest = ""] = line.split("\0");
    const colon = rest.indexOf(":");
    if (colon < 0) continue;
    if (hits.length >= limit) {
      more = true;
      child.kill();
      break;
    }
    hits.push({ path: file, line: Number(rest.slice(0, colon)), text: rest.slice(colon + 1) });
  }
  await ended.catch((error: unknown) => {
    if (signal.aborted) fail("cancelled", "Cancelled.", { cause: error });
    throw error;
  });
  return { hits, more };
}

async function byReading(files: FilesPort, query: string, limit: number, signal: AbortSignal) {
  const wanted = query.toLowerCase();
  const hits: SearchHit[] = [];
  let seen = 0;
  for (const root of files.roots()) {
    for await (const file of walk(root)) {
      if (signal.aborted) fail("cancelled", "Cancelled.");
      if (++seen > mostFiles) return { hits, more: true };
      if ((await files.stat(file)).size > largest) continue;
      const bytes = await files.read(file, largest);
      if (bytes.subarray(0, 8_000).includes(0)) continue;
      const lines = new TextDecoder().decode(bytes).split("\n");
      for (const [i, text] of lines.entries()) {
        if (!text.toLowerCase().includes(wanted)) continue;
        if (hits.length >= limit) return { hits, more: true };
        hits.push({ path: file, line: i + 1, text: text.slice(0, 400) });
      }
    }
  }
  return { hits, more: false };
}

/** Plain files below a folder; links are not followed, so no walk leaves it or goes round. */
async function* walk(folder: string): AsyncGenerator<string> {
  const entries = [];
  for await (const entry of await opendir(folder)) entries.push(entry);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (entry.isFile()) yield file;
    else if (entry.isDirectory() && !skipped.has(entry.name)) yield* walk(file);
  }
}
