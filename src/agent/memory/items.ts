import type { MemoryFilter, MemoryItem, MemorySource } from "../../contract/memory";
import type { Stored, ValueOf } from "./rows";

type Shown = "records" | "thoughts" | "entities" | "relations";

/** Any memory as lists show it. */
export function itemOf<T extends Shown>(table: T, value: ValueOf<T>): MemoryItem {
  const stored = { table, value } as Stored;
  switch (stored.table) {
    case "records": {
      const { id, kind, text, time, source, taint, importance, outcome, pinned, validTo, foldedInto } = stored.value;
      return {
        id,
        node: "record",
        kind,
        text,
        time,
        source,
        ...(taint === undefined ? {} : { taint }),
        importance,
        ...(outcome === undefined ? {} : { outcome }),
        pinned,
        valid: validTo === null && foldedInto === undefined,
      };
    }
    case "thoughts": {
      const { id, kind, text, time, importance, pinned } = stored.value;
      return { id, node: "thought", kind, text, time, source: { by: "reflection" }, importance, pinned, valid: true };
    }
    case "entities": {
      const { id, name, time, pinned } = stored.value;
      return { id, node: "entity", kind: "entity", text: name, time, pinned, valid: true };
    }
    case "relations": {
      const { id, from, to, fromName = from, toName = to, relation, time, validTo } = stored.value;
      const text = `${fromName} ${relation} ${toName}`;
      return { id, node: "relation", kind: "relation", text, time, pinned: false, valid: validTo === null };
    }
    default:
      throw new TypeError(`${table} holds no memories.`);
  }
}

export function matches(item: MemoryItem, filter: MemoryFilter, source?: MemorySource): boolean {
  const { nodes, kinds, run, from, to, pinned, closed = false } = filter;
  return (
    (!nodes || nodes.includes(item.node)) &&
    (!kinds || kinds.includes(item.kind)) &&
    (run === undefined || (source ?? item.source)?.run === run) &&
    (from === undefined || item.time >= from) &&
    (to === undefined || item.time <= to) &&
    (pinned === undefined || item.pinned === pinned) &&
    (closed || item.valid)
  );
}
