import type { PlanEdit, PlanNode } from "../../contract/plan";
import { fail } from "../../contract/errors";
import { noCost, rootId, type PlanTree } from "./tree";

const longest = 400;

/**
 * Does to the tree what a person asked, and says it in a sentence. What is done already stays done: it fails with
 * `badArgument`, as does an edit of a node that is not there.
 */
export function applyEdit(tree: PlanTree, edit: PlanEdit): string {
  const node = tree.get(edit.node);
  const name = `"${node.intent.slice(0, 80)}"`;
  if (node.id === rootId && edit.kind !== "insert") fail("badArgument", "The plan's beginning cannot be changed.");
  switch (edit.kind) {
    case "forbid":
      mustBeAhead(node);
      for (const each of [node, ...tree.below(node.id)]) {
        tree.change(each.id, {
          status: "forbidden",
          pinned: false,
          reason: `Forbidden by the user${each === node ? "" : ` with ${name}`}.`,
        });
      }
      return `Forbidden: ${name}.`;
    case "allow":
      if (node.status !== "forbidden" && node.status !== "pruned") fail("badArgument", `${name} is not forbidden.`);
      for (const each of [...tree.path(node.id), ...tree.below(node.id)]) {
        if (each.status === "forbidden" || each.status === "pruned")
          tree.change(each.id, { status: "open", reason: "Allowed by the user." });
      }
      return `Allowed again: ${name}.`;
    case "pin":
      mustBeAhead(node);
      if (edit.on) open(tree, node);
      tree.change(node.id, { pinned: edit.on });
      return `${edit.on ? "Pinned" : "No longer pinned"}: ${name}.`;
    case "try":
      mustBeAhead(node);
      open(tree, node);
      for (const each of tree.path(node.id)) if (ahead(each)) tree.change(each.id, { pinned: true });
      return `To be tried next: ${name}.`;
    case "insert":
      return insert(tree, node, edit);
    case "move":
      return move(tree, node, edit.by);
    case "swap":
      return swap(tree, node, edit.with);
  }
}

function ahead({ status, id }: PlanNode): boolean {
  return id !== rootId && status !== "done" && status !== "failed" && status !== "running" && status !== "unknown";
}

function mustBeAhead(node: PlanNode): void {
  if (!ahead(node))
    fail("badArgument", "This step is done or under way.", { remedy: "Change a step that is still ahead." });
}

/** A node the user wants is open again, with everything above it. */
function open(tree: PlanTree, node: PlanNode): void {
  for (const each of tree.path(node.id)) {
    if (each.status === "pruned" || each.status === "forbidden")
      tree.change(each.id, { status: "open", reason: "Wanted by the user." });
  }
}

function insert(
  tree: PlanTree,
  node: PlanNode,
  { intent, expect, before }: Extract<PlanEdit, { kind: "insert" }>,
): string {
  const clean = intent.replace(/\s+/g, " ").trim().slice(0, longest);
  if (clean === "") fail("badArgument", "The step says nothing.");
  if (before) mustBeAhead(node);
  if (before && node.id === rootId) fail("badArgument", "Nothing comes before the plan's beginning.");
  const parent = before ? node.parent! : node.id;
  const follows = before ? [node] : tree.children(node.id).filter(ahead);
  const made = tree.add({
    parent,
    intent: clean,
    expect: expect.replace(/\s+/g, " ").trim().slice(0, longest),
    by: "user",
    pinned: true,
    reason: "The user's own step.",
    ...(before ? { order: node.order } : {}),
  });
  // What followed comes after it now; its state is another one, so it is valued anew.
  follows.forEach((each, i) => tree.change(each.id, { parent: made.id, order: i, ...afresh }));
  return `Inserted: "${clean.slice(0, 80)}".`;
}

const afresh = { value: null, reality: "proposed" as const, goal: false, cost: noCost() };

function move(tree: PlanTree, node: PlanNode, by: -1 | 1): string {
  const siblings = tree.children(node.parent!);
  const from = siblings.findIndex(({ id }) => id === node.id);
  const other = siblings[from + by];
  if (!other) return `"${node.intent.slice(0, 80)}" is ${by < 0 ? "first" : "last"} already.`;
  siblings.splice(from, 1);
  siblings.splice(from + by, 0, node);
  siblings.forEach(({ id }, i) => tree.change(id, { order: i, ranked: true }));
  return `"${node.intent.slice(0, 80)}" is ${by < 0 ? "preferred to" : "left behind"} "${other.intent.slice(0, 80)}".`;
}

/** Two steps of a path change places; what was thought of their states no longer holds. */
function swap(tree: PlanTree, node: PlanNode, which: "before" | "after"): string {
  const [first, second] =
    which === "before" ? [tree.get(node.parent ?? rootId), node] : [node, tree.children(node.id).find(ahead)];
  if (!second || first.id === rootId) fail("badArgument", "There is no step to change places with.");
  mustBeAhead(first);
  mustBeAhead(second);
  const content = ({ intent, expect, by, pinned, votes }: PlanNode): Partial<PlanNode> => ({
    intent,
    expect,
    by,
    pinned,
    votes,
  });
  for (const [at, from] of [
    [first, second],
    [second, first],
  ] as const) {
    // The action was made for the other place: it is chosen again.
    const { action: _action, judged: _judged, prediction: _prediction, ...rest } = tree.get(at.id);
    tree.replace({ ...rest, ...content(from), ...afresh, status: "open", reason: "Moved by the user." });
  }
  return `"${second.intent.slice(0, 80)}" comes before "${first.intent.slice(0, 80)}" now.`;
}
