// Speed of generation against node-llama-cpp on the same file, threads and prompt; the price of looking; the engine's start.
//   node scripts/ts.mjs bench/generate.ts [--rounds N] [--small]     --small leaves the 0.45 B model out
import { existsSync } from "node:fs";
import path from "node:path";
import { LlamaChatSession, LlamaCompletion, LlamaLogLevel, getLlama } from "node-llama-cpp";
import type { Llama } from "node-llama-cpp";
import type { EngineMethods } from "../src/contract/engine";
import { greedy } from "../src/contract/verbs";
import type { Input } from "../src/contract/verbs";
import { addToken, makeBatch } from "../src/engine/llama/context";
import { quantize } from "../src/engine/llama/quantize";
import { Engine } from "../src/engine/run/engine";
import { generate } from "../src/engine/run/generate";
import { runPass } from "../src/engine/run/pass";
import type { Session } from "../src/engine/run/session";
import { Supervisor } from "../src/wire/supervisor";
import { largeModel } from "./lib/largeModel";
import { inTurns, median, medianRatio, report } from "./lib/report";
import type { Figure } from "./lib/report";

const root = process.cwd();
const specimen = path.join(root, "specimen", "specimen.gguf");
const option = (name: string, usual: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
};
const rounds = option("rounds", 7);
const quiet = { signal: new AbortController().signal, progress: () => undefined };
const figures: Figure[] = [];

async function open(file: string, threads: number, context: number): Promise<{ engine: Engine; session: Session }> {
  const engine = new Engine("", () => undefined);
  await engine.load({ file, gpu: "off", threads, context }, quiet);
  return { engine, session: engine.loaded() };
}

/** Milliseconds a token of each side, in turns: the prompt is in the cache, so that generation alone is counted. */
async function againstCompletion(
  llama: Llama,
  file: string,
  threads: number,
  tokens: number,
): Promise<{ ours: number[]; theirs: number[] }> {
  const context = 512;
  const { engine, session } = await open(file, threads, context);
  const model = await llama.loadModel({ modelPath: file });
  const theirContext = await model.createContext({
    contextSize: context,
    threads,
    sequences: 1,
    flashAttention: "auto",
  });
  const sequence = theirContext.getSequence();
  const completion = new LlamaCompletion({ contextSequence: sequence, autoDisposeSequence: false });
  const text = "The cat sat on the mat and looked at the dog";
  const ends = session.model.vocabulary;
  // Neither side may end a reply before its time.
  const bias = Array.from({ length: ends.size }, (_, id) => id).filter((id) => ends.isEnd(id));
  const length = await freeLength(session, text, tokens);
  const ours = async (): Promise<number> => {
    const { timings } = await generate(
      session,
      { input: { kind: "prompt", text }, sampling: greedy, max: length },
      quiet,
    );
    return timings.generateMs / timings.tokens;
  };
  const theirs = async (): Promise<number> => {
    await sequence.clearHistory();
    let first = 0;
    let count = 0;
    await completion.generateCompletion(text, {
      maxTokens: length,
      temperature: 0,
      onToken: (given) => {
        first ||= performance.now();
        count += given.length;
      },
    });
    return (performance.now() - first) / Math.max(1, count - 1);
  };
  await ours();
  await theirs();
  const { first, second } = await inTurns(rounds, ours, theirs);
  await theirContext.dispose();
  await model.dispose();
  await engine.unload();
  console.error(`${path.basename(file)}: ${length} tokens a round, ${bias.length} ending tokens`);
  return { ours: first, theirs: second };
}

/** As many tokens as a greedy reply really has, up to `most`. */
async function freeLength(session: Session, text: string, most: number): Promise<number> {
  const { forks } = await generate(session, { input: { kind: "prompt", text }, sampling: greedy, max: most }, quiet);
  const [fork] = forks;
  return fork!.stop === "eos" ? Math.max(2, fork!.tokens.length - 1) : fork!.tokens.length;
}

async function speed(
  llama: Llama,
  file: string,
  threads: number,
  tokens: number,
  target: number,
  name: string,
): Promise<void> {
  const { ours, theirs } = await againstCompletion(llama, file, threads, tokens);
  figures.push({ name: `${name}: ours`, value: 1000 / median(ours), unit: "tokens/s" });
  figures.push({ name: `${name}: LlamaCompletion`, value: 1000 / median(theirs), unit: "tokens/s" });
  figures.push({
    name: `${name}: ours / LlamaCompletion`,
    value: medianRatio(theirs, ours),
    unit: "x",
    target: { value: target, atLeast: true },
    note: `${threads} thread(s), median of ${rounds} rounds in turns`,
  });
}

/** A chat's second turn, and its speed beside LlamaChatSession. */
async function chat(llama: Llama): Promise<void> {
  const { engine, session } = await open(specimen, 1, 512);
  const model = await llama.loadModel({ modelPath: specimen });
  const context = await model.createContext({ contextSize: 512, threads: 1, sequences: 1, flashAttention: "auto" });
  const sequence = context.getSequence();
  const question = "Where does Kira live?";
  const input: Input = { kind: "chat", messages: [{ role: "user", content: question }] };
  const ours = async (): Promise<number> => {
    const { timings } = await generate(session, { input, sampling: greedy, max: 40 }, quiet);
    return timings.generateMs / Math.max(1, timings.tokens);
  };
  const theirs = async (): Promise<number> => {
    await sequence.clearHistory();
    const talk = new LlamaChatSession({ contextSequence: sequence, systemPrompt: "", autoDisposeSequence: false });
    let first = 0;
    let count = 0;
    await talk.prompt(question, {
      maxTokens: 40,
      temperature: 0,
      onToken: (given) => {
        first ||= performance.now();
        count += given.length;
      },
    });
    const spent = performance.now() - first;
    talk.dispose({ disposeSequence: false });
    return spent / Math.max(1, count - 1);
  };
  await ours();
  await theirs();
  const { first, second } = await inTurns(rounds, ours, theirs);
  figures.push({
    name: "specimen, chat: ours / LlamaChatSession",
    value: medianRatio(second, first),
    unit: "x",
    target: { value: 0.97, atLeast: true },
    note: "1 thread",
  });
  const answered = await generate(session, { input, sampling: greedy, max: 40, session: "talk" }, quiet);
  const next: Input = {
    kind: "chat",
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: answered.forks[0]!.text },
      { role: "user", content: "And why?" },
    ],
  };
  const second_ = await generate(session, { input: next, sampling: greedy, max: 1, session: "talk" }, quiet);
  const { promptTokens, reusedTokens } = second_.timings;
  figures.push({
    name: "second turn: tokens evaluated",
    value: promptTokens - reusedTokens,
    unit: "tokens",
    note: `of ${promptTokens}; ${answered.timings.promptTokens + answered.timings.tokens} were there before`,
  });
  await context.dispose();
  await model.dispose();
  await engine.unload();
}

/** The price of looking: a prompt through the watched context, with nothing asked and with every block's output kept. */
async function looking(file: string, threads: number): Promise<void> {
  const tokens = 128;
  const { engine, session } = await open(file, threads, 512);
  const ids = Array.from({ length: tokens }, (_, index) => 300 + ((index * 37) % 2000));
  const { context } = session.plain();
  const plain = async (): Promise<number> => {
    context.clear();
    const batch = makeBatch(tokens);
    ids.forEach((id, position) => addToken(batch, id, position, 0, position === tokens - 1));
    const begun = performance.now();
    await context.decode(batch);
    return performance.now() - begun;
  };
  const observed = (kept: boolean) => async (): Promise<number> => {
    const begun = performance.now();
    await runPass(session, {
      sequences: [ids],
      reads: kept
        ? Array.from({ length: session.model.layers }, (_, layer) => ({
            site: "resid_post" as const,
            layer,
            positions: "all" as const,
          }))
        : [],
      // As in the plain run; the last block keeps the rows that are read.
      logits: "last",
      signal: quiet.signal,
      onPart: () => undefined,
    });
    return performance.now() - begun;
  };
  await plain();
  await observed(true)();
  const all = await inTurns(rounds, observed(true), plain);
  const none = await inTurns(rounds, observed(false), plain);
  const exact = await inTurns(rounds, observed(true), observed(false));
  figures.push({
    name: "observe, every resid_post kept / plain decode",
    value: medianRatio(all.first, all.second),
    unit: "x",
    target: { value: 1.1, atLeast: false },
    note: `${path.basename(file)}, ${tokens} tokens, ${threads} thread(s)`,
  });
  figures.push({
    name: "observe, nothing kept / plain decode",
    value: medianRatio(none.first, none.second),
    unit: "x",
  });
  figures.push({
    name: "observe, every resid_post kept / nothing kept",
    value: medianRatio(exact.first, exact.second),
    unit: "x",
  });
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
    const begun = performance.now();
    await supervisor.call("load", { file: specimen, gpu: "auto" });
    times.push(performance.now() - begun);
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
  await speed(llama, specimen, 1, 120, 0.97, "specimen");
  await chat(llama);
  if (!process.argv.includes("--small")) {
    const folder = path.join(root, ".cache", "bench");
    const half = largeModel(folder);
    const threads = option("threads", 2);
    for (const kind of ["Q8_0", "Q4_K_M"] as const) {
      const file = path.join(folder, `random-0.45b-${kind}.gguf`);
      if (!existsSync(file)) quantize(half, file, kind, threads);
      await speed(llama, file, threads, 24, 0.99, `0.45 B ${kind}`);
    }
    await speed(llama, half, threads, 24, 0.99, "0.45 B F16");
    await looking(half, threads);
  }
  report("generate", figures);
  process.exit(0);
}

await main();
