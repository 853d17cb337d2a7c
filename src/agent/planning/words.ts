import type { PlanNode, PlanStatus } from "../../contract/plan";
import type { Under } from "./actor";
import { bestPath } from "./choose";
import type { Fit } from "./thoughts";
import { rootId, type PlanTree } from "./tree";

/** What was expected and what came, for people and for whoever proposes the next steps. */
export function surpriseText(node: PlanNode, seen: string, { nats, natsPerToken }: Fit): string {
  const expected = node.expect || node.prediction?.seen || "nothing in particular";
  const measure =
    nats === undefined || natsPerToken === undefined
      ? ""
      : ` (${nats.toFixed(1)} nats, ${natsPerToken.toFixed(2)} a token)`;
  return `"${node.intent}" was expected to show: ${expected.slice(0, 200)}; what came: ${seen.replace(/\s+/g, " ").slice(0, 300)}${measure}`;
}

function doneSteps(tree: PlanTree, head: string): string {
  const done = tree.path(head).filter(({ id, status }) => id !== rootId && status === "done");
  return done.length === 0
    ? "Nothing was done."
    : `Done: ${done.map(({ intent }, i) => `${i + 1}. ${intent}`).join("; ")}.`;
}

/** What was reached, without asking the brain: what was done, what came last, and the way that looked best. */
export function bestSoFar(why: string, tree: PlanTree, head: string): string {
  const seen = tree.get(head).observed;
  const ahead = bestPath(tree, head).map(({ intent }) => intent);
  return [
    why,
    doneSteps(tree, head),
    ...(seen ? [`Last seen: ${seen.slice(0, 1_000)}`] : []),
    ...(ahead.length > 0 ? [`The best way found from there: ${ahead.join("; ")}.`] : []),
  ]
    .filter(Boolean)
    .join("\n");
}

/** Exactly how far a step had come when the run was stopped, and what is true of its action. */
export function stoppedText(
  node: PlanNode | undefined,
  under: Under | undefined,
  tree: PlanTree,
  head: string,
): { text: string; status: PlanStatus } {
  const before = tree.has(rootId) ? doneSteps(tree, head) : "Nothing was done.";
  if (!node) return { text: `Stopped while planning: no action was under way. ${before}`, status: "open" };
  const name = `"${node.intent}"${under ? ` (${under.summary})` : ""}`;
  if (!under) return { text: `Stopped before ${name} was begun: nothing of it was done. ${before}`, status: "open" };
  if (under.state === "asked")
    return { text: `Stopped before ${name} was allowed: nothing of it was done. ${before}`, status: "open" };
  if (under.state === "over")
    return { text: `Stopped after ${name} was done, before its result was weighed. ${before}`, status: "done" };
  const back = under.reversible ? "Its file changes can be taken back." : "It cannot be taken back.";
  return {
    text: `Stopped while ${name} was under way: whether it was done, wholly or in part, is not known. ${back} Check before it is repeated. ${before}`,
    status: "unknown",
  };
}
