import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, opendir, realpath, rename, rm } from "node:fs/promises";
import path from "node:path";
import { fail } from "../../contract/errors";
import type { FileEntry, FilesPort } from "../../contract/tool";

/** Files through Node. `folders` are the workspace's, resolved at once. */
export async function nodeFiles(folders: readonly string[]): Promise<FilesPort> {
  const roots = await Promise.all(folders.map((folder) => realpath(folder)));
  return {
    roots: () => roots,
    realPath: nearestReal,
    stat: statOf,
    list: listOf,
    read: readOf,
    write: writeOf,
    remove: async (file) => rm(file, { force: true }),
  };
}

function missing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** The path with links followed. Of what does not exist, the nearest parent that does is resolved; a dangling link is followed too. */
async function nearestReal(file: string): Promise<string> {
  const rest: string[] = [];
  let at = path.resolve(file);
  for (let hops = 0; hops < 4_000; hops++) {
    try {
      return path.join(await realpath(at), ...rest);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ELOOP")
        fail("notAllowed", `${file} is a link to itself.`, { cause: error });
      if (!missing(error)) throw error;
    }
    // A link whose end is missing would be created through: it is refused.
    const link = await lstat(at).catch((error: unknown) =>
      missing(error) ? undefined : Promise.reject(error as Error),
    );
    if (link?.isSymbolicLink()) fail("notAllowed", `${file} is a link that leads nowhere.`);
    const parent = path.dirname(at);
    if (parent === at) return path.join(at, ...rest);
    rest.unshift(path.basename(at));
    at = parent;
  }
  fail("notAllowed", `${file} cannot be resolved.`);
}

async function statOf(file: string): Promise<{ kind: "file" | "folder" | "other" | "missing"; size: number }> {
  try {
    const stat = await lstat(file);
    const kind = stat.isFile() ? "file" : stat.isDirectory() ? "folder" : "other";
    return { kind, size: kind === "file" ? stat.size : 0 };
  } catch (error) {
    if (missing(error)) return { kind: "missing", size: 0 };
    throw error;
  }
}

async function listOf(folder: string, limit: number): Promise<{ entries: FileEntry[]; more: boolean }> {
  const entries: FileEntry[] = [];
  let more = false;
  for await (const entry of await opendir(folder)) {
    if (entries.length >= limit) {
      more = true;
      break;
    }
    const { kind, size } = await statOf(path.join(folder, entry.name));
    entries.push({ path: entry.name, kind: kind === "missing" ? "other" : kind, size });
  }
  return { entries: entries.sort((a, b) => (a.path < b.path ? -1 : 1)), more };
}

async function readOf(file: string, limit: number): Promise<Uint8Array> {
  const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)).catch(
    (error: unknown) => {
      if (missing(error)) fail("fileMissing", `There is no file ${file}.`, { cause: error });
      throw error;
    },
  );
  try {
    if (!(await handle.stat()).isFile()) fail("notAllowed", `${file} is no plain file.`);
    const buffer = new Uint8Array(limit);
    let length = 0;
    while (length < limit) {
      const { bytesRead } = await handle.read(buffer, length, Math.min(limit - length, 1 << 20), length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.slice(0, length);
  } finally {
    await handle.close();
  }
}

/** Written beside and renamed into place: whole or not at all, and a link at the last name is replaced, not followed. */
async function writeOf(file: string, data: Uint8Array): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  const beside = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
  const mode = await lstat(file).then(
    (stat) => stat.mode & 0o777,
    () => 0o644,
  );
  const handle = await open(beside, "wx", mode);
  try {
    await handle.writeFile(data);
    await handle.sync();
    await handle.close();
    await rename(beside, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(beside, { force: true });
    throw error;
  }
}
