import { fail } from "../../contract/errors";
import { journalState, parseLines } from "../run/journalState";
import { planPast } from "./past";
import { PlanRun, type PlanPorts } from "./run";

/** Goes on with a run that plans; undefined where the run is none. An answered one fails with `badArgument`. */
export async function resumePlan(ports: PlanPorts, id: string): Promise<PlanRun | undefined> {
  const lines = await ports.journal.read(id);
  const parsed = parseLines(lines);
  const plan = planPast(parsed);
  if (!plan) return undefined;
  const state = journalState(parsed);
  if (state.end?.type === "answer")
    fail("badArgument", "This run has its answer already.", { remedy: "Give a new goal." });
  const run = new PlanRun(ports, state.goal, id, { state, plan });
  await run.resumed(lines);
  return run;
}
