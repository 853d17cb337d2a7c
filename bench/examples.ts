/**
 * Tokens a second of the search for max-activating contexts against a plain pass over the same texts, alternately in one run.
 * `node scripts/ts.mjs bench/examples.ts [--threads N] [--rounds N] [--tokens N] [--large]`
 */
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Lab } from "../src/engine/microscope/lab";
import { neuronExamples, nextGroup } from "../src/engine/microscope/neuronExamples";
import { median, milliseconds, withModel } from "./lib/lab";
import { randomLlamaAs } from "./lib/quantised";

const { values: options } = parseArgs({
  options: {
    threads: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    tokens: { type: "string", default: "4096" },
    large: { type: "boolean", default: false },
  },
});
const threads = Number(options.threads);
const rounds = Number(options.rounds);
const file = options.large ? await randomLlamaAs("Q8_0") : path.join("specimen", "specimen.gguf");

const results = await withModel(file, { threads, context: 512 }, async (lab) => {
  const texts = corpus(lab, Number(options.tokens));
  const layers = [...new Set([0, Math.floor(lab.info.layers / 2), lab.info.layers - 1])];
  const out = [];
  for (const layer of layers) out.push(await measure(lab, texts, layer));
  return out;
});
const report = {
  bench: "examples",
  machine: { cpu: os.cpus()[0]?.model, threads, load: os.loadavg()[0] },
  model: path.basename(file),
  results,
};
mkdirSync("bench/results", { recursive: true });
writeFileSync(`bench/results/examples${options.large ? "-large" : ""}.json`, `${JSON.stringify(report, null, 2)}\n`);
console.log(JSON.stringify(report, null, 2));

interface Corpus {
  texts: { source: string; text: string }[];
  sequences: { ids: number[] }[];
  tokens: number;
}

/** Texts of exactly one sequence each, so that both sides run the same batches. */
function corpus(lab: Lab, wanted: number): Corpus {
  const texts: Corpus["texts"] = [];
  const sequences: Corpus["sequences"] = [];
  let tokens = 0;
  for (let i = 0; tokens < wanted; i++) {
    const text = Array.from(
      { length: 9 },
      (_, j) => `Line ${i * 31 + j} tells of towns, rivers and roads in land ${j}. `,
    ).join("");
    const ids = lab.tokenize(text, false).map(({ id }) => id);
    if (ids.length > 256) throw new Error(`a text of ${ids.length} tokens would be cut`);
    texts.push({ source: `text ${i}`, text });
    sequences.push({ ids });
    tokens += ids.length;
  }
  return { texts, sequences, tokens };
}

async function measure(lab: Lab, { texts, sequences, tokens }: Corpus, layer: number) {
  const signal = new AbortController().signal;
  let seen = 0;
  const search = () =>
    milliseconds(async () => {
      const found = await neuronExamples(lab, { layer, count: 8, texts }, { signal, progress: () => undefined });
      seen = found.tokensSeen;
    });
  const plain = () =>
    milliseconds(async () => {
      for (let at = 0; at < sequences.length;) {
        const group = nextGroup(sequences, at).map(({ ids }) => ids);
        await lab.pass({ sequences: group, reads: [], signal, onChunk: () => undefined });
        at += group.length;
      }
    });
  await plain();
  await search();
  const times: Record<"before" | "search" | "after", Awaited<ReturnType<typeof plain>>>[] = [];
  for (let round = 0; round < rounds; round++)
    times.push({ before: await plain(), search: await search(), after: await plain() });
  const of = (clock: "wall" | "cpu") => {
    const speeds = times.map(({ before, after, search: time }) => ({
      plain: (2000 * tokens) / (before[clock] + after[clock]),
      search: (1000 * seen) / time[clock],
    }));
    return {
      plainTokensPerSecond: median(speeds.map((speed) => speed.plain)),
      searchTokensPerSecond: median(speeds.map((speed) => speed.search)),
      ratio: median(speeds.map((speed) => speed.search / speed.plain)),
    };
  };
  return { layer, tokens, wall: of("wall"), cpu: of("cpu") };
}
