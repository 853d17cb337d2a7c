import type { MemoryEntity } from "../../../contract/memory";
import type { Triple } from "../../prompts/triples";
import { put, type Op, type StoredRecord } from "../rows";
import { entityId, plainName, relationId } from "./names";
import type { MemoryGraph } from "./memoryGraph";

/** Names that stand for anything. */
const noName = new Set([
  "",
  "it",
  "he",
  "she",
  "they",
  "this",
  "that",
  "there",
  "we",
  "you",
  "i",
  "one",
  "none",
  "unknown",
]);

/**
 * What triples of a record add to the graph: entities by their names, relations with the record as evidence, the record's
 * ties. Doing it twice changes nothing.
 */
export function tripleOps(
  graph: MemoryGraph,
  record: StoredRecord | undefined,
  triples: readonly Triple[],
  time: string,
): Op[] {
  const entities = new Map<string, MemoryEntity>();
  const relations = new Map<string, Op>();
  const tied = new Set(record?.entities ?? []);
  const entity = (name: string): MemoryEntity | undefined => {
    const plain = plainName(name);
    if (noName.has(plain) || name.length > 200) return undefined;
    const known = graph.named(name)[0] ?? entityId(name);
    const made: MemoryEntity = entities.get(known) ??
      graph.entities.get(known) ?? {
        id: known,
        name: name.trim(),
        aliases: [],
        time,
        records: [],
        pinned: false,
        communities: [],
      };
    entities.set(known, made);
    return made;
  };
  for (const { subject, relation, object } of triples) {
    const [from, to] = [entity(subject), entity(object)];
    if (!from || !to || relation.trim() === "") continue;
    tied.add(from.id).add(to.id);
    const id = relationId(from.id, relation, to.id);
    const old = graph.relations.get(id);
    const records = [...new Set([...(old?.records ?? []), ...(record ? [record.id] : [])])];
    if (old && old.validTo === null && records.length === old.records.length) continue;
    relations.set(
      id,
      put("relations", {
        id,
        from: from.id,
        to: to.id,
        relation: relation.trim().slice(0, 200),
        time: old?.time ?? record?.time ?? time,
        validFrom: old?.validFrom ?? record?.validFrom ?? time,
        validTo: null,
        records,
        fromName: from.name,
        toName: to.name,
      }),
    );
  }
  const fresh = [...entities.values()].filter(({ id }) => !graph.entities.has(id));
  return [
    ...fresh.map((value) => put("entities", value)),
    ...relations.values(),
    ...(record ? [put("records", { ...record, entities: [...tied], extracted: true })] : []),
  ];
}
