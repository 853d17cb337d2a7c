import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { greedy } from "../../src/contract/verbs";
import { generate } from "../../src/engine/run/generate";
import { observe } from "../../src/engine/run/observe";
import { openModel, quiet } from "./open";
import type { Opened } from "./open";

/** What PyTorch gave for the shipped weights when they were exported (`specimen/train/export.py`). */
interface Recorded {
  prompts: { prompt: string; tokens: number[]; top: [id: number, logit: number][]; greedy: number[] }[];
}
const recorded = JSON.parse(readFileSync("test/fixtures/specimen-logits.json", "utf8")) as Recorded;

let ours: Opened;
beforeAll(async () => {
  ours = await openModel();
});
afterAll(() => ours.close());

describe("beside the PyTorch that trained it", () => {
  it.each(recorded.prompts)("makes the same tokens of $prompt", ({ prompt, tokens }) => {
    expect([...ours.session.model.vocabulary.encode(prompt, { special: true, frame: false })]).toEqual(tokens);
  });

  it.each(recorded.prompts)("gives the same logits after $prompt", async ({ tokens, top }) => {
    const { sequences } = await observe(
      ours.session,
      { sequences: [{ kind: "tokens", ids: tokens }], reads: [], logits: "last" },
      quiet(),
    );
    const logits = sequences[0]!.logits!.data;
    // llama.cpp rounds activations to 16 bits before each product with F16 weights; PyTorch here kept 32.
    for (const [id, logit] of top) expect(Math.abs(logits[id]! - logit)).toBeLessThan(0.1);
    expect(logits.indexOf(Math.max(...logits))).toBe(top[0]![0]);
  });

  it.each(recorded.prompts)("writes the same twelve tokens after $prompt", async ({ tokens, greedy: theirs }) => {
    const { forks } = await generate(
      ours.session,
      { input: { kind: "tokens", ids: tokens }, sampling: greedy, max: 12 },
      quiet(),
    );
    // The marks of an end (0 ends a text, 2 a turn) stop a generation and are no part of the reply.
    const reply = (ids: number[]) => ids.slice(0, ids.findIndex((id) => id === 0 || id === 2) >>> 0);
    expect(reply(forks[0]!.tokens.map(({ id }) => id))).toEqual(reply(theirs));
  });
});
