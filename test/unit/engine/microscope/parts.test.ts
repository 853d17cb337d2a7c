import { describe, expect, it } from "vitest";
import { frozenScale } from "../../../../src/engine/microscope/direction";
import { parseExpression } from "../../../../src/engine/microscope/expression";

describe("expressions", () => {
  it("are signed words", () => {
    expect(parseExpression("king - man + woman")).toEqual([
      { sign: 1, text: "king" },
      { sign: -1, text: "man" },
      { sign: 1, text: "woman" },
    ]);
    expect(parseExpression("-man")).toEqual([{ sign: -1, text: "man" }]);
    expect(parseExpression('" king" - "+"')).toEqual([
      { sign: 1, text: " king" },
      { sign: -1, text: "+" },
    ]);
    expect(parseExpression("well-known + 你好")).toEqual([
      { sign: 1, text: "well-known" },
      { sign: 1, text: "你好" },
    ]);
  });

  it.each(["", "  ", "king man", "king -", "king + - man", '"open'])("refuses %j", (source) => {
    expect(() => parseExpression(source)).toThrow(/expression/);
  });
});

it("a frozen scale is the norm's own", () => {
  const x = [1, -2, 3, 0.5];
  const weight = [0.5, 1, 2, 1];
  const scale = 1 / Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / 4 + 1e-5);
  const normed = x.map((v, i) => v * scale * weight[i]!);
  expect(frozenScale(x, weight, normed)).toBeCloseTo(scale, 12);
});
