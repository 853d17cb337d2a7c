import { stratify, tree } from "d3-hierarchy";
import type { PlanNode } from "../../src/contract/plan";

export const box = { width: 196, height: 46, gapX: 44, gapY: 12 } as const;

export interface Placed {
  node: PlanNode;
  x: number;
  y: number;
  depth: number;
  children: string[];
  parent: string | null;
}

export interface Laid {
  placed: Map<string, Placed>;
  /** Top to bottom, parents before children. */
  order: string[];
  width: number;
  height: number;
}

const margin = 16;

/** Places the nodes from left to right, siblings in their order from top to bottom. */
export function layOut(nodes: readonly PlanNode[]): Laid {
  const known = new Set(nodes.map(({ id }) => id));
  const whole = nodes.filter(({ parent }) => parent === null || known.has(parent));
  if (whole.length === 0) return { placed: new Map(), order: [], width: 0, height: 0 };
  const root = stratify<PlanNode>()
    .id(({ id }) => id)
    .parentId(({ parent }) => parent)([...whole]);
  root.sort((a, b) => a.data.order - b.data.order);
  const laid = tree<PlanNode>()
    .nodeSize([box.height + box.gapY, box.width + box.gapX])
    .separation(() => 1)(root);
  const top = Math.min(...laid.descendants().map(({ x }) => x));
  const placed = new Map<string, Placed>();
  const order: string[] = [];
  laid.eachBefore(({ data, x, y, depth, children = [] }) => {
    order.push(data.id);
    placed.set(data.id, {
      node: data,
      x: y + margin,
      y: x - top + margin,
      depth,
      children: children.map((child) => child.data.id),
      parent: data.parent,
    });
  });
  const all = [...placed.values()];
  return {
    placed,
    order,
    width: Math.max(...all.map(({ x }) => x)) + box.width + margin,
    height: Math.max(...all.map(({ y }) => y)) + box.height + margin,
  };
}

/** Where an arrow key leads. */
export function neighbour(laid: Laid, from: string, key: string): string | undefined {
  const at = laid.placed.get(from);
  if (!at) return laid.order[0];
  if (key === "ArrowLeft") return at.parent ?? undefined;
  if (key === "ArrowRight") return at.children[0];
  const level = laid.order.filter((id) => laid.placed.get(id)!.depth === at.depth);
  const place = level.indexOf(from);
  if (key === "ArrowUp") return level[place - 1];
  if (key === "ArrowDown") return level[place + 1];
  if (key === "Home") return laid.order[0];
  return key === "End" ? laid.order.at(-1) : undefined;
}
