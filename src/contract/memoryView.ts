import type { ErrorData } from "./errors";
import type { MemoryMethods, MemoryState, MemoryWhy } from "./memory";
import type { Method } from "./method";
import type { CommonViewMethods } from "./view";

/** Where a node of the graph was drawn, by its id. */
export type MemoryPositions = Record<string, [x: number, y: number]>;

/** What may be asked of the graph when it is opened. */
export interface MemoryGraphRequest {
  /** Grows with each request, so that the same one can be made twice. */
  number: number;
  /** Nodes to show; the first is opened. */
  ids?: string[];
  /** What an answer was given; highlighted. */
  why?: MemoryWhy;
}

/** Event `state` of the Memory graph. The graph itself is asked for: it may be large. */
export interface MemoryPanelState {
  /** Grows when memories have changed; the graph is asked for again. */
  revision: number;
  /** null where there is no memory to show, which `missing` tells. */
  memory: MemoryState | null;
  missing: ErrorData | null;
  request: MemoryGraphRequest | null;
}

/** What a panel may ask of the memory itself. Export, import and writing by others stay out of its reach. */
export const memoryPanelMethods = [
  "memoryDetail",
  "memoryGraph",
  "memoryWhy",
  "memoryEdit",
  "memoryMerge",
  "memoryPin",
  "memoryForget",
  "memoryUndo",
  "memoryReflect",
  "memoryApprove",
  "memoryRefuse",
] as const satisfies readonly (keyof MemoryMethods)[];

export type MemoryPanelMethod = (typeof memoryPanelMethods)[number];

export type MemoryViewMethods = CommonViewMethods &
  Pick<MemoryMethods, MemoryPanelMethod> & {
    /** Where the nodes lay when the graph was last open. */
    memoryPositions: Method<object, MemoryPositions>;
    keepMemoryPositions: Method<{ positions: MemoryPositions }, null>;
    /** Opens the file of a run. */
    openMemoryRun: Method<{ run: string }, null>;
  };

export interface MemoryViewEvents {
  state: MemoryPanelState;
}
