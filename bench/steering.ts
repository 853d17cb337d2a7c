/**
 * The refusal direction on held-out requests: `node scripts/ts.mjs bench/steering.ts [--model FILE] [--train N] [--test N] [--speed]`
 * Extraction sees the corpus's training requests; the rates are of its test split (other objects, other people, another wording).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { greedy } from "../src/contract/verbs";
import { extractDirection } from "../src/engine/microscope/directions/extract";
import { directionInterventions } from "../src/engine/microscope/directions/use";
import { testDirection } from "../src/engine/microscope/directions/validate";
import type { Lab } from "../src/engine/microscope/lab";
import { neutralPassages, refusal, requests } from "./lib/acting";
import { median, milliseconds, withModel } from "./lib/lab";

const { values: options } = parseArgs({
  options: {
    model: { type: "string", default: "specimen/specimen.gguf" },
    train: { type: "string", default: "80" },
    test: { type: "string", default: "60" },
    split: { type: "string", default: "test" },
  },
});
const [train, test] = [Number(options.train), Number(options.test)];
const split = options.split === "dev" ? "dev" : "test";
const folder = mkdtempSync(path.join(tmpdir(), "vitrine-bench-"));
const run = {
  signal: new AbortController().signal,
  progress: (done: number, total: number, message: string) =>
    process.stderr.write(`\r${message} ${done}/${total}      `),
};

try {
  const result = await withModel(options.model, { threads: 1, context: 512 }, measure);
  process.stderr.write("\n");
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(lab: Lab) {
  const file = path.join(folder, "refusal.gguf");
  const neutral = neutralPassages(12, 5);
  const found = await extractDirection(
    lab,
    {
      positive: requests(true, "train", train, 1),
      negative: requests(false, "train", train, 2),
      method: "meanDifference",
      layer: "auto",
      behaviour: refusal,
      neutral,
      name: "refusal",
      out: file,
    },
    run,
  );
  const proof = await testDirection(
    lab,
    {
      file,
      positive: requests(true, split, test, 3),
      negative: requests(false, split, test, 4),
      behaviour: refusal,
      neutral,
      max: 24,
      examples: 3,
    },
    run,
  );
  const { layer, position, norm, scale, removal, warnings } = found;
  return {
    extracted: { layer, position, strength: norm / scale, removal, warnings },
    proof,
    speed: await chatSpeed(lab, file),
  };
}

/** Tokens a second with the control vector against without, alternately; processor time, which a busy machine does not spoil. */
async function chatSpeed(lab: Lab, file: string) {
  const interventions = await directionInterventions(lab, { file, mode: "add", strength: 0.1 }, run.signal);
  const input = { kind: "prompt" as const, text: "The capital of France is" };
  const turn = async (altered: boolean) => {
    let tokens = 0;
    const { wall, cpu } = await milliseconds(async () => {
      const { forks } = await lab.generate(
        { input, sampling: { ...greedy, logitBias: [] }, max: 96, top: 0, ...(altered ? { interventions } : {}) },
        run.signal,
      );
      tokens = forks[0]!.tokens.length;
    });
    return { wall: tokens / wall, cpu: tokens / cpu };
  };
  await turn(true);
  await turn(false);
  const ratios: { wall: number; cpu: number }[] = [];
  for (let i = 0; i < 9; i++) {
    const [plain, altered] = [await turn(false), await turn(true)];
    ratios.push({ wall: altered.wall / plain.wall, cpu: altered.cpu / plain.cpu });
  }
  return { wall: median(ratios.map(({ wall }) => wall)), cpu: median(ratios.map(({ cpu }) => cpu)) };
}
