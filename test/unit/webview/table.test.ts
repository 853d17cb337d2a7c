import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { attentionTable, attributionTable } from "../../../webview-ui/kit/resultTables";
import { csvOfTable, jsonOfTable, parquetOfTable, saveTable, type Table } from "../../../webview-ui/kit/table";

const table: Table = {
  columns: ["token", "p", "layer", "note"],
  tokens: ["token"],
  rows: [
    [" Paris", 0.5, null, 'say "hi", twice'],
    ["=1+1", 1e-9, 3, null],
    ["\n", -0, 4, "é 中"],
  ],
};

test("Parquet holds every value as it was, missing ones too, for an independent reader", async () => {
  const rows = await parquetReadObjects({ file: parquetOfTable(table) });
  expect(rows).toEqual([
    { token: " Paris", p: 0.5, layer: null, note: 'say "hi", twice' },
    { token: "=1+1", p: 1e-9, layer: 3, note: null },
    { token: "\n", p: -0, layer: 4, note: "é 中" },
  ]);
});

test("CSV quotes tokens as JSON, so that blanks stay and no cell is a formula", () => {
  const [head, first, second] = csvOfTable(table).split("\r\n");
  expect(head).toBe('"token","p","layer","note"');
  expect(first).toBe('""" Paris""",0.5,,"say ""hi"", twice"');
  expect(second?.startsWith('"""=1+1"""')).toBe(true);
});

test("JSON is a list of records", () => {
  expect(JSON.parse(jsonOfTable(table))).toHaveLength(3);
});

test("a table with no rows can be saved in every format", async () => {
  const empty: Table = { columns: ["a"], rows: [] };
  expect(csvOfTable(empty)).toBe('"a"\r\n');
  expect(await parquetReadObjects({ file: parquetOfTable(empty) })).toEqual([]);
});

test("what is saved as Parquet reaches the host whole", async () => {
  const many: Table = { columns: ["n"], rows: Array.from({ length: 50_000 }, (_, i) => [i]) };
  let sent = { name: "", data: "" };
  const host = { call: (_: string, params: typeof sent) => ((sent = params), Promise.resolve({ saved: true })) };
  await saveTable(host as never, "x", "parquet", many);
  expect(sent.name).toBe("x.parquet");
  const bytes = Buffer.from(sent.data, "base64");
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  expect(rows).toHaveLength(50_000);
  expect(rows[49_999]).toEqual({ n: 49_999 });
});

test("attribution's lines add up to the logit", () => {
  const token = { id: 1, text: " Paris" };
  const { rows } = attributionTable({
    tokens: [token],
    position: 0,
    target: token,
    logit: 3.5,
    sum: 3.4,
    remainder: 0.1,
    parts: [
      { kind: "embed", contribution: 1.4 },
      { kind: "head", layer: 2, head: 1, contribution: 2 },
    ],
  });
  const logit = rows.at(-1)?.[3];
  expect(logit).toBe(3.5);
  expect(rows.slice(0, -1).reduce((sum, row) => sum + Number(row[3]), 0)).toBeCloseTo(3.5, 12);
});

test("attention has a line a weight, none for what cannot be looked at", () => {
  const tokens = [
    { id: 1, text: "a" },
    { id: 2, text: "b" },
  ];
  const pattern = [
    [1, 0],
    [0.25, 0.75],
  ];
  const { rows } = attentionTable({ tokens, layer: 2, heads: [{ head: 5, pattern, sink: 1 }], mean: pattern });
  expect(rows).toEqual([
    [2, 5, 0, 0, "a", "a", 1],
    [2, 5, 1, 0, "b", "a", 0.25],
    [2, 5, 1, 1, "b", "b", 0.75],
  ]);
});
