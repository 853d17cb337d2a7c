import type { PlanNode } from "../../contract/plan";
import type { PlanTree } from "./tree";

/** Whether a node may still be gone through. */
export function passable({ status }: PlanNode): boolean {
  return status === "open";
}

/** Open ends below `head` that can be reached through open nodes; `head` itself where nothing below is open. */
export function openEnds(tree: PlanTree, head: string): PlanNode[] {
  const ends: PlanNode[] = [];
  const visit = (id: string): void => {
    const children = tree.children(id).filter(passable);
    if (children.length === 0) ends.push(tree.get(id));
    else children.forEach((child) => visit(child.id));
  };
  visit(head);
  return ends;
}

/**
 * Which of two open ends comes first: what a person pinned, then what they put first, then one that reaches the goal,
 * then the higher value, then the shorter way, then what the model proposed first.
 */
export function compareEnds(tree: PlanTree, a: PlanNode, b: PlanNode): number {
  const [above, beside] = [tree.path(a.id), tree.path(b.id)];
  const at = above.findIndex((node, i) => node.id !== beside[i]?.id);
  const [one, other] = [above[at], beside[at]];
  if (!one || !other) return beside.length - above.length;
  const pins = wanted(tree, other) - wanted(tree, one);
  if (pins !== 0) return pins;
  if (one.ranked && other.ranked) return one.order - other.order;
  if (a.goal !== b.goal) return a.goal ? -1 : 1;
  const values = (b.value ?? unvalued) - (a.value ?? unvalued);
  if (Math.abs(values) > 1e-9) return values;
  return above.length - beside.length || one.order - other.order;
}

const unvalued = 0.5;

/** 1 where the user wants the node or something open below it. */
function wanted(tree: PlanTree, node: PlanNode): number {
  return node.pinned || tree.below(node.id).some((each) => each.pinned && passable(each)) ? 1 : 0;
}

export function bestEnd(tree: PlanTree, ends: readonly PlanNode[]): PlanNode | undefined {
  return ends.reduce<PlanNode | undefined>(
    (best, end) => (best === undefined || compareEnds(tree, end, best) < 0 ? end : best),
    undefined,
  );
}

/** The steps from `head` (left out) to the best open end below it. */
export function bestPath(tree: PlanTree, head: string): PlanNode[] {
  const end = bestEnd(
    tree,
    openEnds(tree, head).filter(({ id }) => id !== head),
  );
  if (!end) return [];
  const path = tree.path(end.id);
  return path.slice(path.findIndex(({ id }) => id === head) + 1);
}
