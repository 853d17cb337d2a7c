import { describe, expect, it } from "vitest";
import type { Token } from "../../../../src/contract/token";
import { tokenOffsets } from "../../../../src/engine/microscope/offsets";
import { windowsOf } from "../../../../src/engine/microscope/surprisal";

const text = (piece: string, id = 0): Token => ({ id, text: piece });
const bytes = (...list: number[]): Token => ({ id: 0, text: "\uFFFD", bytes: list });

describe("token offsets", () => {
  it("follow plain text", () => {
    expect(tokenOffsets("Hi the", [text("Hi"), text(" the")])).toEqual([
      { start: 0, end: 2 },
      { start: 2, end: 6 },
    ]);
  });

  it("count UTF-16 units, and give a split character to its first token", () => {
    // 😀 is F0 9F 98 80 and two UTF-16 units; é is two bytes and one unit
    const tokens = [text("a"), bytes(0xf0, 0x9f), bytes(0x98, 0x80), text("é"), text("b")];
    expect(tokenOffsets("a😀éb", tokens)).toEqual([
      { start: 0, end: 1 },
      { start: 1, end: 3 },
      { start: 3, end: 3 },
      { start: 3, end: 4 },
      { start: 4, end: 5 },
    ]);
  });

  it("a token that ends one character and begins another covers the new one", () => {
    // 你 = E4 BD A0, 好 = E5 A5 BD
    const tokens = [bytes(0xe4, 0xbd), bytes(0xa0, 0xe5), bytes(0xa5, 0xbd)];
    expect(tokenOffsets("你好", tokens)).toEqual([
      { start: 0, end: 1 },
      { start: 1, end: 2 },
      { start: 2, end: 2 },
    ]);
  });

  it("beginning tokens and added spaces are empty spans", () => {
    const tokens = [{ id: 1, text: "<s>", special: true }, text(" Hi"), text("!")];
    expect(tokenOffsets("Hi!", tokens)).toEqual([
      { start: 0, end: 0 },
      { start: 0, end: 2 },
      { start: 2, end: 3 },
    ]);
  });

  it("cover every text without gap or overlap", () => {
    const source = "Ünïcode — 数字 and 🧪🧪 mix\n\tend";
    const all = new TextEncoder().encode(source);
    const tokens: Token[] = [];
    for (let at = 0; at < all.length; at += 3) tokens.push(bytes(...all.subarray(at, at + 3)));
    const spans = tokenOffsets(source, tokens);
    spans.forEach(({ start }, i) => expect(start).toBe(i === 0 ? 0 : spans[i - 1]!.end));
    expect(spans.at(-1)!.end).toBe(source.length);
  });
});

describe("windows", () => {
  it("one window for what fits", () => {
    expect(windowsOf(100, 128, 32)).toEqual([{ from: 0, fresh: 0, to: 100 }]);
    expect(windowsOf(100, 128, 32, 60)).toEqual([{ from: 0, fresh: 60, to: 100 }]);
  });

  it("every token is fresh once, with its overlap before it", () => {
    const windows = windowsOf(1000, 128, 32);
    let next = 0;
    for (const { from, fresh, to } of windows) {
      expect(fresh).toBe(next);
      expect(fresh - from).toBe(fresh === 0 ? 0 : 32);
      expect(to - from).toBeLessThanOrEqual(128);
      next = to;
    }
    expect(next).toBe(1000);
  });

  it("nothing wanted, nothing read", () => expect(windowsOf(1000, 128, 32, 1000)).toEqual([]));
});
