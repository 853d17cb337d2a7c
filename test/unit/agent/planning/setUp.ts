import { PlanRun } from "../../../../src/agent/planning/run";
import { emptyPlanView, withPlanEvent } from "../../../../src/agent/planning/view";
import type { AgentEvent, GoalParams } from "../../../../src/contract/agent";
import type { Brain } from "../../../../src/contract/brain";
import type { CalibrationSample, PlanNode, PlanView } from "../../../../src/contract/plan";
import { setUp, type SetUp } from "../loop/setUp";

export interface Planned {
  events: AgentEvent[];
  view: PlanView;
  last: AgentEvent;
  /** The node of an intent. */
  node(intent: string): PlanNode;
}

export interface Bench extends SetUp {
  kept: CalibrationSample[];
  plan(params?: Partial<GoalParams>, prepare?: (run: PlanRun) => void): Promise<Planned>;
}

export async function bench(brain: Brain, options: Parameters<typeof setUp>[1] = {}): Promise<Bench> {
  const made = await setUp(brain, options);
  const kept: CalibrationSample[] = [];
  const calibration = {
    load: () => Promise.resolve([...kept]),
    add: (sample: CalibrationSample) => (kept.push(sample), Promise.resolve()),
  };
  return {
    ...made,
    kept,
    plan: async (params = {}, prepare) => {
      const run = new PlanRun({ ...made.ports, calibration }, { goal: "Reach it", mode: "plan", ...params }, "r1");
      prepare?.(run);
      return follow(run);
    },
  };
}

export async function follow(run: PlanRun): Promise<Planned> {
  const events: AgentEvent[] = [];
  let view = emptyPlanView(run.id);
  run.onEvent((event) => {
    events.push(event);
    view = withPlanEvent(view, event);
  });
  const last = await run.start();
  const node = (intent: string): PlanNode => {
    const found = view.nodes.find((each) => each.intent === intent);
    if (!found) throw new Error(`no node ${intent} among ${view.nodes.map((each) => each.intent).join(", ")}`);
    return found;
  };
  return { events, view, last, node };
}
