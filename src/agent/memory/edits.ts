import type { MemoryEntity } from "../../contract/memory";
import { fail } from "../../contract/errors";
import type { MemoryGraph } from "./graph/memoryGraph";
import { relationId } from "./graph/names";
import { put, remove, tableOf, type Op, type StoredRecord } from "./rows";
import type { MemoryStore } from "./store";

/**
 * What forgetting some memories takes down with them: thoughts and relations that rest on nothing else, and entities that
 * nothing names any more. What rests on others too loses this part of its evidence.
 */
export async function forgetOps(store: MemoryStore, graph: MemoryGraph, ids: readonly string[]): Promise<Op[]> {
  const gone = new Set<string>(ids);
  const changed = new Map<string, Op>();
  const queue = [...ids];
  const suspects = new Set<string>();
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const thought of graph.thoughtsOn.get(id) ?? []) {
      const value = graph.thoughts.get(thought);
      if (!value || gone.has(thought)) continue;
      const evidence = value.evidence.filter((each) => !gone.has(each));
      if (evidence.length === 0) {
        gone.add(thought);
        queue.push(thought);
      } else changed.set(thought, put("thoughts", { ...value, evidence }));
    }
    for (const relation of graph.relationsOn.get(id) ?? []) {
      const value = graph.relations.get(relation);
      if (!value || gone.has(relation)) continue;
      const records = value.records.filter((each) => !gone.has(each));
      if (records.length === 0) {
        gone.add(relation);
        suspects.add(value.from).add(value.to);
      } else changed.set(relation, put("relations", { ...value, records }));
    }
    const relation = graph.relations.get(id);
    if (relation) suspects.add(relation.from).add(relation.to);
    for (const entity of graph.records.get(id)?.entities ?? []) suspects.add(entity);
    if (!graph.entities.has(id)) continue;
    for (const each of graph.relationsAt.get(id) ?? []) {
      gone.add(each);
      const { from = id, to = id } = graph.relations.get(each) ?? {};
      suspects.add(from).add(to);
    }
    const records = await store.get("records", [...(graph.mentions.get(id) ?? [])]);
    for (const record of records.values()) {
      const known = changed.get(record.id);
      const now = known?.put && known.table === "records" ? known.value : record;
      changed.set(record.id, put("records", { ...now, entities: (now.entities ?? []).filter((each) => each !== id) }));
    }
  }
  for (const id of suspects) {
    const entity = graph.entities.get(id);
    if (!entity || gone.has(id) || entity.pinned) continue;
    const named = [...(graph.mentions.get(id) ?? [])].some((record) => !gone.has(record));
    const tied = [...(graph.relationsAt.get(id) ?? [])].some((relation) => !gone.has(relation));
    if (!named && !tied) gone.add(id);
  }
  return [
    ...[...gone].map((id) => remove(tableOf(id).table, id)),
    ...[...changed].filter(([id]) => !gone.has(id)).map(([, op]) => op),
  ];
}

/** Joins entities into one: its relations, mentions and names. */
export async function mergeEntityOps(
  store: MemoryStore,
  graph: MemoryGraph,
  ids: readonly string[],
  into: string,
): Promise<Op[]> {
  const kept = graph.entities.get(into);
  const others = ids.filter((id) => id !== into).flatMap((id) => graph.entities.get(id) ?? []);
  if (!kept || others.length === 0) fail("badArgument", "There is nothing to merge.");
  const gone = new Set(others.map(({ id }) => id));
  const merged: MemoryEntity = {
    ...kept,
    aliases: [...new Set([...kept.aliases, ...others.flatMap(({ name, aliases }) => [name, ...aliases])])],
    pinned: kept.pinned || others.some(({ pinned }) => pinned),
  };
  const moved = (id: string): string => (gone.has(id) ? into : id);
  const ops = new Map<string, Op>([[into, put("entities", merged)]]);
  for (const { id } of others) {
    ops.set(id, remove("entities", id));
    for (const each of graph.relationsAt.get(id) ?? []) {
      const old = graph.relations.get(each);
      if (!old) continue;
      ops.set(each, remove("relations", each));
      const [from, to] = [moved(old.from), moved(old.to)];
      if (from === to) continue;
      const fresh = relationId(from, old.relation, to);
      const there = graph.relations.get(fresh);
      const records = [...new Set([...(there?.records ?? []), ...old.records])];
      ops.set(
        fresh,
        put("relations", {
          ...old,
          id: fresh,
          from,
          to,
          records,
          fromName: graph.entities.get(from)?.name ?? "",
          toName: graph.entities.get(to)?.name ?? "",
        }),
      );
    }
    for (const record of (await store.get("records", [...(graph.mentions.get(id) ?? [])])).values()) {
      const known = ops.get(record.id);
      const now = known?.put && known.table === "records" ? known.value : record;
      ops.set(record.id, put("records", { ...now, entities: [...new Set((now.entities ?? []).map(moved))] }));
    }
  }
  return [...ops.values()];
}

/** Folds records into one: they stay, closed, and say where they went. */
export function mergeRecordOps(records: readonly StoredRecord[], into: string, time: string): Op[] {
  const kept = records.find(({ id }) => id === into);
  if (!kept || records.length < 2) fail("badArgument", "There is nothing to merge.");
  const others = records.filter(({ id }) => id !== into);
  const entities = [...new Set(records.flatMap((record) => record.entities ?? []))];
  const importance = Math.min(1, Math.max(...records.map((record) => record.importance)) + 0.05 * others.length);
  const uses = records.reduce((sum, record) => sum + record.uses, 0);
  return [
    put("records", { ...kept, importance, uses, ...(entities.length > 0 ? { entities } : {}) }),
    ...others.map((record) => put("records", { ...record, validTo: record.validTo ?? time, foldedInto: into })),
  ];
}

/** The ops that bring back what was there before some others. */
export async function inverse(store: MemoryStore, ops: readonly Op[]): Promise<Op[]> {
  const out: Op[] = [];
  for (const op of ops) {
    const id = op.put ? op.value.id : op.id;
    const before = await store.one(op.table, id);
    out.push(before ? put(op.table, before as never) : remove(op.table, id));
  }
  return out;
}
