import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { greedy } from "../../src/contract/verbs";
import type { GenerateParams, GenerateProgress, GenerateResult, Input } from "../../src/contract/verbs";
import { generate } from "../../src/engine/run/generate";
import { openModel, quiet, sampled, watched } from "./open";
import type { Opened } from "./open";

let opened: Opened;
beforeAll(async () => {
  opened = await openModel();
});
beforeEach(() => opened.session.plain().cache.forgetAll());
afterAll(() => opened.close());

const story: Input = { kind: "prompt", text: "Once upon a time there was a" };
const never = [0, 1, 2];

function run(params: Partial<GenerateParams> = {}): Promise<GenerateResult> {
  return generate(opened.session, { input: story, sampling: greedy, max: 24, ...params }, quiet());
}

/** A sampling that never ends a reply. */
function endless(changes: Parameters<typeof sampled>[0] = {}) {
  return sampled({ logitBias: never.map((id) => ({ id, bias: -Infinity })), ...changes });
}

describe("sampling", () => {
  it("is the same for the same seed, and differs for another", async () => {
    const sampling = endless({ temperature: 1.2 });
    const texts: string[] = [];
    for (const seed of [7, 7, 8]) {
      // A prompt found in the cache is computed in batches of another shape, and its last digits differ.
      opened.session.plain().cache.forgetAll();
      texts.push((await run({ sampling: { ...sampling, seed } })).forks[0]!.text);
    }
    expect(texts[0]).toBe(texts[1]);
    expect(texts[2]).not.toBe(texts[0]);
  });

  it("tells a fresh seed that gives the same again", async () => {
    const first = await run({ sampling: endless() });
    // A prompt found in the cache is computed in batches of another shape: its last digits, and rarely a draw, differ.
    opened.session.plain().cache.forgetAll();
    const again = await run({ sampling: endless({ seed: first.forks[0]!.seed }) });
    expect(again.forks[0]!.text).toBe(first.forks[0]!.text);
  });

  it("of one token out of one is the greedy one", async () => {
    const most = await run();
    expect((await run({ sampling: sampled({ topK: 1, seed: 1 }) })).forks[0]!.text).toBe(most.forks[0]!.text);
    expect((await run({ sampling: sampled({ topP: 1e-6, seed: 1 }) })).forks[0]!.text).toBe(most.forks[0]!.text);
    expect((await run({ sampling: sampled({ minP: 1, seed: 1 }) })).forks[0]!.text).toBe(most.forks[0]!.text);
  });

  it("draws the same among the likeliest, however they are found", async () => {
    // A bias of 0 changes nothing but the way the candidates are gathered.
    const sampling = sampled({ topK: 20, topP: 0.9, seed: 5 });
    const narrow = await run({ sampling });
    const whole = await run({ sampling: { ...sampling, logitBias: [{ id: 9, bias: 0 }] } });
    expect(whole.forks[0]!.tokens.map(({ id }) => id)).toEqual(narrow.forks[0]!.tokens.map(({ id }) => id));
  });

  it("follows the distribution", async () => {
    const [top] = (await run({ max: 1, top: 5 })).forks[0]!.tokens;
    const draws = 300;
    let hits = 0;
    for (let seed = 0; seed < draws; seed++) {
      const { forks } = await run({ max: 1, sampling: sampled({ seed }) });
      if (forks[0]!.tokens[0]!.id === top!.id) hits++;
    }
    const spread = Math.sqrt((top!.p * (1 - top!.p)) / draws);
    expect(Math.abs(hits / draws - top!.p)).toBeLessThan(5 * spread + 1e-9);
  });

  it("obeys biases and penalties", async () => {
    const first = (await run({ max: 1 })).forks[0]!.tokens[0]!;
    const banned = await run({ max: 1, sampling: { ...greedy, logitBias: [{ id: first.id, bias: -Infinity }] } });
    expect(banned.forks[0]!.tokens[0]!.id).not.toBe(first.id);
    const wanted = await run({ max: 3, sampling: { ...greedy, logitBias: [{ id: 100, bias: 100 }] } });
    expect(wanted.forks[0]!.tokens.map(({ id }) => id)).toEqual([100, 100, 100]);
    const penalised = await run({
      max: 3,
      sampling: { ...greedy, logitBias: [{ id: 100, bias: 100 }], presencePenalty: 1000 },
    });
    expect(new Set(penalised.forks[0]!.tokens.map(({ id }) => id)).size).toBe(3);
  });

  it.each([
    { temperature: -1 },
    { temperature: Number.NaN },
    { topP: 0 },
    { topK: 1.5 },
    { repeatPenalty: 0 },
    { seed: -1 },
    { logitBias: [{ id: 1e6, bias: 1 }] },
  ])("refuses %o", async (changes) => {
    await expect(run({ sampling: sampled(changes) })).rejects.toMatchObject({
      code: expect.stringMatching(/badArgument|notFinite|unknownToken/),
    });
  });
});

describe("each token", () => {
  it("carries its probability, its alternatives and its entropy", async () => {
    const size = opened.session.model.vocabulary.size;
    const { forks } = await run({ top: 100, max: 6, sampling: sampled({ seed: 3 }) });
    for (const { id, p, entropy, top } of forks[0]!.tokens) {
      expect(top.map((each) => each.p)).toEqual([...top.map((each) => each.p)].sort((a, b) => b - a));
      const mine = top.find((each) => each.id === id);
      if (mine) expect(mine.p).toBeCloseTo(p, 9);
      const known = top.reduce((sum, each) => sum - each.p * Math.log(each.p), 0);
      const rest = Math.max(1e-12, 1 - top.reduce((sum, each) => sum + each.p, 0));
      expect(entropy).toBeGreaterThan(known - 1e-4);
      expect(entropy).toBeLessThan(known + rest * Math.log(size / rest) + 1e-4);
    }
  });

  it("is told as it comes, and the text is what the tokens say", async () => {
    const seen: GenerateProgress[] = [];
    const result = await generate(
      opened.session,
      { input: story, sampling: endless({ seed: 1 }), max: 20 },
      watched(seen),
    );
    const told = seen.filter((each) => each.kind === "token");
    expect(told.map(({ token }) => token)).toEqual(result.forks[0]!.tokens);
    expect(told.map(({ index }) => index)).toEqual(told.map((_, index) => index));
    const bytes = result.forks[0]!.tokens.flatMap(({ text, bytes }) => bytes ?? [...Buffer.from(text)]);
    expect(result.forks[0]!.text).toBe(new TextDecoder().decode(Uint8Array.from(bytes)));
  });
});

describe("the end", () => {
  it("comes at the limit, also of none", async () => {
    expect((await run({ max: 5, sampling: endless() })).forks[0]).toMatchObject({ stop: "max" });
    const none = await run({ max: 0 });
    expect(none.forks[0]).toMatchObject({ stop: "max", text: "", tokens: [] });
  });

  it("comes at a stop string, wherever its tokens begin and end", async () => {
    const { text } = (await run({ sampling: endless({ temperature: 0 }) })).forks[0]!;
    for (const [from, to] of [
      [3, 9],
      [5, 8],
      [10, 11],
    ] as const) {
      const stop = text.slice(from, to);
      const { forks } = await run({ sampling: endless({ temperature: 0 }), stop: ["nowhere in it", stop] });
      expect(forks[0]).toMatchObject({ stop: "stop", stopText: stop, text: text.slice(0, text.indexOf(stop)) });
    }
  });

  it("comes at the end of the context", async () => {
    const { context } = opened.session.options;
    const ids = Array.from({ length: context - 4 }, (_, index) => 100 + (index % 90));
    const { forks } = await run({ input: { kind: "tokens", ids }, sampling: endless(), max: 1000 });
    expect(forks[0]!.stop).toBe("context");
    expect(forks[0]!.tokens.length).toBeGreaterThan(1);
  });

  it("comes when it is cancelled, within one token, and what was written is kept", async () => {
    const abort = new AbortController();
    const seen: GenerateProgress[] = [];
    const result = await generate(
      opened.session,
      { input: story, sampling: endless({ seed: 4 }), max: 200 },
      {
        signal: abort.signal,
        progress: (event) => {
          seen.push(event);
          if (event.kind === "token" && event.index === 4) abort.abort();
        },
      },
    );
    expect(result.forks[0]).toMatchObject({ stop: "cancelled" });
    expect(result.forks[0]!.tokens).toHaveLength(5);
    // The cache is in order: the next run gives what a fresh one does.
    const next = await run();
    opened.session.plain().cache.forgetAll();
    expect(next.forks[0]!.text).toBe((await run()).forks[0]!.text);
  });

  it("is an error with the counts where the prompt does not fit", async () => {
    const ids = Array<number>(100_000).fill(100);
    await expect(run({ input: { kind: "tokens", ids } })).rejects.toMatchObject({
      code: "contextFull",
      data: { details: { tokens: 100_000, context: opened.session.options.context } },
    });
  });

  it("is an error where there is nothing to continue", async () => {
    await expect(run({ input: { kind: "tokens", ids: [] } })).rejects.toMatchObject({ code: "badArgument" });
    await expect(run({ stop: [""] })).rejects.toMatchObject({ code: "badArgument" });
  });
});

describe("a form", () => {
  const schema = {
    type: "object" as const,
    properties: {
      kind: { enum: ["cat", "dog", 3, null] },
      legs: { type: "integer" as const },
      names: { type: "array" as const, items: { type: "string" as const, maxLength: 6 }, minItems: 1, maxItems: 2 },
      note: { anyOf: [{ type: "boolean" as const }, { type: "null" as const }] },
    },
    required: ["kind", "names"],
  };

  it.each([1, 2, 3, 4, 5])("of a schema is kept, seed %i", async (seed) => {
    const { forks } = await run({
      form: { kind: "schema", schema },
      sampling: sampled({ seed, temperature: 1.5 }),
      max: 200,
    });
    expect(forks[0]!.stop).toBe("form");
    const value = JSON.parse(forks[0]!.text) as Record<string, unknown>;
    expect(["cat", "dog", 3, null]).toContainEqual(value["kind"]);
    expect((value["names"] as string[]).length).toBeGreaterThan(0);
    expect((value["names"] as string[]).length).toBeLessThan(3);
    for (const key of Object.keys(value)) expect(Object.keys(schema.properties)).toContain(key);
    if ("legs" in value) expect(Number.isInteger(value["legs"])).toBe(true);
    if ("note" in value) expect([true, false, null]).toContain(value["note"]);
  });

  it("of a grammar is kept", async () => {
    const grammar = 'root ::= ("ab" | "cd"){3} "."';
    const { forks } = await run({
      form: { kind: "gbnf", grammar },
      sampling: sampled({ seed: 2, temperature: 2 }),
      max: 50,
    });
    expect(forks[0]!.text).toMatch(/^(ab|cd){3}\.$/);
  });

  it("does not change a reply that keeps it anyway", async () => {
    const any = { kind: "gbnf" as const, grammar: "root ::= [^\\x00]*" };
    const sampling = endless({ temperature: 0 });
    expect((await run({ form: any, sampling })).forks[0]!.text).toBe((await run({ sampling })).forks[0]!.text);
  });

  it("that cannot be read is refused", async () => {
    await expect(run({ form: { kind: "gbnf", grammar: "root ::= (" } })).rejects.toMatchObject({ code: "badArgument" });
    await expect(run({ form: { kind: "gbnf", grammar: "leaf ::= 'x'" } })).rejects.toMatchObject({
      code: "badArgument",
    });
  });
});

describe("the cache", () => {
  it("evaluates only what a second turn adds, and gives the same", async () => {
    const sampling = endless({ temperature: 0 });
    const first = await run({ sampling, max: 10 });
    const prompt = [
      ...opened.session.model.vocabulary.encode("Once upon a time there was a", { special: false, frame: true }),
    ];
    const ids = [...prompt, ...first.forks[0]!.tokens.map(({ id }) => id), 100, 101, 102];
    const second = await run({ sampling, input: { kind: "tokens", ids } });
    // The last token of the reply was never run; it and the new ones are.
    expect(second.timings.reusedTokens).toBe(prompt.length + 9);
    opened.session.plain().cache.forgetAll();
    const fresh = await run({ sampling, input: { kind: "tokens", ids } });
    expect(fresh.timings.reusedTokens).toBe(0);
    expect(second.forks[0]!.text).toBe(fresh.forks[0]!.text);
  });

  it("keeps named conversations beside each other", async () => {
    const a: Input = { kind: "tokens", ids: Array.from({ length: 60 }, (_, index) => 100 + index) };
    const b: Input = { kind: "tokens", ids: Array.from({ length: 60 }, (_, index) => 300 + index) };
    await run({ input: a, session: "a", max: 4 });
    await run({ input: b, session: "b", max: 4 });
    expect((await run({ input: a, session: "a", max: 4 })).timings.reusedTokens).toBe(59);
    expect((await run({ input: b, session: "b", max: 4 })).timings.reusedTokens).toBe(59);
  });

  it("makes room when the context is full", async () => {
    for (let name = 0; name < 12; name++) {
      const ids = Array.from({ length: 150 }, (_, index) => 100 + ((index * 7 + name * 31) % 900));
      const { forks } = await run({ input: { kind: "tokens", ids }, session: `conversation ${name}`, max: 4 });
      expect(forks[0]!.stop).not.toBe("context");
    }
  });
});

describe("forks", () => {
  it("give what separate runs give", async () => {
    const prefixes = [[], [100, 101], [100, 102, 103], [500]];
    const sampling = endless({ temperature: 0 });
    const together = await run({ sampling, max: 8, forks: prefixes.map((prefix) => ({ prefix })), top: 1 });
    for (const [index, prefix] of prefixes.entries()) {
      opened.session.plain().cache.forgetAll();
      const alone = await run({ sampling, max: 8, forks: [{ prefix }], top: 1 });
      const [mine, its] = [together.forks[index]!, alone.forks[0]!];
      expect(mine.text).toBe(its.text);
      mine.tokens.forEach(({ p }, at) => expect(Math.abs(p - its.tokens[at]!.p)).toBeLessThan(5e-3));
    }
  });

  it("draw with seeds of their own", async () => {
    const sampling = endless({ temperature: 1 });
    const forks = [11, 12].map((seed) => ({ prefix: [], seed }));
    const together = await run({ sampling, forks });
    expect(together.forks.map(({ seed }) => seed)).toEqual([11, 12]);
    expect(together.forks[0]!.text).not.toBe(together.forks[1]!.text);
  });

  it("branch an answer at a token for the price of what follows", async () => {
    const sampling = endless({ temperature: 0 });
    const first = await run({ sampling, max: 12 });
    const ids = first.forks[0]!.tokens.map(({ id }) => id);
    const branch = await run({ sampling, max: 4, forks: [{ prefix: [...ids.slice(0, 6), 100] }] });
    expect(branch.timings.reusedTokens).toBe(branch.timings.promptTokens);
    const { vocabulary } = opened.session.model;
    const said = [...ids.slice(0, 6), 100, ...branch.forks[0]!.tokens.map(({ id }) => id)];
    expect(branch.forks[0]!.text).toBe(new TextDecoder().decode(Buffer.concat(said.map((id) => vocabulary.piece(id)))));
  });
});
