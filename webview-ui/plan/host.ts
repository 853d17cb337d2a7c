import type { PlanViewEvents, PlanViewMethods } from "../../src/contract/planView";
import { getHost } from "../kit/host";

export const host = getHost<PlanViewMethods, PlanViewEvents>();
