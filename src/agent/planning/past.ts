import type { JournalLine } from "../../contract/agent";
import type { CalibrationSample, PlanNode } from "../../contract/plan";
import { eventsOf } from "../run/journalState";
import { rootId } from "./tree";

/** A plan as its run's journal tells it. */
export interface PlanPast {
  nodes: PlanNode[];
  head: string;
  accepted: boolean;
  calibration: CalibrationSample[];
}

/** Undefined where the run has no plan of this kind. A step that was under way is one of which nothing is known. */
export function planPast(lines: readonly JournalLine[]): PlanPast | undefined {
  const nodes = new Map<string, PlanNode>();
  const past: PlanPast = { nodes: [], head: rootId, accepted: false, calibration: [] };
  for (const event of eventsOf(lines)) {
    if (event.type === "planNode") nodes.set(event.node.id, event.node);
    else if (event.type === "planState") past.head = event.head;
    else if (event.type === "plan") past.accepted ||= event.accepted === true;
    else if (event.type === "calibration") past.calibration.push(event.sample);
  }
  if (!nodes.has(rootId)) return undefined;
  past.nodes = [...nodes.values()].map((node) =>
    node.status === "running"
      ? {
          ...node,
          status: "unknown" as const,
          reason: "It was under way when the run broke off: what it did is not known.",
        }
      : node,
  );
  return past;
}
