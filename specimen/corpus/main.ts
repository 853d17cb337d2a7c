/** Writes a part of the corpus as JSON Lines: `node scripts/ts.mjs specimen/corpus/main.ts ROWS SEED FILE [SPLIT]`. */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import { promptsHash } from "../../src/agent/prompts/hash";
import { Draw, type Split } from "./draw";
import { sampleFrom } from "./mixture";
import { renderSample } from "./render";

const [rows = "100000", seed = "1", file = "specimen/work/corpus.jsonl", split = "train"] = process.argv.slice(2);
mkdirSync(path.dirname(file), { recursive: true });
const out = openSync(file, "w");
writeSync(out, JSON.stringify({ promptsHash: promptsHash(), seed: Number(seed), split }) + "\n");
const draw = new Draw(Number(seed) * 7919 + 17, split as Split);
let chunk: string[] = [];
for (let i = 0; i < Number(rows); i++) {
  const sample = sampleFrom(draw);
  chunk.push(JSON.stringify({ t: sample.task, s: renderSample(sample) }));
  if (chunk.length >= 2000) {
    writeSync(out, chunk.join("\n") + "\n");
    chunk = [];
  }
}
if (chunk.length > 0) writeSync(out, chunk.join("\n") + "\n");
closeSync(out);
