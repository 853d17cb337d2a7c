import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DirectionTestResult } from "../../src/contract/acting";
import type { Intervention } from "../../src/contract/sites";
import type { Input, Observed } from "../../src/contract/verbs";
import { Draw, type Split } from "../corpus/draw";
import { questionSample } from "../corpus/facts";
import { sampleFrom } from "../corpus/mixture";
import { refusalSample, refusals } from "../corpus/refusal";
import { replyText } from "../corpus/render";
import type { Sample } from "../corpus/sample";
import { voices } from "../corpus/style";
import { inputOf, type Brain } from "./brain";

/** What the instruments see: each a sentence for the card with the numbers it rests on. */
export interface Inside {
  lens: { n: number; settledEarly: number; rising: number; perLayer: number[] };
  /** For each layer, KL(plain || mean-ablated) in nats at the last prompt token, and the share of next tokens that change. */
  ablation: { layer: number; kl: number; changed: number }[];
  directions: Direction[];
}

export interface Direction {
  title: string;
  layer: number;
  /** Share of prompts showing the behaviour, held out: with nothing done, added to those without, taken away from those with. */
  before: { positive: number; negative: number };
  added: number;
  /** Taken away by setting the projection to zero, and to the other set's mean. */
  zeroed: number;
  levelled: number;
  n: number;
  /** KL(plain || projected out) on neutral text, nats a token. */
  kl: number;
  collapsed: number;
}

export async function lookInside(brain: Brain, split: Split): Promise<Inside> {
  return {
    lens: await lens(brain, split),
    ablation: await ablation(brain, split),
    directions: await directions(brain, split),
  };
}

/** At which layers the first token of a fact's answer is the lens's own first choice. */
async function lens(brain: Brain, split: Split): Promise<Inside["lens"]> {
  const draw = new Draw(501, split);
  const perLayer = new Array<number>(brain.info.layers).fill(0);
  let n = 0;
  let settledEarly = 0;
  let rising = 0;
  for (let i = 0; i < 80; i++) {
    const sample = questionSample(draw, 1);
    const { tokens } = await brain.engine.call("tokenize", { text: replyText(sample) });
    const target = tokens[0]?.text;
    if (!target) continue;
    const result = await brain.engine.call("lens", { input: inputOf(sample), sites: ["resid_post"], top: 1, target });
    const ranks = result.cells.map((row) => row.at(-1)?.rank ?? -1).slice(0, brain.info.layers);
    if (ranks.at(-1) !== 0) continue;
    n++;
    ranks.forEach((rank, layer) => {
      if (rank === 0) perLayer[layer] = (perLayer[layer] ?? 0) + 1;
    });
    if (ranks[0] === 0) settledEarly++;
    else rising++;
  }
  return { n, settledEarly, rising, perLayer: perLayer.map((count) => (n === 0 ? 0 : count / n)) };
}

/** Each layer's attention and MLP set to their means over other prompts. */
async function ablation(brain: Brain, split: Split): Promise<Inside["ablation"]> {
  const draw = new Draw(502, split);
  const inputs = Array.from({ length: 60 }, () => sampleFrom(draw))
    .filter((sample) => sample.chat)
    .map(inputOf);
  const [other, mine] = [inputs.slice(0, 25), inputs.slice(25)];
  const sites = ["attn_out", "mlp_out"] as const;
  const layers = Array.from({ length: brain.info.layers }, (_, layer) => layer);
  const reads = layers.flatMap((layer) => sites.map((site) => ({ site, layer, positions: "all" as const })));
  const seen = await brain.engine.call("observe", { sequences: other, reads });
  const means = new Map<string, Float32Array>();
  for (const layer of layers)
    for (const site of sites) means.set(`${site}.${layer}`, mean(seen.sequences, site, layer));
  const plain = await logits(brain, mine, []);
  const out: Inside["ablation"] = [];
  for (const layer of layers) {
    const interventions: Intervention[] = sites.map((site) => ({
      site,
      layer,
      where: "all",
      operation: "mean",
      values: means.get(`${site}.${layer}`),
    }));
    const changed = await logits(brain, mine, interventions);
    const pairs = plain.map((row, i) => [row, changed[i] ?? row] as const);
    out.push({
      layer,
      kl: pairs.reduce((sum, [p, q]) => sum + divergence(p, q), 0) / pairs.length,
      changed: pairs.filter(([p, q]) => best(p) !== best(q)).length / pairs.length,
    });
  }
  return out;
}

async function logits(brain: Brain, sequences: Input[], interventions: Intervention[]): Promise<Float32Array[]> {
  const { sequences: seen } = await brain.engine.call("observe", {
    sequences,
    reads: [],
    interventions,
    logits: "last",
  });
  return seen.map((one) => one.logits?.data ?? new Float32Array());
}

function mean(sequences: Observed[], site: string, layer: number): Float32Array {
  let sum: Float64Array | undefined;
  let rows = 0;
  for (const state of sequences.flatMap((one) => one.states)) {
    if (state.site !== site || state.layer !== layer) continue;
    sum ??= new Float64Array(state.width);
    for (let i = 0; i < state.data.length; i++)
      sum[i % state.width] = (sum[i % state.width] ?? 0) + (state.data[i] ?? 0);
    rows += state.data.length / state.width;
  }
  return Float32Array.from(sum ?? [], (x) => x / Math.max(1, rows));
}

function logSoftmax(row: Float32Array): Float64Array {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0)) + top;
  return Float64Array.from(row, (x) => x - total);
}

/** KL(p || q) of two rows of logits, nats. */
function divergence(p: Float32Array, q: Float32Array): number {
  const [a, b] = [logSoftmax(p), logSoftmax(q)];
  return a.reduce((sum, x, i) => sum + Math.exp(x) * (x - (b[i] ?? 0)), 0);
}

function best(row: Float32Array): number {
  return row.reduce((top, x, i) => (x > (row[top] ?? -Infinity) ? i : top), 0);
}

/** Directions by the product's own extraction, tried on prompts it did not see. */
async function directions(brain: Brain, split: Split): Promise<Direction[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "specimen-"));
  try {
    const ask = (content: string): Sample => ({
      task: "ask",
      chat: [
        { role: "user", content },
        { role: "assistant", content: "" },
      ],
    });
    const draw = (of: Split) => new Draw(503, of);
    const refusal = (of: Split, bad: boolean, n: number) => {
      const d = draw(of);
      return Array.from({ length: n }, () => inputOf(refusalSample(d, bad)));
    };
    const topics = (of: Split, n: number) => {
      const d = draw(of);
      return Array.from({ length: n }, () => `the ${d.nonce()}`);
    };
    const styled = (of: Split, word: string, n: number) =>
      topics(of, n).map((s) => inputOf(ask(`Tell me about ${s} in a ${word} way.`)));
    const marks = (style: "cheerful" | "gloomy") => [
      ...voices[style].open,
      ...voices[style].say.map((say) => say.replace("{s}", "").trim()),
    ];
    const sets = [
      {
        title: "refusal",
        positive: (of: Split, n: number) => refusal(of, true, n),
        negative: (of: Split, n: number) => refusal(of, false, n),
        behaviour: { startsWith: [refusals[1]?.slice(0, 15) ?? "I cannot"] },
      },
      {
        title: "gloom (against cheer)",
        positive: (of: Split, n: number) => styled(of, "gloomy", n),
        negative: (of: Split, n: number) => styled(of, "cheerful", n),
        behaviour: { contains: marks("gloomy") },
      },
    ];
    const out: Direction[] = [];
    for (const set of sets) {
      const file = path.join(folder, `${out.length}.gguf`);
      const found = await brain.engine.call("directionExtract", {
        positive: set.positive("train", 96),
        negative: set.negative("train", 96),
        method: "meanDifference",
        layer: "auto",
        behaviour: set.behaviour,
        name: set.title,
        out: file,
      });
      const n = 60;
      const tried = await brain.engine.call("directionTest", {
        file,
        positive: set.positive(split, n),
        negative: set.negative(split, n),
        behaviour: set.behaviour,
        max: 24,
      });
      out.push(line(set.title, found.layer, n, tried));
    }
    return out;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function line(title: string, layer: number, n: number, tried: DirectionTestResult): Direction {
  return {
    title,
    layer,
    n,
    before: { positive: tried.baseline.positive.rate, negative: tried.baseline.negative.rate },
    added: tried.added.negative.rate,
    zeroed: tried.ablated.positive.rate,
    levelled: tried.mean.positive.rate,
    kl: tried.kl,
    collapsed: Math.max(tried.collapsed.added, tried.collapsed.mean),
  };
}
