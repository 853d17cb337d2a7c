import type { ToolUse } from "../../../contract/tool";

/** The folder of tool files. Names are without ending; writing replaces a file as a whole. */
export interface ToolFilesPort {
  list(): Promise<string[]>;
  read(name: string): Promise<string>;
  write(name: string, source: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Where the file is, for people. */
  path(name: string): string;
}

/** What a person approved: the hash of a tool's text. Kept outside the workspace, so that no repository brings its own. */
export interface ToolApprovalStore {
  load(): Promise<Record<string, string>>;
  save(hashes: Record<string, string>): Promise<void>;
}

/** How tools have done; a file beside them that people may read. */
export interface ToolUseStore {
  load(): Promise<Record<string, ToolUse>>;
  save(uses: Record<string, ToolUse>): Promise<void>;
}

export const unused: ToolUse = { calls: 0, successes: 0, totalMs: 0, lastUsed: "", goals: [] };

const goalsKept = 20;

/** A use added. */
export function counted(
  use: ToolUse,
  { ok, ms, goal, error, at }: { ok: boolean; ms: number; goal: string; error?: string; at: string },
): ToolUse {
  const goals = ok ? [goal.slice(0, 300), ...use.goals.filter((each) => each !== goal)].slice(0, goalsKept) : use.goals;
  const { lastError: _, ...rest } = use;
  return {
    ...rest,
    calls: use.calls + 1,
    successes: use.successes + (ok ? 1 : 0),
    totalMs: use.totalMs + ms,
    lastUsed: at,
    goals,
    ...(ok
      ? use.lastError === undefined
        ? {}
        : { lastError: use.lastError }
      : { lastError: (error ?? "").slice(0, 300) }),
  };
}

export function memoryToolFiles(initial: Record<string, string> = {}): ToolFilesPort & { files: Map<string, string> } {
  const files = new Map(Object.entries(initial));
  return {
    files,
    list: () => Promise.resolve([...files.keys()].sort()),
    read: (name) => Promise.resolve(files.get(name) ?? ""),
    write: (name, source) => Promise.resolve(void files.set(name, source)),
    remove: (name) => Promise.resolve(void files.delete(name)),
    path: (name) => `.vitrine/tools/${name}.ts`,
  };
}

export function memoryRecord<T>(initial: Record<string, T> = {}): {
  load(): Promise<Record<string, T>>;
  save(value: Record<string, T>): Promise<void>;
} {
  let kept = structuredClone(initial);
  return {
    load: () => Promise.resolve(structuredClone(kept)),
    save: (value) => {
      kept = structuredClone(value);
      return Promise.resolve();
    },
  };
}
