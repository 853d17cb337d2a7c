import type { InterventionsViewEvents, InterventionsViewMethods } from "../../src/contract/interventions";
import { getHost } from "../kit/host";

export const host = getHost<InterventionsViewMethods, InterventionsViewEvents>();
