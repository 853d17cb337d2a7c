// What the live lens costs: time per generated token with a lens row a layer, over plain generation of the same tokens.
//   node scripts/ts.mjs bench/liveLens.ts [--rounds N] [--threads N] [--small]     --small leaves the 0.45 B model out
import path from "node:path";
import { greedy } from "../src/contract/verbs";
import type { GenerateParams } from "../src/contract/verbs";
import { Engine } from "../src/engine/run/engine";
import { generate } from "../src/engine/run/generate";
import { largeModel } from "./lib/largeModel";
import { inTurns, median, ratios, report } from "./lib/report";
import type { Figure } from "./lib/report";

const option = (name: string, usual: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
};
const rounds = option("rounds", 9);
const threads = option("threads", 1);
const quiet = { signal: new AbortController().signal, progress: () => undefined };

/** As the chat asks for it: the embedding and the stream after each layer, three tokens a cell. */
async function cost(file: string, name: string, max: number, target: number): Promise<Figure[]> {
  const engine = new Engine("", () => undefined);
  await engine.load({ file, gpu: "off", threads, context: 512 }, quiet);
  const session = engine.loaded();
  const text = "The cat sat on the mat and looked at the dog";
  const plain: GenerateParams = { input: { kind: "prompt", text }, sampling: greedy, max, top: 8 };
  const lens: GenerateParams = { ...plain, lens: { sites: ["embed", "resid_post"], top: 3 } };
  const say = (params: GenerateParams) => async (): Promise<number> => {
    const { timings } = await generate(session, params, quiet);
    return timings.tokens;
  };
  await say(plain)();
  await say(lens)();
  const spent = await inTurns(rounds, say(plain), say(lens));
  const { wall, cpu } = ratios(spent);
  await engine.unload();
  return [
    { name: `${name}: plain`, value: median(spent.first.map((each) => each.wall)), unit: "ms/token" },
    { name: `${name}: with the live lens`, value: median(spent.second.map((each) => each.wall)), unit: "ms/token" },
    {
      name: `${name}: live lens / plain`,
      value: wall,
      unit: "x",
      target: { value: target, atLeast: false },
      note: `${cpu.toFixed(3)} x by processor time; ${threads} thread(s), median of ${rounds} rounds in turns`,
    },
  ];
}

const figures = await cost(path.join(process.cwd(), "specimen", "specimen.gguf"), "specimen", 64, 1.25);
if (!process.argv.includes("--small")) {
  const large = largeModel(path.join(process.cwd(), ".cache", "bench"));
  figures.push(...(await cost(large, "0.45 B F16", 12, 1.1)));
}
report("liveLens", figures);
