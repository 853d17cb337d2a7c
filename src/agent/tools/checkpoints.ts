import type { FilesPort } from "../../contract/tool";
import { errorData } from "../../contract/errors";
import { sha256 } from "./hash";

/** A file as it was before a run first touched it. */
export interface Checkpoint {
  path: string;
  /** Base64; null when there was no file. */
  before: string | null;
  /** SHA-256 of what the run wrote last; null when it removed the file. */
  after: string | null;
}

/** Where checkpoints are kept, one list a run. */
export interface CheckpointStore {
  load(run: string): Promise<Checkpoint[]>;
  save(run: string, checkpoints: Checkpoint[]): Promise<void>;
  /** Names of what `Checkpoints.part` put aside of a run, in the order of its steps. */
  parts(run: string): Promise<string[]>;
}

export interface Undone {
  restored: string[];
  /** Files that were left alone, and why. */
  kept: { path: string; why: string }[];
}

/** Larger files are written without a way back, which the approval then says. */
export const checkpointLimits = { file: 1_000_000, run: 20_000_000 } as const;

/** Takes back what a run wrote: only files it touched, and only while nobody else has changed them since. */
export class Checkpoints {
  constructor(
    private readonly files: FilesPort,
    private readonly store: CheckpointStore,
  ) {}

  /** Whether a file of so many bytes can be kept beside what the run keeps already. */
  async fits(run: string, path: string, size: number): Promise<boolean> {
    const kept = await this.store.load(run);
    if (kept.some((each) => each.path === path)) return true;
    const sum = kept.reduce((total, each) => total + (each.before?.length ?? 0) * 0.75, 0);
    return size <= checkpointLimits.file && sum + size <= checkpointLimits.run;
  }

  /** Called before a write with what is there, and what will be. On disk when it resolves. */
  async keep(run: string, path: string, before: Uint8Array | null, after: Uint8Array): Promise<void> {
    const kept = await this.store.load(run);
    const known = kept.find((each) => each.path === path);
    const hash = sha256(after);
    if (known) known.after = hash;
    else kept.push({ path, before: before === null ? null : Buffer.from(before).toString("base64"), after: hash });
    await this.store.save(run, kept);
  }

  /**
   * Puts aside what the run has kept since the last part, so that one step of it can be taken back by itself. Gives the
   * part's name for `undoPart`, or undefined where nothing was written.
   */
  async part(run: string, step: number): Promise<string | undefined> {
    const kept = await this.store.load(run);
    if (kept.length === 0) return undefined;
    const name = partName(run, step);
    await this.store.save(name, kept);
    await this.store.save(run, []);
    return name;
  }

  /** Takes back one part; a run's later parts should be taken back before. */
  undoPart(part: string): Promise<Undone> {
    return this.restoreAll(part);
  }

  /** The run's parts become one list again: what was there before the first, and what the last one left. */
  async join(run: string): Promise<void> {
    const parts = await this.store.parts(run);
    if (parts.length === 0) return;
    const whole: Checkpoint[] = [];
    for (const name of [...parts, run]) {
      for (const each of await this.store.load(name)) {
        const known = whole.find(({ path }) => path === each.path);
        if (known) known.after = each.after;
        else whole.push(each);
      }
    }
    await this.store.save(run, whole);
    for (const name of parts) await this.store.save(name, []);
  }

  async undo(run: string): Promise<Undone> {
    await this.join(run);
    return this.restoreAll(run);
  }

  private async restoreAll(run: string): Promise<Undone> {
    const result: Undone = { restored: [], kept: [] };
    const left: Checkpoint[] = [];
    for (const each of (await this.store.load(run)).reverse()) {
      const why = await this.restore(each).catch((error: unknown) => errorData(error).message);
      if (why === undefined) result.restored.push(each.path);
      else {
        result.kept.push({ path: each.path, why });
        left.push(each);
      }
    }
    await this.store.save(run, left.reverse());
    return result;
  }

  private async restore({ path, before, after }: Checkpoint): Promise<string | undefined> {
    const { kind, size } = await this.files.stat(path);
    if (kind === "other" || kind === "folder") return "It is no file any more.";
    if ((await this.files.realPath(path)) !== path) return "It is a link now.";
    const now = kind === "missing" ? null : sha256(await this.files.read(path, size));
    const original = before === null ? null : Buffer.from(before, "base64");
    if (now === (original === null ? null : sha256(original))) return undefined;
    if (now !== after) return "It was changed since.";
    if (original === null) await this.files.remove(path);
    else await this.files.write(path, original);
    return undefined;
  }
}

/** Sorts by step. */
export function partName(run: string, step: number): string {
  return `${run}-part${String(step).padStart(5, "0")}`;
}

export function isPartOf(run: string, name: string): boolean {
  return name.startsWith(`${run}-part`) && /^\d{5}$/.test(name.slice(run.length + 5));
}

/** Checkpoints that last as long as the process. */
export function memoryCheckpoints(): CheckpointStore {
  const runs = new Map<string, Checkpoint[]>();
  return {
    load: (run) => Promise.resolve(structuredClone(runs.get(run) ?? [])),
    save: (run, checkpoints) => {
      if (checkpoints.length === 0) runs.delete(run);
      else runs.set(run, structuredClone(checkpoints));
      return Promise.resolve();
    },
    parts: (run) => Promise.resolve([...runs.keys()].filter((name) => isPartOf(run, name)).sort()),
  };
}
