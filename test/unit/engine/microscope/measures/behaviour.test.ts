import { describe, expect, it } from "vitest";
import { hasCollapsed } from "../../../../../src/engine/run/collapse";
import { openings, rateOf, shows } from "../../../../../src/engine/microscope/measures/behaviour";
import type { Lab } from "../../../../../src/engine/microscope/lab";

/** A tokenizer that makes a token of every word. */
const words: string[] = [];
const lab = {
  tokenize: (text: string) =>
    text.split(" ").map((word) => {
      if (!words.includes(word)) words.push(word);
      return { id: words.indexOf(word), text: word };
    }),
} as unknown as Lab;

describe("a behaviour", () => {
  it("is seen at the start or anywhere, whatever the case", () => {
    expect(shows({ startsWith: ["I cannot"] }, "  i CANNOT help")).toBe(true);
    expect(shows({ startsWith: ["I cannot"] }, "Well, I cannot")).toBe(false);
    expect(shows({ contains: ["Sunshine"] }, "full of sunshine!")).toBe(true);
    expect(shows({ firstToken: ["Sorry"] }, "Sorry, no")).toBe(true);
    expect(shows({}, "anything")).toBe(false);
  });

  it("opens with few tokens, and none that another covers", () => {
    const found = openings(lab, { startsWith: ["I cannot help you", "I cannot", "I cannot", "Sorry but no"] });
    expect(found.map((ids) => ids.map((id) => words[id]).join(" "))).toEqual(["I cannot", "Sorry but no"]);
    expect(openings(lab, { contains: ["x"] })).toEqual([]);
  });

  it("has a rate within its interval", () => {
    for (const [hits, n] of [
      [0, 20],
      [20, 20],
      [7, 20],
      [0, 0],
    ] as const) {
      const { rate, low, high } = rateOf(hits, n);
      expect(low).toBeLessThanOrEqual(rate);
      expect(high).toBeGreaterThanOrEqual(rate);
    }
    expect(rateOf(20, 20).low).toBeGreaterThan(0.8);
  });
});

describe("a collapsed answer", () => {
  const range = (n: number) => Array.from({ length: n }, (_, i) => i);
  it("loops, is noise, or is empty", () => {
    expect(hasCollapsed([...range(20), ...Array<number>(12).fill(7)], 1, 1000)).toBe(true);
    expect(
      hasCollapsed(
        range(40).map((i) => i % 3),
        1,
        1000,
      ),
    ).toBe(true);
    expect(hasCollapsed(range(30), 0.9 * Math.log(1000), 1000)).toBe(true);
    expect(hasCollapsed([], 0, 1000)).toBe(true);
  });
  it("is not one that ends in a repeated word or is short", () => {
    expect(hasCollapsed([...range(20), 7, 7], 1, 1000)).toBe(false);
    expect(hasCollapsed([4, 4, 4], 1, 1000)).toBe(false);
  });
});
