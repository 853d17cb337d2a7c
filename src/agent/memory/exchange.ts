import type { MemorySource } from "../../contract/memory";
import type { Json } from "../../contract/json";
import { parseJson } from "../prompts/spacedJson";
import { sha256 } from "../tools/hash";
import { keepable, put, rowOf, tableOf, type Op, type StoredRecord, type TableName } from "./rows";
import type { MemoryStore } from "./store";

const carried = ["records", "thoughts", "entities", "relations"] as const;

/** The whole memory as JSON Lines: `{table, value}` each, so that importing it gives the same memory. */
export async function exportLines(store: MemoryStore): Promise<string[]> {
  const lines: string[] = [];
  for (const table of carried) {
    for (const value of await store.list(table, { limit: 10_000_000 })) lines.push(JSON.stringify({ table, value }));
  }
  return lines;
}

/**
 * Takes over lines of an export, or plain records `{id, text, time, kind, source}`. A line that is none is named and left
 * out. What is there under the same id is replaced, so importing twice is importing once.
 */
export async function importLines(
  store: MemoryStore,
  lines: readonly string[],
  now: () => string,
  signal?: AbortSignal,
  progress?: (done: number) => void,
): Promise<{ imported: number; skipped: { line: number; why: string }[] }> {
  const skipped: { line: number; why: string }[] = [];
  const bulk = new Map<TableName, Map<string, Op>>();
  let imported = 0;
  const pour = async (): Promise<void> => {
    for (const [table, ops] of bulk)
      await store.bulk(table, [...ops.values()].flatMap((op) => (op.put ? [op.value] : [])) as never);
    bulk.clear();
  };
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const read = readLine(line, now);
    if ("why" in read) {
      skipped.push({ line: index + 1, why: read.why });
      continue;
    }
    const { op } = read;
    const held = bulk.get(op.table) ?? new Map<string, Op>();
    held.set(op.put ? op.value.id : op.id, op);
    bulk.set(op.table, held);
    imported++;
    if (imported % 5_000 !== 0) continue;
    signal?.throwIfAborted();
    await pour();
    progress?.(index + 1);
  }
  await pour();
  return { imported, skipped };
}

function readLine(line: string, now: () => string): { op: Op } | { why: string } {
  const value = parseJson(line);
  if (value === undefined) return { why: "It is not JSON." };
  if (!isObject(value)) return { why: "It is not an object." };
  const table = carried.find((name) => name === value["table"]);
  if (table && isObject(value["value"])) {
    const inner = value["value"];
    if (typeof inner["id"] !== "string" || tableOf(inner["id"]).table !== table)
      return { why: "Its id is of another kind." };
    const op = put(table, inner as never);
    try {
      if (op.put) rowOf(op);
      return { op };
    } catch {
      return { why: `It is no row of ${table}.` };
    }
  }
  const record = readRecord(value, now);
  return typeof record === "string" ? { why: record } : { op: put("records", record) };
}

/** A plain record, or why it is none. */
export function readRecord(value: { [key: string]: Json }, now: () => string): StoredRecord | string {
  const { text, kind, source, time } = value;
  if (typeof text !== "string" || text.trim() === "") return "It has no text.";
  const given = value["id"];
  const id =
    typeof given === "string" && given !== ""
      ? given
      : typeof given === "number"
        ? `${given}`
        : `i-${sha256(text).slice(0, 16)}`;
  if (tableOf(id).table !== "records")
    return "Its id begins with a word that is kept for thoughts, entities and relations.";
  if (id.length > 500) return "Its id is longer than 500 characters.";
  const at = typeof time === "string" || typeof time === "number" ? new Date(time) : new Date(now());
  if (Number.isNaN(at.getTime())) return `${JSON.stringify(time)} is no time.`;
  const from: MemorySource =
    typeof source === "string"
      ? { by: "import", name: source }
      : isObject(source)
        ? { ...source, by: "import" }
        : { by: "import" };
  return {
    id: keepable(id),
    text: keepable(text),
    kind: typeof kind === "string" && kind !== "" ? kind : "fact",
    time: at.toISOString(),
    source: from,
    importance: 0.5,
    validFrom: at.toISOString(),
    validTo: null,
    pinned: false,
    uses: 0,
    lastUsed: null,
  };
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
