import { toolLine } from "../../prompts/tools";
import type { ToolRegistry } from "../registry";
import type { Tool } from "../tool";
import type { Found, Picked, PickQuery, ToolSelector } from "./selector";
import { ToolIndex, type VectorPort } from "./toolIndex";

export interface SelectorOptions {
  /** Tools offered at a step at most, whatever the budget. */
  most?: number;
  /** Goals that a tool served, for the index. */
  goalsOf?: (name: string) => readonly string[];
  vectors?: VectorPort;
  now?: () => number;
}

/** Always offered when anything is left out: with it the model asks for the rest. */
const door = "find_tools";

/**
 * Chooses the tools of a step: all of them while they fit, else those just used, those the model asked for, and the best
 * found for the goal and the latest observation. Earlier offers keep their place, so that the prompt's beginning stays.
 */
export class HybridSelector implements ToolSelector {
  private index: { version: number; tools: ToolIndex } | undefined;
  private readonly vectors = new Map<string, Float32Array>();
  private readonly asked = new Map<string, string[]>();
  private readonly offered = new Map<string, string[]>();

  constructor(
    private readonly registry: ToolRegistry,
    private readonly options: SelectorOptions = {},
  ) {}

  async search(query: string, k: number): Promise<Found[]> {
    const index = await this.current();
    const vector = (await this.options.vectors?.embed([query.slice(0, 2_000)]))?.[0];
    return index.search(query, k, "", vector);
  }

  keep(run: string, names: readonly string[]): void {
    this.asked.set(run, [...new Set([...names, ...(this.asked.get(run) ?? [])])].slice(0, 12));
  }

  async pick(query: PickQuery): Promise<Picked> {
    const now = this.options.now ?? (() => performance.now());
    const started = now();
    const all = this.registry.all();
    const most = this.options.most ?? 24;
    const sizes = new Map<string, number>();
    const size = async (tool: Tool): Promise<number> => {
      const known = sizes.get(tool.name);
      if (known !== undefined) return known;
      const tokens = (await query.count(toolLine(tool))) + 1;
      sizes.set(tool.name, tokens);
      return tokens;
    };
    const because: Record<string, string> = {};
    if (all.length <= most && (await sum(all, size)) <= query.budget) {
      for (const { name } of all) because[name] = "all tools fit";
      return { tools: this.ordered(query.run, all), because, ms: now() - started };
    }
    const wanted: [string, string][] = [
      [door, "finds the others"],
      ...(this.asked.get(query.run) ?? []).map((name): [string, string] => [name, "asked for"]),
      ...query.recent.map((name): [string, string] => [name, "just used"]),
      ...(await this.found(query, most)).map(({ name }, i): [string, string] => [
        name,
        `found for the goal, place ${i + 1}`,
      ]),
    ];
    const picked: Tool[] = [];
    let left = query.budget;
    for (const [name, why] of wanted) {
      const tool = this.registry.get(name);
      if (!tool || because[name] !== undefined || picked.length >= most) continue;
      const tokens = await size(tool);
      // Whatever the budget, one tool beside the door is offered: a step without any could do nothing.
      if (tokens > left && picked.length > 1) continue;
      left -= tokens;
      because[name] = why;
      picked.push(tool);
    }
    return { tools: this.ordered(query.run, picked), because, ms: now() - started };
  }

  private async found(query: PickQuery, k: number): Promise<Found[]> {
    const index = await this.current();
    const vector = (await this.options.vectors?.embed([query.goal.slice(0, 2_000)]))?.[0];
    return index.search(query.goal, k, query.seen, vector);
  }

  private ordered(run: string, tools: readonly Tool[]): Tool[] {
    const before = this.offered.get(run) ?? [];
    const place = (tool: Tool): number => {
      const at = before.indexOf(tool.name);
      return at < 0 ? before.length : at;
    };
    const sorted = [...tools].sort((a, b) => place(a) - place(b));
    if (this.offered.size > 100) this.offered.clear();
    this.offered.set(
      run,
      sorted.map(({ name }) => name),
    );
    return sorted;
  }

  private async current(): Promise<ToolIndex> {
    const { version } = this.registry;
    if (this.index?.version === version) return this.index.tools;
    const { goalsOf, vectors } = this.options;
    const tools = new ToolIndex(this.registry.all().map((tool) => ({ ...tool, goals: goalsOf?.(tool.name) ?? [] })));
    if (vectors) await tools.embed(vectors, this.vectors);
    this.index = { version, tools };
    return tools;
  }
}

async function sum(tools: readonly Tool[], size: (tool: Tool) => Promise<number>): Promise<number> {
  const sizes = await Promise.all(tools.map(size));
  return sizes.reduce((total, n) => total + n, 0);
}
