import type { MemoryEntity, MemoryNodeKind, MemoryRecord, MemoryRelation, MemoryThought } from "../../contract/memory";
import { fail } from "../../contract/errors";
import { parseJson } from "../prompts/spacedJson";
import { words } from "../tools/selection/words";

export const tableNames = ["records", "thoughts", "entities", "relations", "usage", "meta"] as const;
export type TableName = (typeof tableNames)[number];

/** The shape of the rows that this version writes. Older rows are read as they are and rewritten in the background. */
export const schemaVersion = 1;

/** A row of every table: what is searched and filtered by as columns, the whole as JSON. */
export interface Row {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  kind: string;
  /** Words for full-text search, as `words()` makes them, with spaces between. */
  words: string;
  /** Ids this row is tied to, as JSON: the entities of a record, the evidence of a thought. */
  links: string;
  valid: boolean;
  /** Reflection has taken triples from it. */
  extracted: boolean;
  /** Reflection has thought about it. */
  clustered: boolean;
  version: number;
  data: string;
}

/** A record with what reflection knows of it. */
export interface StoredRecord extends MemoryRecord {
  entities?: string[];
  extracted?: boolean;
  clustered?: boolean;
}

export type Stored =
  | { table: "records"; value: StoredRecord }
  | { table: "thoughts"; value: MemoryThought }
  | { table: "entities"; value: MemoryEntity }
  | { table: "relations"; value: MemoryRelation & { fromName?: string; toName?: string } }
  | { table: "usage"; value: { id: string; time: string; [field: string]: unknown } }
  | { table: "meta"; value: { id: string; time: string; [field: string]: unknown } };

export type ValueOf<T extends TableName> = Extract<Stored, { table: T }>["value"];

/** One change. A list of them is written as a whole or not at all. */
export type Op = ({ put: true } & Stored) | { put: false; table: TableName; id: string };

export function put<T extends TableName>(table: T, value: ValueOf<T>): Op {
  return { put: true, table, value } as unknown as Op;
}

export function remove(table: TableName, id: string): Op {
  return { put: false, table, id };
}

const prefixes: [string, TableName, MemoryNodeKind][] = [
  ["thought:", "thoughts", "thought"],
  ["entity:", "entities", "entity"],
  ["relation:", "relations", "relation"],
];

/** The table an id lives in: thoughts, entities and relations say so, everything else is a record. */
export function tableOf(id: string): {
  table: "records" | "thoughts" | "entities" | "relations";
  node: MemoryNodeKind;
} {
  const found = prefixes.find(([prefix]) => id.startsWith(prefix));
  return found
    ? { table: found[1] as "thoughts" | "entities" | "relations", node: found[2] }
    : { table: "records", node: "record" };
}

/** Longer texts are kept whole, but searched by their beginning. */
const searched = 20_000;

export function rowOf(op: Stored): Row {
  const { value } = op;
  const at = Date.parse(value.time);
  if (!Number.isFinite(at)) fail("badArgument", `${JSON.stringify(value.time)} is no time.`);
  const base: Row = {
    id: value.id,
    at,
    kind: op.table,
    words: "",
    links: "",
    valid: true,
    extracted: false,
    clustered: false,
    version: schemaVersion,
    data: JSON.stringify(value),
  };
  const text = (...parts: string[]): string => words(parts.join(" ").slice(0, searched)).join(" ");
  switch (op.table) {
    case "records": {
      const { kind, text: said, entities = [], validTo, foldedInto, extracted = false, clustered = false } = op.value;
      return {
        ...base,
        kind,
        words: text(said),
        links: entities.length > 0 ? JSON.stringify(entities) : "",
        valid: validTo === null && foldedInto === undefined,
        extracted,
        clustered,
      };
    }
    case "thoughts":
      return { ...base, kind: op.value.kind, words: text(op.value.text), links: JSON.stringify(op.value.evidence) };
    case "entities":
      return { ...base, words: text(op.value.name, ...op.value.aliases) };
    case "relations": {
      const { fromName = "", relation, toName = "", records, validTo } = op.value;
      return {
        ...base,
        words: text(fromName, relation, toName),
        links: JSON.stringify(records),
        valid: validTo === null,
      };
    }
    default:
      return base;
  }
}

/** Reads a row's value. A row of an older version, or of another program, gets what it lacks; a newer one is refused. */
export function valueOf<T extends TableName>(table: T, row: Pick<Row, "id" | "at" | "data" | "version">): ValueOf<T> {
  if (row.version > schemaVersion) {
    fail("damagedFile", "This memory was written by a newer version of Vitrine.", { remedy: "Update Vitrine." });
  }
  const data = parseJson(row.data);
  if (data === undefined || data === null || typeof data !== "object" || Array.isArray(data)) {
    fail("damagedFile", `The memory ${row.id.slice(0, 80)} cannot be read.`);
  }
  const time = new Date(row.at).toISOString();
  const filled: Record<string, unknown> = { ...missing(table, time), ...data, id: row.id };
  return filled as unknown as ValueOf<T>;
}

function missing(table: TableName, time: string): Record<string, unknown> {
  const held = { time, validFrom: time, validTo: null, pinned: false };
  switch (table) {
    case "records":
      return { ...held, text: "", kind: "fact", source: { by: "import" }, importance: 0.5, uses: 0, lastUsed: null };
    case "thoughts":
      return { time, text: "", kind: "thought", evidence: [], importance: 0.5, pinned: false };
    case "entities":
      return { time, name: "", aliases: [], records: [], pinned: false, communities: [] };
    case "relations":
      return { ...held, from: "", to: "", relation: "", records: [] };
    default:
      return { time };
  }
}

/** A text as it may be kept: no lone surrogates, no control characters but line breaks and tabs. */
export function keepable(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "")
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}
