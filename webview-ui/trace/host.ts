import type { TraceViewEvents, TraceViewMethods } from "../../src/contract/traceView";
import { getHost } from "../kit/host";

export const host = getHost<TraceViewMethods, TraceViewEvents>();
