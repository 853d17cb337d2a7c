/**
 * Tool choice: recall@5 and @10 of the agent's search against plain BM25, and its speed at 5,000 tools.
 *   node scripts/ts.mjs bench/selection.ts TOOLS.jsonl QUERIES.jsonl [--lancedb]
 * Tools are lines of {name, description, parameters}, queries of {id, query, tools}. Nothing of them is kept.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { JsonSchema } from "../src/contract/json";

import { queryWords, TextIndex } from "../src/agent/tools/selection/textIndex";
import { ToolIndex } from "../src/agent/tools/selection/toolIndex";
import { words } from "../src/agent/tools/selection/words";

interface ToolLine {
  name: string;
  description: string;
  parameters: JsonSchema;
}
interface QueryLine {
  id: string;
  query: string;
  tools: string[];
}

const [toolsFile, queriesFile, ...flags] = process.argv.slice(2);
if (!toolsFile || !queriesFile) {
  console.error("usage: bench/selection.ts TOOLS.jsonl QUERIES.jsonl [--lancedb]");
  process.exit(2);
}
const tools = lines<ToolLine>(toolsFile);
const queries = lines<QueryLine>(queriesFile);

type Search = (query: string, k: number) => string[] | Promise<string[]>;

const index = new ToolIndex(tools);
const ours = await measure((query, k) => index.search(query, k).map(({ name }) => name));
const plain = await measure(plainBm25());
// The same words as ours, without fields, meanings and feedback: what those add.
const text = new TextIndex(
  tools.map(({ name, description }) => ({ id: name, fields: [{ text: `${name} ${description}`, weight: 1 }] })),
);
const bare = await measure((query, k) => text.search(queryWords(query), k).map(({ id }) => id));
const result: Record<string, unknown> = {
  tools: tools.length,
  queries: queries.length,
  ours,
  bm25: plain,
  bm25OnOurWords: bare,
};
if (flags.includes("--lancedb")) result["lancedbFullText"] = await withLance();
result["at5000"] = speed(5_000);
console.log(JSON.stringify(result, null, 2));
if (ours.recall5 < Math.max(plain.recall5, bare.recall5) || ours.recall10 < Math.max(plain.recall10, bare.recall10)) {
  console.error("selection is below BM25");
  process.exit(1);
}

/** Okapi BM25 over lower-case words of name and description: k1 1.5, b 0.75. */
function plainBm25(): Search {
  const split = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const documents = tools.map(({ name, description }) => split(`${name} ${description}`));
  const average = documents.reduce((sum, each) => sum + each.length, 0) / documents.length;
  const seen = new Map<string, number>();
  for (const each of documents) for (const word of new Set(each)) seen.set(word, (seen.get(word) ?? 0) + 1);
  return (query, k) => {
    const asked = split(query);
    const scored = documents.map((document, i) => {
      let score = 0;
      for (const word of asked) {
        const count = document.filter((each) => each === word).length;
        if (count === 0) continue;
        const found = seen.get(word) ?? 0;
        const idf = Math.log(1 + (documents.length - found + 0.5) / (found + 0.5));
        score += (idf * count * 2.5) / (count + 1.5 * (0.25 + (0.75 * document.length) / average));
      }
      return { name: tools[i]?.name ?? "", score };
    });
    return scored
      .sort((a, b) => b.score - a.score)
      .slice(0, k)
      .map(({ name }) => name);
  };
}

/** LanceDB's full-text index over the same split and stemmed words. */
async function withLance(): Promise<unknown> {
  const lancedb = await import("@lancedb/lancedb");
  const folder = await mkdtemp(path.join(tmpdir(), "vitrine-lance-"));
  try {
    const db = await lancedb.connect(folder);
    const rows = tools.map(({ name, description, parameters }) => ({
      name,
      text: words(`${name} ${name} ${name} ${description} ${Object.keys(parameters.properties ?? {}).join(" ")}`).join(
        " ",
      ),
    }));
    const table = await db.createTable("tools", rows);
    await table.createIndex("text", {
      config: lancedb.Index.fts({
        stem: false,
        removeStopWords: false,
        lowercase: false,
        asciiFolding: false,
        baseTokenizer: "whitespace",
      }),
    });
    return await measure(async (query, k) => {
      const hits = await table
        .query()
        .fullTextSearch(words(query).join(" "), { columns: ["text"] })
        .select(["name"])
        .limit(k)
        .toArray();
      return hits.map((hit: { name: string }) => hit.name);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The index filled up with altered copies of the tools, and the time of a search with all that a step does. */
function speed(count: number): unknown {
  const many = Array.from({ length: count }, (_, i) => {
    const tool = tools[i % tools.length];
    return {
      name: `${tool?.name ?? ""}_${i}`,
      description: `${tool?.description ?? ""} Variant ${i}.`,
      parameters: tool?.parameters ?? {},
    };
  });
  const started = performance.now();
  const large = new ToolIndex(many);
  const buildMs = performance.now() - started;
  const times: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < 4; round++) {
    for (const { query } of queries) {
      const begun = performance.now();
      const used = process.cpuUsage();
      large.search(query, 24, query);
      if (round === 0) continue;
      const { user, system } = process.cpuUsage(used);
      cpu.push((user + system) / 1000);
      times.push(performance.now() - begun);
    }
  }
  return { buildMs: round1(buildMs), ...percentiles(times), cpu: percentiles(cpu) };
}

async function measure(search: Search): Promise<{ recall5: number; recall10: number; p50: number; p95: number }> {
  let [five, ten] = [0, 0];
  const times: number[] = [];
  for (const { query, tools: wanted } of queries) {
    const begun = performance.now();
    const found = await search(query, 10);
    times.push(performance.now() - begun);
    const gold = new Set(wanted);
    const hits = (k: number): number => new Set(found.slice(0, k).filter((name) => gold.has(name))).size / gold.size;
    five += hits(5);
    ten += hits(10);
  }
  const percent = (sum: number): number => round1((100 * sum) / queries.length);
  return { recall5: percent(five), recall10: percent(ten), ...percentiles(times) };
}

function percentiles(times: number[]): { p50: number; p95: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p95: at(0.95) };
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

function lines<T>(file: string): T[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as T);
}
