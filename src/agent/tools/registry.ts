import { fail } from "../../contract/errors";
import type { ToolInfo, ToolSource } from "../../contract/tool";
import { argumentSchema } from "./calling/normalise";
import type { Tool } from "./tool";

/** Names that models and every wire can write. */
const namePattern = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/;

/** Whose tool keeps a name that several want. A built-in is never replaced. */
const rank: Record<ToolSource, number> = { builtin: 3, forged: 2, vscode: 1, mcp: 0 };

/** The one list of tools, whatever they come from. Listeners are told when it changes. */
export class ToolRegistry {
  private readonly tools = new Map<string, Tool>();
  private readonly listeners = new Set<() => void>();
  private changes = 0;

  /** Counts changes, so that an index knows when it is old. */
  get version(): number {
    return this.changes;
  }

  /**
   * Adds a tool. Its schema is checked and written out plainly; a schema that is refused, a bad name or a name that a
   * tool of equal or higher standing has fails with `badArgument`, and nothing changes.
   */
  add(tool: Tool): void {
    if (!namePattern.test(tool.name))
      fail("badArgument", `${JSON.stringify(tool.name.slice(0, 80))} is no name for a tool.`);
    const other = this.tools.get(tool.name);
    if (
      other &&
      (rank[other.source] > rank[tool.source] ||
        (other.source === tool.source && other.origin !== tool.origin) ||
        other.source === "builtin")
    ) {
      fail("badArgument", `The name ${tool.name} is taken by a ${sourceWord(other.source)}.`, {
        remedy: "Give the tool another name.",
      });
    }
    this.tools.set(tool.name, Object.freeze({ ...tool, parameters: argumentSchema(tool.parameters) }));
    this.changed();
  }

  remove(name: string): boolean {
    const there = this.tools.delete(name);
    if (there) this.changed();
    return there;
  }

  /** Takes out all tools of an origin: a server that went away, a file that was deleted. */
  removeOrigin(source: ToolSource, origin: string): void {
    const gone = [...this.tools.values()].filter((tool) => tool.source === source && tool.origin === origin);
    gone.forEach(({ name }) => this.tools.delete(name));
    if (gone.length > 0) this.changed();
  }

  get(name: string): Tool | undefined {
    return this.tools.get(name);
  }

  all(): Tool[] {
    return [...this.tools.values()];
  }

  infos(): ToolInfo[] {
    return this.all().map(({ name, description, parameters, source, effects, origin, hash }) => ({
      name,
      description,
      parameters,
      source,
      effects: [...effects],
      ...(origin === undefined ? {} : { origin }),
      ...(hash === undefined ? {} : { hash }),
    }));
  }

  /** Names near to a wrong one, for the sentence that answers it. */
  near(name: string, count = 5): string[] {
    const wanted = name.toLowerCase();
    return [...this.tools.keys()]
      .map((each) => ({ each, far: distance(wanted.slice(0, 64), each.toLowerCase()) }))
      .sort((a, b) => a.far - b.far)
      .slice(0, count)
      .map(({ each }) => each);
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private changed(): void {
    this.changes++;
    for (const listener of this.listeners) listener();
  }
}

function sourceWord(source: ToolSource): string {
  return {
    builtin: "built-in tool",
    forged: "tool of this workspace",
    vscode: "tool of the editor",
    mcp: "tool of a server",
  }[source];
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
