/**
 * The logit lens against the bare unembedding products: same model, same threads, same number of multiplications, measured
 * alternately in one run. `node scripts/ts.mjs bench/lens.ts [--threads N] [--rounds N] [--kinds BF16,Q8_0] [--torch PYTHON]`
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Computer } from "../src/engine/llama/compute";
import { buildSteps } from "../src/engine/llama/head";
import type { Lab } from "../src/engine/microscope/lab";
import { lens } from "../src/engine/microscope/lens";
import type { Session } from "../src/engine/run/session";
import { median, milliseconds, withModel } from "./lib/lab";
import { randomLlamaAs, type Kind } from "./lib/quantised";
import { benchFolder, randomLlama, shape } from "./lib/randomLlama";

const top = 5;

const { values: options } = parseArgs({
  options: {
    threads: { type: "string", default: String(Math.min(2, os.availableParallelism())) },
    rounds: { type: "string", default: "3" },
    positions: { type: "string", default: "128" },
    kinds: { type: "string", default: "BF16,F16,Q8_0,Q4_K" },
    torch: { type: "string" },
  },
});
const threads = Number(options.threads);
const rounds = Number(options.rounds);
const positions = Number(options.positions);

interface Figures {
  kind: Kind;
  wall: Ratios;
  /** Processor time: what counts with one thread on a busy machine. */
  cpu: Ratios;
  /** Bytes that resident memory grew by while the lens ran. */
  memoryGrowth: number;
}

/** Milliseconds, and ratios; medians over the rounds. */
interface Ratios {
  prefill: number;
  lens: number;
  products: number;
  /** The whole lens, the model's own pass included, to the products alone. */
  ratio: number;
  /** The same with the time of a plain pass taken off. */
  ratioWithoutPass: number;
  gigaflops: number;
}

const results: Figures[] = [];
for (const kind of options.kinds.split(",") as Kind[]) {
  results.push(
    await withModel(await randomLlamaAs(kind), { threads, context: 512 }, (lab, session) =>
      measure(kind, lab, session),
    ),
  );
  console.error(results.at(-1));
}
const torch = options.torch ? torchFigures(options.torch) : undefined;
const report = {
  bench: "lens",
  machine: { cpu: os.cpus()[0]?.model, threads, load: os.loadavg()[0] },
  model: shape,
  positions,
  vectors: shape.layers * positions,
  results,
  torch,
};
mkdirSync("bench/results", { recursive: true });
writeFileSync("bench/results/lens.json", `${JSON.stringify(report, null, 2)}\n`);
console.log(JSON.stringify(report, null, 2));

async function measure(kind: Kind, lab: Lab, session: Session): Promise<Figures> {
  const ids = Array.from({ length: positions }, (_, i) => 300 + ((i * 7919) % 100_000));
  const signal = new AbortController().signal;
  const prefill = () => milliseconds(() => lab.pass({ sequences: [ids], reads: [], signal, onChunk: () => undefined }));
  const look = () =>
    milliseconds(() =>
      lens(lab, { input: { kind: "tokens", ids }, sites: ["resid_post"], top }, { signal, progress: () => undefined }),
    );
  const products = await bareProducts(session);
  await look();
  await products.run();
  const rss = process.memoryUsage().rss;
  let peak = rss;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const times: Record<"prefill" | "lens" | "before" | "after", { wall: number; cpu: number }>[] = [];
  for (let round = 0; round < rounds; round++) {
    // Before and after, so that a change of the machine's load falls on both.
    const before = await milliseconds(products.run);
    const seen = await look();
    const after = await milliseconds(products.run);
    times.push({ prefill: await prefill(), lens: seen, before, after });
  }
  clearInterval(watch);
  products.close();
  const flops = 2 * shape.layers * positions * shape.width * shape.vocabulary;
  const ratios = (clock: "wall" | "cpu"): Ratios => {
    const bare = times.map(({ before, after }) => (before[clock] + after[clock]) / 2);
    return {
      prefill: median(times.map(({ prefill: time }) => time[clock])),
      lens: median(times.map(({ lens: time }) => time[clock])),
      products: median(bare),
      ratio: median(times.map(({ lens: time }, i) => time[clock] / bare[i]!)),
      ratioWithoutPass: median(times.map((time, i) => (time.lens[clock] - time.prefill[clock]) / bare[i]!)),
      gigaflops: flops / median(bare) / 1e6,
    };
  };
  return { kind, wall: ratios("wall"), cpu: ratios("cpu"), memoryGrowth: peak - rss };
}

/** The unembedding of as many vectors, in pieces of 64, and nothing else: one product a piece on the live weights. */
async function bareProducts(session: Session): Promise<{ run: () => Promise<void>; close: () => void }> {
  const head = await session.head();
  const computer: Computer = session.computer;
  const { api } = computer.door;
  const piece = 64;
  const graph = computer.graph(16, (context, parts) => {
    const input = parts.input("in", "f32", shape.width, piece);
    parts.output("out", buildSteps(api, context, head.unembed, input));
  });
  const vectors = Float32Array.from({ length: piece * shape.width }, (_, i) => Math.sin(i));
  const run = async () => {
    computer.setThreads(threads);
    graph.set("in", vectors, vectors.byteLength);
    for (let at = 0; at < shape.layers * positions; at += piece) await graph.computeAside();
  };
  return { run, close: () => graph.close() };
}

/** The same products in PyTorch, f32 and bf16, on the same weights. */
function torchFigures(python: string): unknown {
  const out = execFileSync(
    python,
    [
      path.join("bench", "lib", "lensTorch.py"),
      randomLlama(),
      String(threads),
      String(positions * shape.layers),
      String(top),
    ],
    { encoding: "utf8", maxBuffer: 1 << 20, cwd: process.cwd(), env: { ...process.env, TMPDIR: benchFolder() } },
  );
  return JSON.parse(out) as unknown;
}
