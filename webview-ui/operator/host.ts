import type { OperatorViewEvents, OperatorViewMethods } from "../../src/contract/operator";
import { getHost } from "../kit/host";

export const host = getHost<OperatorViewMethods, OperatorViewEvents>();
