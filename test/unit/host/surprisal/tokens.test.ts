import { expect, test } from "vitest";
import type { SurprisalToken } from "../../../../src/contract/instruments";
import { literal } from "../../../../src/host/surprisal/hover";
import {
  bucketEdges,
  bucketOf,
  merged,
  perplexity,
  rangesByBucket,
  rescoreFrom,
  shifted,
  tokenAt,
} from "../../../../src/host/surprisal/tokens";

/** Tokens of a text cut at spaces, each with a surprisal. */
function cut(text: string, surprisals: (number | null)[] = []): SurprisalToken[] {
  let start = 0;
  return (text.match(/\s*\S+/g) ?? []).map((word, index) => {
    const token = {
      id: index,
      text: word,
      start,
      end: start + word.length,
      surprisal: surprisals[index] ?? 1,
      entropy: 1,
      rank: 0,
      top: [],
    };
    start = token.end;
    return { ...token, surprisal: index in surprisals ? (surprisals[index] ?? null) : 1 };
  });
}

test("buckets begin at their edges; what has no surprisal is not coloured", () => {
  expect(bucketEdges.map((edge) => bucketOf(edge))).toEqual(bucketEdges.map((_, index) => index + 1));
  expect([bucketOf(0), bucketOf(null), bucketOf(Number.NaN), bucketOf(Infinity)]).toEqual([
    0,
    0,
    0,
    bucketEdges.length,
  ]);
});

test("an edit moves what is behind it, removes what it touches, and leaves what is before", () => {
  const tokens = cut("one two three");
  const after = shifted(tokens, { offset: 4, length: 3, inserted: 5 });
  expect(after.map(({ text, start, end }) => [text, start, end])).toEqual([
    ["one", 0, 3],
    [" three", 9, 15],
  ]);
});

test("typing between two tokens keeps both", () => {
  const after = shifted(cut("ab cd"), { offset: 2, length: 0, inserted: 4 });
  expect(after.map(({ start, end }) => [start, end])).toEqual([
    [0, 2],
    [6, 9],
  ]);
});

test("reading again begins before the word that is being typed", () => {
  const text = "let total = pri";
  expect(text.slice(rescoreFrom(text, text.length))).toBe(" pri");
  expect(rescoreFrom(text, 1)).toBe(0);
  expect(rescoreFrom("short", 999)).toBe(0);
});

test("fresh tokens take the place of the old ones from where they begin", () => {
  const old = cut("a b c d");
  const fresh = cut("a b X Y Z").slice(2);
  expect(merged(old, fresh, 3).map(({ text }) => text)).toEqual(["a", " b", " X", " Y", " Z"]);
  // A tokenizer may join the word before: the old one goes.
  const joined = [{ ...(fresh[0] as SurprisalToken), start: 1 }];
  expect(merged(old, joined, 3).map(({ start }) => start)).toEqual([0, 1]);
  expect(merged(old, [], 3).map(({ text }) => text)).toEqual(["a", " b"]);
});

test("the token at an offset is found by bisection, and none outside", () => {
  const tokens = cut("one two three").slice(1);
  expect(tokenAt(tokens, 0)).toBeUndefined();
  expect(tokenAt(tokens, 3)?.text).toBe(" two");
  expect(tokenAt(tokens, 12)?.text).toBe(" three");
  expect(tokenAt(tokens, 13)).toBeUndefined();
  expect(tokenAt([], 0)).toBeUndefined();
});

test("neighbours of one bucket are one range", () => {
  const ranges = rangesByBucket(cut("a b c d", [12, 12, 0, 12]));
  expect(ranges.at(-1)).toEqual([
    [0, 3],
    [5, 7],
  ]);
  expect(ranges.slice(0, -1).every((list) => list.length === 0)).toBe(true);
});

test("perplexity is of the tokens that have a surprisal", () => {
  expect(perplexity(cut("a b c", [null, Math.log(2), Math.log(8)]))).toBeCloseTo(4);
  expect(perplexity([])).toBeNull();
});

test.each([
  "![x](https://example.org/p.png)",
  "[click](command:workbench.action.quit)",
  "`code`",
  "<img src=x>",
  "**b**",
  "a|b",
  "https://example.org",
  "&amp;",
])("%s in a hover is only text", (text) => {
  expect(literal(text)).toMatch(/^(?:[\p{L}\p{N}␣⏎⇥�]|&#\d+;)+$/u);
});

test("white space and control characters are made visible", () => {
  expect(literal(" a\tb\n\u0007")).toBe("␣a⇥b⏎�");
});
