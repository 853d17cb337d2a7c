// Speed of generation against node-llama-cpp on the same file, threads and prompt; the price of looking; the engine's start.
//   node scripts/ts.mjs bench/generate.ts [--rounds N] [--threads N] [--small]     --small leaves the 0.45 B model out
import { existsSync } from "node:fs";
import path from "node:path";
import { LlamaChatSession, LlamaCompletion, LlamaLogLevel, getLlama } from "node-llama-cpp";
import type { Llama, LlamaContextSequence } from "node-llama-cpp";
import type { EngineMethods } from "../src/contract/engine";
import { greedy } from "../src/contract/verbs";
import type { GenerateResult, Input } from "../src/contract/verbs";
import { addToken, makeBatch } from "../src/engine/llama/context";
import { quantize } from "../src/engine/llama/quantize";
import { Engine } from "../src/engine/run/engine";
import { generate } from "../src/engine/run/generate";
import { runPass } from "../src/engine/run/pass";
import type { Session } from "../src/engine/run/session";
import { Supervisor } from "../src/wire/supervisor";
import { largeModel } from "./lib/largeModel";
import { inTurns, measure, median, ratios, report } from "./lib/report";
import type { Figure, Spent } from "./lib/report";

const root = process.cwd();
const specimen = path.join(root, "specimen", "specimen.gguf");
const option = (name: string, usual: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
};
const rounds = option("rounds", 9);
const threads = option("threads", 1);
const context = 512;
const quiet = { signal: new AbortController().signal, progress: () => undefined };
const figures: Figure[] = [];

function note(spent: { first: Spent[]; second: Spent[] }, more: string): string {
  return `${ratios(spent).cpu.toFixed(3)} x by processor time; ${more}, median of ${rounds} rounds in turns`;
}

/** The same file opened by both sides. */
async function withBoth(
  llama: Llama,
  file: string,
  cores: number,
  use: (session: Session, sequence: LlamaContextSequence) => Promise<void>,
): Promise<void> {
  const engine = new Engine("", () => undefined);
  await engine.load({ file, gpu: "off", threads: cores, context }, quiet);
  const model = await llama.loadModel({ modelPath: file });
  const theirs = await model.createContext({
    contextSize: context,
    threads: cores,
    sequences: 1,
    flashAttention: "auto",
  });
  await use(engine.loaded(), theirs.getSequence());
  await theirs.dispose();
  await model.dispose();
  await engine.unload();
}

/** A greedy continuation, prompt and all, from an empty cache on either side. */
async function completion(
  llama: Llama,
  file: string,
  cores: number,
  most: number,
  target: number,
  name: string,
): Promise<void> {
  const text = "The cat sat on the mat and looked at the dog";
  await withBoth(llama, file, cores, async (session, sequence) => {
    const say = (max: number): Promise<GenerateResult> =>
      generate(session, { input: { kind: "prompt", text }, sampling: greedy, max }, quiet);
    // Both stop at the same length, before the model would end.
    const { forks } = await say(most);
    const length = forks[0]!.stop === "eos" ? Math.max(2, forks[0]!.tokens.length - 1) : most;
    const ours = async (): Promise<number> => {
      session.plain().cache.forgetAll();
      return (await say(length)).timings.tokens;
    };
    const completing = new LlamaCompletion({ contextSequence: sequence, autoDisposeSequence: false });
    const theirs = async (): Promise<number> => {
      await sequence.clearHistory();
      let count = 0;
      await completing.generateCompletion(text, {
        maxTokens: length,
        temperature: 0,
        onToken: (given) => (count += given.length),
      });
      return count;
    };
    await ours();
    await theirs();
    const spent = await inTurns(rounds, ours, theirs);
    const speed = (list: Spent[]): number => 1000 / median(list.map(({ wall }) => wall));
    figures.push({ name: `${name}: ours`, value: speed(spent.first), unit: "tokens/s" });
    figures.push({ name: `${name}: LlamaCompletion`, value: speed(spent.second), unit: "tokens/s" });
    figures.push({
      name: `${name}: ours / LlamaCompletion`,
      value: ratios(spent).wall,
      unit: "x",
      target: { value: target, atLeast: true },
      note: note(spent, `${cores} thread(s), ${length} tokens`),
    });
  });
}

/** A chat's first answer beside LlamaChatSession, and what its second turn has to evaluate. */
async function chat(llama: Llama): Promise<void> {
  const question = "Where does Kira live?";
  const input: Input = { kind: "chat", messages: [{ role: "user", content: question }] };
  await withBoth(llama, specimen, 1, async (session, sequence) => {
    const ours = async (): Promise<number> => {
      session.plain().cache.forgetAll();
      return (await generate(session, { input, sampling: greedy, max: 40 }, quiet)).timings.tokens;
    };
    const theirs = async (): Promise<number> => {
      await sequence.clearHistory();
      const talk = new LlamaChatSession({ contextSequence: sequence, systemPrompt: "", autoDisposeSequence: false });
      let count = 0;
      await talk.prompt(question, { maxTokens: 40, temperature: 0, onToken: (given) => (count += given.length) });
      talk.dispose({ disposeSequence: false });
      return count + 1; // the end of the turn is a token too
    };
    await ours();
    await theirs();
    const spent = await inTurns(rounds, ours, theirs);
    figures.push({
      name: "specimen, chat: ours / LlamaChatSession",
      value: ratios(spent).wall,
      unit: "x",
      target: { value: 0.97, atLeast: true },
      note: note(spent, "1 thread, template and prompt included"),
    });
    await secondTurn(session, input, question);
  });
}

async function secondTurn(session: Session, input: Input, question: string): Promise<void> {
  session.plain().cache.forgetAll();
  const first = await generate(session, { input, sampling: greedy, max: 40, session: "talk" }, quiet);
  const next: Input = {
    kind: "chat",
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: first.forks[0]!.text },
      { role: "user", content: "And why?" },
    ],
  };
  const { timings } = await generate(session, { input: next, sampling: greedy, max: 1, session: "talk" }, quiet);
  const before = first.timings.promptTokens + first.timings.tokens;
  figures.push({
    name: "second turn: tokens evaluated",
    value: timings.promptTokens - timings.reusedTokens,
    unit: "tokens",
    note: `of ${timings.promptTokens}; ${timings.promptTokens - before} of them are new, one more is the end of the first answer`,
  });
}

/** The price of looking: a prompt through the watched context, beside the plain one. */
async function looking(file: string): Promise<void> {
  const tokens = 128;
  const engine = new Engine("", () => undefined);
  await engine.load({ file, gpu: "off", threads, context }, quiet);
  const session = engine.loaded();
  const ids = Array.from({ length: tokens }, (_, index) => 300 + ((index * 37) % 2000));
  const decode = (place: { context: ReturnType<Session["plain"]>["context"] }) => async (): Promise<number> => {
    place.context.clear();
    const batch = makeBatch(tokens);
    ids.forEach((id, position) => addToken(batch, id, position, 0, position === tokens - 1));
    await place.context.decode(batch);
    return 1;
  };
  const plain = decode(session.plain());
  const { layers } = session.model;
  const reads = Array.from({ length: layers }, (_, layer) => ({
    site: "resid_post" as const,
    layer,
    positions: "all" as const,
  }));
  const watched = async (): Promise<number> => {
    await runPass(session, { sequences: [ids], reads, signal: quiet.signal, onPart: () => undefined });
    return 1;
  };
  const compare = async (name: string, work: () => Promise<number>, target?: number): Promise<void> => {
    await work();
    await plain();
    const spent = await inTurns(rounds, plain, work);
    figures.push({
      name,
      value: ratios(spent).wall,
      unit: "x",
      ...(target === undefined ? {} : { target: { value: target, atLeast: false } }),
      note: note(spent, `${tokens} tokens, ${threads} thread(s)`),
    });
  };
  await compare("0.45 B F16: observe, every resid_post kept / plain decode", watched, 1.1);
  await compare("0.45 B F16: a callback that asks for nothing / plain decode", decode(session.live()));
  await compare("0.45 B F16: plain decode / itself (the noise of this run)", plain);
  await engine.unload();
}

/** From nothing to a loaded specimen, in a process of its own. */
async function start(): Promise<void> {
  const file = path.join(root, "dist", "engine.mjs");
  if (!existsSync(file)) {
    console.error("dist/engine.mjs is not built: the start is not measured (node esbuild.js builds it)");
    return;
  }
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const supervisor = new Supervisor<EngineMethods>({ name: "The engine", file });
    const { wall } = await measure(async () => {
      await supervisor.call("load", { file: specimen, gpu: "auto" });
      return 1;
    });
    times.push(wall);
    await supervisor.stop();
  }
  figures.push({
    name: "engine: start to ready with the specimen",
    value: median(times) / 1000,
    unit: "s",
    target: { value: 1.5, atLeast: false },
  });
}

async function main(): Promise<void> {
  const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error });
  await start();
  await completion(llama, specimen, 1, 120, 0.97, "specimen");
  await chat(llama);
  if (!process.argv.includes("--small")) {
    const folder = path.join(root, ".cache", "bench");
    const half = largeModel(folder);
    for (const kind of ["Q8_0", "Q4_K_M"] as const) {
      const file = path.join(folder, `random-0.45b-${kind}.gguf`);
      if (!existsSync(file)) quantize(half, file, kind, threads);
      await completion(llama, file, threads, 24, 0.99, `0.45 B ${kind}`);
    }
    await completion(llama, half, threads, 16, 0.99, "0.45 B F16");
    await looking(half);
  }
  report("generate", figures);
  process.exit(0);
}

await main();
