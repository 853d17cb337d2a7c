import type { MemoryViewEvents, MemoryViewMethods } from "../../src/contract/memoryView";
import { getHost } from "../kit/host";

/** The Memory graph's side of its boundary. */
export const host = getHost<MemoryViewMethods, MemoryViewEvents>();
