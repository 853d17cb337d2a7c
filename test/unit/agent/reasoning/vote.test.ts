import { describe, expect, it } from "vitest";
import { vote } from "../../../../src/agent/reasoning/vote";

describe("a vote over samples", () => {
  it("counts answers by their last number, whatever is said around it", () => {
    expect(vote(["It is 1,204.", "1204", "First 7, then 1204", "12"])).toEqual([
      { answer: "It is 1,204.", count: 3 },
      { answer: "12", count: 1 },
    ]);
  });

  it("counts words where an answer has no number", () => {
    expect(vote(["Oslo.", "oslo", "Rome 2"])[0]).toEqual({ answer: "Oslo.", count: 2 });
  });

  it("lets the earlier of equals win, and the empty not vote", () => {
    expect(vote(["", "b", "a", "  "])).toEqual([
      { answer: "b", count: 1 },
      { answer: "a", count: 1 },
    ]);
    expect(vote([])).toEqual([]);
  });
});
