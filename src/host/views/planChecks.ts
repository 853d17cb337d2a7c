import type { PlanEdit } from "../../contract/plan";
import type { PlanViewMethods } from "../../contract/planView";
import { boolean, either, integer, kinds, object, oneOf, string } from "./checks";
import { commonChecks, type Checks } from "./messageChecks";

const run = string(100);
const node = string(40);
const one = oneOf(-1, 1);

const edit = kinds<PlanEdit>({
  forbid: object({ kind: oneOf("forbid"), node }),
  allow: object({ kind: oneOf("allow"), node }),
  try: object({ kind: oneOf("try"), node }),
  pin: object({ kind: oneOf("pin"), node, on: boolean }),
  insert: object({ kind: oneOf("insert"), node, intent: string(400), expect: string(400), before: boolean }),
  move: object({ kind: oneOf("move"), node, by: one }),
  swap: object({ kind: oneOf("swap"), node, with: oneOf("before", "after") }),
});

/** What the plan's panel may ask for. */
export const planChecks: Checks<PlanViewMethods> = {
  ...commonChecks,
  edit: object({ run, edit }),
  decisions: object({ run, node }),
  look: object({
    run,
    decision: string(80),
    instrument: oneOf("lens", "layers", "attribution", "neurons", "neuron", "attention", "embedding"),
  }),
  openTrace: object({ run, step: either(integer(0, 1 << 30), oneOf(null)) }),
};
