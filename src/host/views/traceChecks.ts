import type { TraceViewMethods } from "../../contract/traceView";
import { integer, object, oneOf, string } from "./checks";
import { commonChecks, type Checks } from "./messageChecks";

const run = string(100);
const line = integer(0, 1 << 30);

/** What the Trace may ask for. */
export const traceChecks: Checks<TraceViewMethods> = {
  ...commonChecks,
  rows: object({ run, from: integer(0, 1 << 30) }),
  entry: object({ run, line }),
  place: object({
    run,
    line,
    token: integer(0, 1 << 24),
    instrument: oneOf("lens", "layers", "attribution", "neurons", "neuron", "attention", "embedding"),
  }),
  openRun: object({ run }),
  openFile: object({ run, line }),
};
