import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { parseJson } from "../prompts/spacedJson";
import type { Op } from "./rows";

const name = /^pending-(\d+)-([0-9a-f]{8})-(\d+)\.jsonl$/;
/** A journal that nobody touched for so long belongs to no living process, whatever its number says. */
const stale = 10 * 60_000;
/** Tokens of this process's own journals: two in one process leave each other's files alone. */
const living = new Set<string>();

/**
 * What was acknowledged and is not in the store yet: a line a write, on disk before the write is acknowledged, in files of
 * this process alone. A file goes when all of it is in the store. What a dead process left is taken over.
 */
export class Journal {
  private readonly token = randomBytes(4).toString("hex");
  private number = 0;
  private handle: FileHandle | undefined;
  private files: string[] = [];
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly folder: string) {
    living.add(this.token);
  }

  /** Takes over the journals of dead processes; gives their writes, the oldest first. */
  async takeOver(): Promise<Op[][]> {
    const names = await readdir(this.folder).catch((error: unknown) =>
      (error as NodeJS.ErrnoException).code === "ENOENT" ? [] : Promise.reject(error as Error),
    );
    const found: { file: string; order: number }[] = [];
    for (const each of names) {
      const [, pid, token = "", number] = name.exec(each) ?? [];
      if (pid === undefined || living.has(token)) continue;
      const file = path.join(this.folder, each);
      const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: NaN }));
      if (Number.isNaN(mtimeMs) || (alive(Number(pid)) && Number(pid) !== process.pid && Date.now() - mtimeMs < stale))
        continue;
      found.push({ file, order: mtimeMs * 1e3 + Number(number) });
    }
    found.sort((a, b) => a.order - b.order);
    const writes: Op[][] = [];
    for (const { file } of found) {
      const mine = this.next();
      // Whoever renames it first has it.
      const taken = await rename(file, mine).then(
        () => true,
        () => false,
      );
      if (!taken) continue;
      this.files.push(mine);
      for (const line of (await readFile(mine, "utf8")).split("\n")) {
        // The last line may have been cut by the crash: it was not acknowledged.
        const ops = parseJson(line);
        if (Array.isArray(ops)) writes.push(ops as unknown as Op[]);
      }
    }
    return writes;
  }

  /** On disk when it resolves. */
  append(ops: readonly Op[]): Promise<void> {
    return this.inTurn(async () => {
      if (!this.handle) {
        await mkdir(this.folder, { recursive: true });
        const file = this.next();
        this.handle = await open(file, "a", 0o600);
        this.files.push(file);
      }
      const { size } = await this.handle.stat();
      try {
        await this.handle.appendFile(`${JSON.stringify(ops)}\n`);
        await this.handle.datasync();
      } catch (error) {
        // A full disk: half a line must not swallow the next one.
        await this.handle.truncate(size).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Begins a new file; gives the earlier ones, to be let go when what they hold is in the store. */
  rotate(): Promise<string[]> {
    return this.inTurn(async () => {
      await this.handle?.close();
      this.handle = undefined;
      return [...this.files];
    });
  }

  async drop(files: readonly string[]): Promise<void> {
    for (const file of files) await rm(file, { force: true });
    this.files = this.files.filter((file) => !files.includes(file));
  }

  /** Says that this process lives and still holds these writes. */
  async touch(): Promise<void> {
    const now = new Date();
    for (const file of this.files) await utimes(file, now, now).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.rotate();
    living.delete(this.token);
  }

  private next(): string {
    return path.join(this.folder, `pending-${process.pid}-${this.token}-${this.number++}.jsonl`);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => undefined);
    return done;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
