import { expect, test, vi } from "vitest";
import { branchTokens, Running, textOf } from "../../../../src/host/chat/running";
import { Throttle } from "../../../../src/host/chat/throttle";
import { token } from "../fakeEngine";

test("a character in two tokens is one character, and a broken one at the end is shown as such", () => {
  const euro = [token(1, "\ufffd", { bytes: [0xe2, 0x82] }), token(2, "\ufffd", { bytes: [0xac] }), token(3, " 5")];
  expect(textOf(euro, "answer")).toBe("€ 5");
  expect(textOf(euro.slice(0, 1), "answer")).toBe("\ufffd");
});

test("thought, answer and marks are told apart", () => {
  const tokens = [
    token(1, "<think>", { part: "mark", special: true }),
    token(2, "hm", { part: "thought" }),
    token(3, "</think>", { part: "mark", special: true }),
    token(4, "yes"),
  ];
  expect([textOf(tokens, "thought"), textOf(tokens, "answer")]).toEqual(["hm", "yes"]);
});

test("a branch takes the alternative with its own probability, in the same part of the reply", () => {
  const tokens = [token(1, "a", { part: "thought" }), token(2, "b", { part: "thought" })];
  const branch = branchTokens(tokens, 1, { id: 1002, text: "B", p: 0.25 });
  expect(branch.map(({ id, p, part }) => [id, p, part])).toEqual([
    [1, 0.5, "thought"],
    [1002, 0.25, "thought"],
  ]);
  expect(branch[1]?.top).toEqual(tokens[1]?.top);
  expect(() => branchTokens(tokens, 2, { id: 1, text: "", p: 0 })).toThrow(RangeError);
});

test("the rate counts from the first token, and the phases follow the tokens", () => {
  let now = 1000;
  const running = new Running("a", "q", [], () => now);
  expect(running.snapshot()).toMatchObject({ phase: "prompt", promptFraction: 0, tokensPerSecond: 0 });
  running.take({ kind: "prompt", done: 5, total: 10, reused: 0 });
  expect(running.snapshot().promptFraction).toBe(0.5);
  running.take({ kind: "token", fork: 0, index: 0, token: token(1, "hm", { part: "thought" }) });
  expect(running.snapshot()).toMatchObject({ phase: "thought", promptFraction: 1 });
  now = 1500;
  running.take({ kind: "token", fork: 0, index: 1, token: token(2, "yes") });
  expect(running.snapshot()).toMatchObject({ phase: "answer", tokensPerSecond: 2, text: "yes", thought: "hm" });
});

test("a throttle acts at once, joins what comes meanwhile, and never loses the last", () => {
  vi.useFakeTimers();
  try {
    const act = vi.fn();
    const throttle = new Throttle(act, () => 50);
    throttle.request();
    throttle.request();
    throttle.request();
    expect(act).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(50);
    expect(act).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(500);
    expect(act).toHaveBeenCalledTimes(2);
    throttle.request();
    expect(act).toHaveBeenCalledTimes(3);
    throttle.request();
    throttle.clear();
    vi.advanceTimersByTime(500);
    expect(act).toHaveBeenCalledTimes(3);
  } finally {
    vi.useRealTimers();
  }
});
