import type { AgentEvent } from "../../contract/agent";
import type { PlanView } from "../../contract/plan";
import { planSettings } from "./settings";
import { rootId } from "./tree";

export function emptyPlanView(run: string): PlanView {
  return {
    run,
    goal: "",
    brain: "",
    local: false,
    phase: "searching",
    nodes: [],
    path: [],
    head: rootId,
    decisions: [],
    settings: planSettings(),
    spent: { nodes: 0, depth: 0, tokens: 0, ms: 0 },
    notes: [],
    edits: [],
    calibration: [],
  };
}

/** The plan after one more event of its run; the same object where the event does not concern it. */
export function withPlanEvent(view: PlanView, event: AgentEvent): PlanView {
  switch (event.type) {
    case "goal":
      return { ...view, goal: event.goal, brain: event.brain, local: event.local };
    case "planNode": {
      const at = view.nodes.findIndex(({ id }) => id === event.node.id);
      const nodes = at < 0 ? [...view.nodes, event.node] : view.nodes.with(at, event.node);
      return { ...view, nodes };
    }
    case "planDecision": {
      const { id, node, kind } = event.decision;
      return { ...view, decisions: [...view.decisions, { id, node, kind }] };
    }
    case "planState": {
      const { phase, path, head, settings, spent, note } = event;
      return {
        ...view,
        phase,
        path,
        head,
        settings,
        spent,
        ...(note === undefined ? {} : { notes: [...view.notes, note] }),
      };
    }
    case "planEdit":
      return { ...view, edits: [...view.edits, event.text] };
    case "calibration":
      return { ...view, calibration: [...view.calibration, event.sample] };
    case "answer":
    case "stopped":
    case "error":
      return { ...view, phase: "over" };
    default:
      return view;
  }
}
