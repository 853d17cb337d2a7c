import type { PlanCost, PlanNode } from "../../contract/plan";
import { fail } from "../../contract/errors";

export const rootId = "root";

/** A plan as its nodes. What changes is remembered until it is told, so that a trace holds each node as it came to be. */
export class PlanTree {
  private readonly nodes = new Map<string, PlanNode>();
  private readonly changed = new Set<string>();
  private made = 0;

  static of(nodes: readonly PlanNode[]): PlanTree {
    const tree = new PlanTree();
    for (const node of nodes) {
      tree.nodes.set(node.id, node);
      // Whoever follows the run from here on is told the whole tree.
      tree.changed.add(node.id);
    }
    tree.made = Math.max(0, ...nodes.map(({ id }) => Number(/^n(\d+)$/.exec(id)?.[1] ?? 0)));
    return tree;
  }

  /** Nodes without the root. */
  get size(): number {
    return Math.max(0, this.nodes.size - 1);
  }

  all(): PlanNode[] {
    return [...this.nodes.values()];
  }

  has(id: string): boolean {
    return this.nodes.has(id);
  }

  get(id: string): PlanNode {
    return this.nodes.get(id) ?? fail("badArgument", `The plan has no node ${JSON.stringify(id.slice(0, 40))}.`);
  }

  root(): PlanNode {
    return this.get(rootId);
  }

  add(node: Partial<PlanNode> & Pick<PlanNode, "intent" | "expect" | "parent">): PlanNode {
    const id = node.parent === null ? rootId : `n${++this.made}`;
    const made: PlanNode = {
      order: this.childrenOf(node.parent).length,
      state: "",
      reality: node.parent === null ? "root" : "proposed",
      status: "open",
      value: null,
      reason: "",
      votes: 1,
      goal: false,
      pinned: false,
      by: "model",
      cost: noCost(),
      ...node,
      id,
    };
    this.nodes.set(id, made);
    this.changed.add(id);
    return made;
  }

  change(id: string, change: Partial<PlanNode>): PlanNode {
    const next = { ...this.get(id), ...change };
    this.nodes.set(id, next);
    this.changed.add(id);
    return next;
  }

  /** Takes the place of the node of its id, with nothing of what that held. */
  replace(node: PlanNode): void {
    this.nodes.set(this.get(node.id).id, node);
    this.changed.add(node.id);
  }

  /** In their order. */
  children(id: string): PlanNode[] {
    return this.childrenOf(id);
  }

  /** From the root to the node, both included. */
  path(id: string): PlanNode[] {
    const path: PlanNode[] = [];
    for (let at: string | null = id; at !== null;) {
      const node: PlanNode = this.get(at);
      path.unshift(node);
      at = node.parent;
    }
    return path;
  }

  depth(id: string): number {
    return this.path(id).length - 1;
  }

  /** All below, without the node itself. */
  below(id: string): PlanNode[] {
    const found: PlanNode[] = [];
    for (const queue = [id]; queue.length > 0;) {
      const children = this.childrenOf(queue.shift()!);
      found.push(...children);
      queue.push(...children.map((child) => child.id));
    }
    return found;
  }

  isBelow(id: string, above: string): boolean {
    return this.path(id).some((node) => node.id === above);
  }

  /** The nodes that changed since the last call, as they are now. */
  news(): PlanNode[] {
    const news = [...this.changed].map((id) => this.get(id));
    this.changed.clear();
    return news;
  }

  private childrenOf(id: string | null): PlanNode[] {
    return this.all()
      .filter(({ parent }) => parent === id && parent !== null)
      .sort((a, b) => a.order - b.order);
  }
}

export function noCost(): PlanCost {
  return { replies: 0, promptTokens: 0, reusedTokens: 0, tokens: 0, ms: 0 };
}

/** What two wordings of the same step have in common. */
export function sameness(text: string): string {
  return text
    .toLowerCase()
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
