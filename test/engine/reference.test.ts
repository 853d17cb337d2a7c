import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LlamaCompletion, LlamaLogLevel, getLlama } from "node-llama-cpp";
import type { Llama, LlamaContext, LlamaContextSequence, LlamaModel } from "node-llama-cpp";
import { greedy } from "../../src/contract/verbs";
import { generate } from "../../src/engine/run/generate";
import { openModel, quiet, specimen } from "./open";
import type { Opened } from "./open";

// node-llama-cpp on the same file, prompt and threads is what our own numbers are held against.
let ours: Opened;
let llama: Llama;
let model: LlamaModel;
let context: LlamaContext;
let sequence: LlamaContextSequence;

beforeAll(async () => {
  ours = await openModel(specimen, { context: 256 });
  llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error });
  model = await llama.loadModel({ modelPath: specimen });
  context = await model.createContext({ contextSize: 256, threads: 1, sequences: 1, flashAttention: "auto" });
  sequence = context.getSequence();
});

afterAll(async () => {
  await context.dispose();
  await model.dispose();
  await llama.dispose();
  await ours.close();
});

const prompts = ["The cat sat on the mat and", "Paris is", "def add(a, b):", "你好 — naïve café 🙂 ", "1 2 3 4 5"];

describe("beside node-llama-cpp", () => {
  it.each(prompts)("makes the same tokens of %j", (text) => {
    const { vocabulary } = ours.session.model;
    expect([...vocabulary.encode(text, { special: false, frame: false })]).toEqual(model.tokenize(text));
    expect([...vocabulary.encode(`<|im_start|>${text}<|im_end|>`, { special: true, frame: false })]).toEqual(
      model.tokenize(`<|im_start|>${text}<|im_end|>`, true),
    );
  });

  it.each(prompts)("continues %j with the same text", async (text) => {
    const { forks } = await generate(
      ours.session,
      { input: { kind: "prompt", text }, sampling: greedy, max: 30 },
      quiet(),
    );
    await sequence.clearHistory();
    const completion = new LlamaCompletion({ contextSequence: sequence, autoDisposeSequence: false });
    const theirs = await completion.generateCompletion(text, { maxTokens: forks[0]!.tokens.length, temperature: 0 });
    completion.dispose();
    expect(forks[0]!.text).toBe(theirs);
  });

  it.each(prompts)("gives the same logits after %j", async (text) => {
    const { vocabulary } = ours.session.model;
    const ids = [...vocabulary.encode(text, { special: false, frame: true })];
    // From an empty cache, as there: how many tokens are run at once changes the last digits.
    ours.session.plain().cache.forgetAll();
    const { forks } = await generate(
      ours.session,
      { input: { kind: "tokens", ids }, sampling: greedy, max: 1, top: 100 },
      quiet(),
    );
    await sequence.clearHistory();
    const tokens = ids as ReturnType<typeof model.tokenize>;
    const last = tokens.length - 1;
    const options = { temperature: 1, topK: 0, topP: 1, minP: 0 };
    const evaluated = await sequence.controlledEvaluate([
      ...tokens.slice(0, last),
      [tokens[last]!, { generateNext: { probabilities: true, options } }],
    ]);
    const theirs = evaluated[last]!.next.probabilities!;
    const { top } = forks[0]!.tokens[0]!;
    expect(top).toHaveLength(100);
    const given = top.map(({ id }) => theirs.get(id as (typeof tokens)[number]) ?? Number.NaN);
    // Differences of logits: llama.cpp's sampler sums its probabilities in floats, which is off by some 1e-5.
    top.forEach(({ p }, index) => {
      expect(Math.abs(Math.log(p / top[0]!.p) - Math.log(given[index]! / given[0]!))).toBeLessThan(1e-5);
    });
  });
});
