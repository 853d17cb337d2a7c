import { describe, expect, test } from "vitest";
import { parseForge, parseForgeSpec } from "../../../src/agent/prompts/forge";
import { parseJudge } from "../../../src/agent/prompts/judge";
import { parseMemoryWrite } from "../../../src/agent/prompts/memoryWrite";
import { parseNotes, parseQuestions } from "../../../src/agent/prompts/notes";
import { parsePlan } from "../../../src/agent/prompts/plan";
import { parseReflect } from "../../../src/agent/prompts/reflect";
import { parseToolReply } from "../../../src/agent/prompts/tools";
import { parseTriples } from "../../../src/agent/prompts/triples";
import { parseWorldModel } from "../../../src/agent/prompts/worldModel";
import { additionScratch, subtractionScratch, wordProblemSample } from "../../../specimen/corpus/arithmetic";
import { Draw, splitOf, type Split } from "../../../specimen/corpus/draw";
import { forgeItem } from "../../../specimen/corpus/forging";
import { sampleFrom } from "../../../specimen/corpus/mixture";
import { renderSample, replyText } from "../../../specimen/corpus/render";
import { facts, paths } from "../../../specimen/corpus/world";

function many(split: Split, count: number, seed = 9) {
  const draw = new Draw(seed, split);
  return Array.from({ length: count }, () => sampleFrom(draw));
}

describe("the corpus", () => {
  test("is the same for the same seed and another for another", () => {
    const text = (seed: number) => JSON.stringify(many("train", 60, seed).map(renderSample));
    expect(text(1)).toBe(text(1));
    expect(text(1)).not.toBe(text(2));
  });

  test("keeps invented words of the test split out of training", () => {
    const words = (split: Split) => {
      const draw = new Draw(3, split);
      return Array.from({ length: 3000 }, () => draw.nonce());
    };
    expect(words("test").every((word) => splitOf(word) === "test")).toBe(true);
    const seen = new Set(words("train"));
    expect(words("test").some((word) => seen.has(word))).toBe(false);
  });

  test("repeats no conversation of the test split in training", () => {
    const seen = new Set(many("train", 6000).map((sample) => JSON.stringify(renderSample(sample))));
    const held = many("test", 1500).filter(
      (sample) => !["talk", "chinese-talk"].includes(sample.task) && sample.gold?.toString() !== "",
    );
    expect(held.filter((sample) => seen.has(JSON.stringify(renderSample(sample))))).toEqual([]);
  });

  test("gives replies that the agent's own parsers accept", () => {
    const parsers: Record<string, (text: string) => { ok: boolean }> = {
      "memory-write": (text) => parseMemoryWrite(text, 9),
      triples: parseTriples,
      reflect: (text) => parseReflect(text, 9),
      plan: parsePlan,
      propose: parsePlan,
      judge: parseJudge,
      "world-model": parseWorldModel,
      notes: parseNotes,
      questions: parseQuestions,
      forge: parseForge,
      repair: parseForge,
      "forge-spec": parseForgeSpec,
      "tool-call": parseToolReply,
    };
    const met = new Set<string>();
    for (const sample of many("train", 4000)) {
      const parser = parsers[sample.task];
      if (!parser) continue;
      met.add(sample.task);
      expect(parser(replyText(sample)), replyText(sample)).toMatchObject({ ok: true });
    }
    expect([...met].sort()).toEqual(Object.keys(parsers).sort());
  });

  test("has a world in which names and two-step paths agree", () => {
    expect(facts.length).toBeGreaterThan(1000);
    expect(paths.length).toBeGreaterThan(700);
    for (const path of paths) {
      expect(facts.some((fact) => fact.subject === path.subject && fact.object === path.via)).toBe(true);
      expect(facts.some((fact) => fact.subject === path.via && fact.object === path.object)).toBe(true);
    }
  });
});

describe("worked examples", () => {
  test("scratchpads end in the right number", () => {
    for (const [a, b] of [
      [7, 8],
      [99, 1],
      [307, 876],
      [4, 996],
      [0, 0],
    ] as const) {
      expect(additionScratch(a, b).split("\n").at(-1)).toBe(`=${a + b}`);
    }
    for (const [a, b] of [
      [8, 7],
      [100, 1],
      [903, 876],
      [50, 50],
    ] as const) {
      expect(subtractionScratch(a, b).split("\n").at(-1)).toBe(`=${a - b}`);
    }
  });

  test("the digits written in a scratchpad are those of its result", () => {
    const written = (text: string) =>
      [...text.matchAll(/write (\d)/g)]
        .map((match) => match[1])
        .reverse()
        .join("");
    expect(Number(written(additionScratch(958, 67)))).toBe(958 + 67);
    expect(Number(written(subtractionScratch(1000, 1)))).toBe(999);
  });

  test("word problems end in what the thought ends in", () => {
    const draw = new Draw(8, "train");
    for (let i = 0; i < 200; i++) {
      const last = wordProblemSample(draw, true).chat?.at(-1);
      expect(last?.thought?.split("\n").at(-1)).toBe(`=${last?.content}`);
    }
  });

  test("the code of every forged tool does what its examples say", () => {
    for (const split of ["train", "test"] as const) {
      const draw = new Draw(6, split);
      for (let i = 0; i < 600; i++) {
        const item = forgeItem(draw);
        const names = Object.keys(item.spec.parameters).join(", ");
        const body = item.code.split("\n").slice(1, -1).join("\n");
        const run = new Function(`{ ${names} }`, body) as (args: unknown) => unknown;
        for (const example of [...item.spec.examples, ...item.hidden]) {
          // As JSON, in which a negated zero is a zero.
          expect(JSON.stringify(run(example.arguments)), item.code).toBe(JSON.stringify(example.result));
        }
      }
    }
  });
});
