import { parquetWriteBuffer, type ColumnSource } from "hyparquet-writer";
import type { CommonViewMethods } from "../../src/contract/view";
import type { Host } from "./host";
import { csv, quoted, saveText } from "./save";

/** An instrument's result as a person goes on with it elsewhere: one line a thing, units in the columns' names. */
export interface Table {
  columns: string[];
  rows: (string | number | null)[][];
  /** Columns that hold a token's text: quoted as JSON in CSV, so that blanks are exact and no spreadsheet takes it for a formula. */
  tokens?: string[];
}

export type TableFormat = "csv" | "parquet" | "json";

export function csvOfTable({ columns, rows, tokens = [] }: Table): string {
  const isToken = columns.map((name) => tokens.includes(name));
  const lines = rows.map((row) => row.map((cell, i) => (isToken[i] && typeof cell === "string" ? quoted(cell) : cell)));
  return csv([columns, ...lines]);
}

/** Apache Parquet: numbers as DOUBLE, all else as text; missing values are null. Not-a-number and infinity stay what they are. */
export function parquetOfTable({ columns, rows }: Table): ArrayBuffer {
  const columnData = columns.map((name, i): ColumnSource => {
    const data = rows.map((row) => row[i] ?? null);
    const numbers = data.every((value) => value === null || typeof value === "number");
    return numbers
      ? { name, data, type: "DOUBLE", nullable: true }
      : { name, data: data.map((value) => (value === null ? null : String(value))), type: "STRING", nullable: true };
  });
  return parquetWriteBuffer({ columnData });
}

export function jsonOfTable({ columns, rows }: Table): string {
  const records = rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])));
  return `${JSON.stringify(records, null, 1)}\n`;
}

/** Asks where, and writes. */
export function saveTable(
  host: Host<CommonViewMethods, object>,
  name: string,
  format: TableFormat,
  table: Table,
): Promise<{ saved: boolean }> {
  if (format === "csv") return saveText(host, `${name}.csv`, csvOfTable(table));
  if (format === "json") return saveText(host, `${name}.json`, jsonOfTable(table));
  return host.call("save", { name: `${name}.parquet`, data: base64(parquetOfTable(table)), base64: true });
}

function base64(buffer: ArrayBuffer): string {
  const bytes = new Uint8Array(buffer);
  let text = "";
  // In pieces: a call takes so many arguments at most.
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
