import type { MemoryEntity, MemoryRelation, MemoryThought } from "../../../contract/memory";
import { parseJson } from "../../prompts/spacedJson";
import type { Op, StoredRecord } from "../rows";
import type { MemoryStore } from "../store";
import { plainName, synonyms } from "./names";
import { compress, type Rows } from "./pageRank";

export interface RecordNode {
  at: number;
  kind: string;
  valid: boolean;
  entities: string[];
}

/** The graph in whole numbers, for walks over it. */
export interface Walkable {
  ids: string[];
  place: Map<string, number>;
  rows: Rows;
}

/**
 * Who is tied to whom: entities and relations whole, of records and thoughts only their ties. Read once from the store,
 * then kept up with every write of this process; what another process wrote is seen when it is loaded anew.
 */
export class MemoryGraph {
  readonly entities = new Map<string, MemoryEntity>();
  readonly relations = new Map<string, MemoryRelation & { fromName?: string; toName?: string }>();
  readonly thoughts = new Map<string, MemoryThought>();
  readonly records = new Map<string, RecordNode>();
  /** Records of an entity, relations at an entity, thoughts on a memory. */
  readonly mentions = new Map<string, Set<string>>();
  readonly relationsAt = new Map<string, Set<string>>();
  readonly thoughtsOn = new Map<string, Set<string>>();
  readonly relationsOn = new Map<string, Set<string>>();
  private walk: Walkable | undefined;
  private names: Map<string, string[]> | undefined;
  private alike: { a: string; b: string; likeness: number }[] | undefined;

  static async load(store: MemoryStore): Promise<MemoryGraph> {
    const graph = new MemoryGraph();
    const most = 2_000_000;
    for (const value of await store.list("entities", { limit: most }))
      graph.apply({ put: true, table: "entities", value });
    for (const value of await store.list("relations", { limit: most }))
      graph.apply({ put: true, table: "relations", value });
    for (const value of await store.list("thoughts", { limit: most }))
      graph.apply({ put: true, table: "thoughts", value });
    for (const { id, at, kind, links, valid } of await store.slim("records", undefined, "links <> ''"))
      graph.tie(id, { at, kind, valid, entities: idList(links) });
    return graph;
  }

  apply(op: Op): void {
    if (op.table === "usage" || op.table === "meta") return;
    this.walk = undefined;
    const id = op.put ? op.value.id : op.id;
    this.drop(op.table, id);
    if (!op.put) return;
    switch (op.table) {
      case "entities":
        this.entities.set(id, op.value);
        this.names = this.alike = undefined;
        break;
      case "relations":
        this.relations.set(id, op.value);
        add(this.relationsAt, op.value.from, id);
        add(this.relationsAt, op.value.to, id);
        for (const record of op.value.records) add(this.relationsOn, record, id);
        break;
      case "thoughts":
        this.thoughts.set(id, op.value);
        for (const memory of op.value.evidence) add(this.thoughtsOn, memory, id);
        break;
      case "records":
        this.tie(id, nodeOf(op.value));
        break;
    }
  }

  /** Entities that go by a name. */
  named(name: string): string[] {
    if (!this.names) {
      this.names = new Map();
      for (const { id, name: own, aliases } of this.entities.values()) {
        for (const each of new Set([own, ...aliases].map(plainName))) {
          const list = this.names.get(each);
          if (list) list.push(id);
          else this.names.set(each, [id]);
        }
      }
    }
    return this.names.get(plainName(name)) ?? [];
  }

  /** Pairs of entities that may be one. */
  synonyms(): { a: string; b: string; likeness: number }[] {
    return (this.alike ??= synonyms([...this.entities.values()].map(({ id, name }) => ({ id, name }))));
  }

  /** Entities and the records that name them; edges are relations, mentions and synonyms. */
  walkable(): Walkable {
    if (this.walk) return this.walk;
    const ids: string[] = [];
    const place = new Map<string, number>();
    const at = (id: string): number => {
      const known = place.get(id);
      if (known !== undefined) return known;
      place.set(id, ids.length);
      return ids.push(id) - 1;
    };
    const edges: [number, number, number][] = [];
    for (const id of this.entities.keys()) at(id);
    for (const { from, to, records, validTo } of this.relations.values()) {
      if (validTo !== null || from === to || !this.entities.has(from) || !this.entities.has(to)) continue;
      edges.push([at(from), at(to), Math.max(1, records.length)]);
    }
    for (const [id, { entities, valid }] of this.records) {
      if (!valid) continue;
      for (const entity of new Set(entities)) if (this.entities.has(entity)) edges.push([at(id), at(entity), 1]);
    }
    for (const { a, b, likeness } of this.synonyms()) edges.push([at(a), at(b), likeness]);
    return (this.walk = { ids, place, rows: compress(ids.length, edges) });
  }

  private tie(id: string, node: RecordNode): void {
    // A record without ties is a node of no walk.
    if (node.entities.length === 0) return;
    this.records.set(id, node);
    for (const entity of node.entities) add(this.mentions, entity, id);
  }

  private drop(table: string, id: string): void {
    if (table === "entities") {
      if (this.entities.delete(id)) this.names = this.alike = undefined;
    } else if (table === "relations") {
      const old = this.relations.get(id);
      if (!old) return;
      this.relations.delete(id);
      take(this.relationsAt, old.from, id);
      take(this.relationsAt, old.to, id);
      for (const record of old.records) take(this.relationsOn, record, id);
    } else if (table === "thoughts") {
      for (const memory of this.thoughts.get(id)?.evidence ?? []) take(this.thoughtsOn, memory, id);
      this.thoughts.delete(id);
    } else {
      for (const entity of this.records.get(id)?.entities ?? []) take(this.mentions, entity, id);
      this.records.delete(id);
    }
  }
}

function nodeOf({ time, kind, validTo, foldedInto, entities = [] }: StoredRecord): RecordNode {
  return { at: Date.parse(time), kind, valid: validTo === null && foldedInto === undefined, entities };
}

export function idList(links: string): string[] {
  const ids = links === "" ? [] : parseJson(links);
  return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === "string") : [];
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

function take(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}
