import type { MemoryFilter } from "../../contract/memory";
import type { MemoryPositions, MemoryViewMethods } from "../../contract/memoryView";
import { array, boolean, integer, nothing, number, object, oneOf, optional, string, wrong, type Check } from "./checks";
import { commonChecks, type Checks } from "./messageChecks";

const id = string(200);
const time = string(40);
/** As much as a memory may hold that a person writes by hand. */
const text = string(20_000);

const filter: Check<MemoryFilter> = object({
  nodes: optional(array(oneOf("record", "thought", "entity", "relation"), 4)),
  kinds: optional(array(string(60), 20)),
  run: optional(id),
  from: optional(time),
  to: optional(time),
  pinned: optional(boolean),
  closed: optional(boolean),
  community: optional(id),
});

const coordinate = number(-1e7, 1e7);

const positions: Check<MemoryPositions> = (value, place) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong(place, "an object");
  const entries = Object.entries(value);
  if (entries.length > 50_000) return wrong(place, "of at most 50000 nodes");
  return Object.fromEntries(
    entries.map(([key, point]) => {
      const [x, y, ...rest] = array(coordinate, 2)(point, `${place}.${key.slice(0, 40)}`);
      if (x === undefined || y === undefined || rest.length > 0) return wrong(place, "pairs of numbers");
      return [id(key, place), [x, y]];
    }),
  );
};

/** A run's name as the journal makes it, so that no view names a path. */
export const runName: Check<string> = (value, place) => {
  const name = string(64)(value, place);
  return /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name) ? name : wrong(place, "the name of a run");
};

/** What a message of the Memory graph may hold. */
export const memoryChecks: Checks<MemoryViewMethods> = {
  ...commonChecks,
  memoryDetail: object({ id }),
  memoryGraph: object({ limit: integer(1, 20_000), filter: optional(filter) }),
  memoryWhy: object({ run: optional(id) }),
  memoryEdit: object({ id, text }),
  memoryMerge: object({ ids: array(id, 100), into: id }),
  memoryPin: object({ id, pinned: boolean }),
  memoryForget: object({ ids: array(id, 1000) }),
  memoryUndo: nothing,
  memoryReflect: object({ seconds: optional(number(1, 86_400)) }),
  memoryApprove: object({ id, text: optional(text) }),
  memoryRefuse: object({ id }),
  memoryPositions: nothing,
  keepMemoryPositions: object({ positions }),
  openMemoryRun: object({ run: runName }),
};
