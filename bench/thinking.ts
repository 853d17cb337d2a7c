/**
 * Accuracy against tokens of thinking: `node scripts/ts.mjs bench/thinking.ts [--model FILE] [--count N] [--split dev|test]`
 * Additions by digits and two-step word problems of the specimen's held-out splits, greedy, through the engine.
 */
import { parseArgs } from "node:util";
import { vote } from "../src/agent/reasoning/vote";
import { greedy, type GenerateParams } from "../src/contract/verbs";
import { sumSample, wordProblemSample } from "../specimen/corpus/arithmetic";
import { Draw } from "../specimen/corpus/draw";
import type { Sample } from "../specimen/corpus/sample";
import { withEngine } from "./lib/inProcess";
import { report, type Figure } from "./lib/report";

const { values: options } = parseArgs({
  options: {
    model: { type: "string", default: "specimen/specimen.gguf" },
    count: { type: "string", default: "20" },
    split: { type: "string", default: "test" },
  },
});
const count = Number(options.count);
const split = options.split === "dev" ? "dev" : "test";

type Way = Pick<GenerateParams, "think" | "extend" | "settle" | "forks" | "sampling">;
const ways: [name: string, way: Way][] = [
  ["no thinking", { think: "off", sampling: greedy }],
  ["8 tokens", { think: 8, sampling: greedy }],
  ["16 tokens", { think: 16, sampling: greedy }],
  ["32 tokens", { think: 32, sampling: greedy }],
  ["64 tokens", { think: 64, sampling: greedy }],
  ["128 tokens", { think: 128, sampling: greedy }],
  ["as it likes", { think: "auto", sampling: greedy }],
  ["until settled", { think: "auto", settle: { nats: 0.02, every: 8 }, sampling: greedy }],
  ["128 tokens, extended once", { think: 128, extend: 1, sampling: greedy }],
  [
    "vote of 5",
    {
      think: "auto",
      forks: Array.from({ length: 5 }, () => ({ prefix: [] })),
      sampling: { ...greedy, temperature: 0.7, seed: 1 },
    },
  ],
];
const kinds: [name: string, make: (draw: Draw) => Sample][] = [
  ...[1, 2, 3, 4].map((digits): [string, (draw: Draw) => Sample] => [
    `addition, ${digits} digits`,
    (draw) => sumSample(draw, true, digits),
  ]),
  ["two-step problems", (draw) => wordProblemSample(draw, true)],
];

await withEngine(options.model, { threads: 1 }, async (caller) => {
  const figures: Figure[] = [];
  const deep = new Map<string, { right: number; of: number }>();
  for (const [kind, make] of kinds) {
    const draw = new Draw(7, split);
    const samples = Array.from({ length: count }, () => make(draw));
    for (const [name, way] of ways) {
      let right = 0;
      let thought = 0;
      for (const { chat = [], gold } of samples) {
        const { forks } = await caller.call("generate", {
          input: { kind: "chat", messages: chat.slice(0, -1) },
          max: 260,
          ...way,
        });
        const answer = vote(forks.map(({ text }) => text))[0]?.answer ?? "";
        if (answer.trim().replace(/\.$/, "") === String((gold as { answer: unknown }).answer)) right++;
        thought += (forks[0]?.tokens ?? []).filter(({ part }) => part === "thought").length;
      }
      const mean = (thought / count).toFixed(1);
      figures.push({
        name: `${kind}: ${name}`,
        value: (100 * right) / count,
        unit: "% right",
        note: `${mean} tokens of thought`,
      });
      if (/[34] digits|two-step/.test(kind)) {
        const sum = deep.get(name) ?? { right: 0, of: 0 };
        deep.set(name, { right: sum.right + right, of: sum.of + count });
      }
    }
  }
  const rate = (name: string): number => (100 * (deep.get(name)?.right ?? 0)) / Math.max(1, deep.get(name)?.of ?? 0);
  figures.push({
    name: "too deep for one pass: thinking less direct",
    value: rate("as it likes") - rate("no thinking"),
    unit: "points",
    target: { value: 30, atLeast: true },
    note: `3 and 4 digits and two steps, ${rate("as it likes").toFixed(0)} % against ${rate("no thinking").toFixed(0)} %`,
  });
  report("thinking", figures);
});
