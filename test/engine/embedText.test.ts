import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fraction } from "../../src/contract/instruments";
import { embedText } from "../../src/engine/run/embedText";
import { openModel, quiet, watched } from "./open";
import type { Opened } from "./open";

let opened: Opened;
beforeAll(async () => {
  opened = await openModel();
});
afterAll(() => opened.close());

function cosine(data: Float32Array, width: number, a: number, b: number): number {
  let sum = 0;
  for (let index = 0; index < width; index++) sum += data[a * width + index]! * data[b * width + index]!;
  return sum;
}

describe("embedText", () => {
  it("gives unit vectors, the same for the same text whatever stands beside it", async () => {
    const seen: Fraction[] = [];
    const texts = [
      "The cat sleeps on the warm roof.",
      "Prices rose again in March.",
      "The cat sleeps on the warm roof.",
    ];
    const { width, data } = await embedText(opened.session, { texts }, watched(seen));
    expect(width).toBe(opened.session.model.embedding);
    for (const row of [0, 1, 2]) expect(cosine(data, width, row, row)).toBeCloseTo(1, 4);
    expect(cosine(data, width, 0, 2)).toBeGreaterThan(0.9999);
    expect(cosine(data, width, 0, 1)).toBeLessThan(0.9999);
    expect(seen.at(-1)).toEqual({ done: 3, total: 3 });
  });

  it("takes nothing, an empty text, and one longer than the context", async () => {
    expect((await embedText(opened.session, { texts: [] }, quiet())).data).toHaveLength(0);
    const { width, data } = await embedText(opened.session, { texts: ["", "word ".repeat(3000)] }, quiet());
    for (const row of [0, 1]) expect(cosine(data, width, row, row)).toBeCloseTo(1, 4);
  });
});
