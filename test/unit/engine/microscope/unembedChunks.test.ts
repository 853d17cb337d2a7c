import { describe, expect, it } from "vitest";
import { chunks } from "../../../../src/engine/run/unembed";

describe("chunks of an unembedding", () => {
  it("without references are plain pieces", () => {
    expect([...chunks(5, undefined, 2)]).toEqual([[0, 1], [2, 3], [4]]);
  });

  it("keep rows with their reference, and every row once", () => {
    // Three positions, four rows each; the last row of a position is what the others are measured against.
    const reference = Int32Array.from({ length: 12 }, (_, row) => 9 + (row % 3));
    const found = [...chunks(12, reference, 8)];
    expect(found.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, row) => row));
    expect(found.map((chunk) => chunk.length)).toEqual([8, 4]);
    for (const chunk of found) for (const row of chunk) expect(chunk).toContain(reference[row]);
  });

  it("put a row that has no reference itself with those it is one for", () => {
    const reference = Int32Array.of(-1, -1, 0, 1, -1);
    const found = [...chunks(5, reference, 2)];
    expect(found).toContainEqual([0, 2]);
    expect(found).toContainEqual([1, 3]);
    expect(found.flat().sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it("split a group that is larger than a chunk", () => {
    const found = [...chunks(5, Int32Array.of(0, 0, 0, 0, 0), 2)];
    expect(found.map((chunk) => chunk.length)).toEqual([2, 2, 1]);
  });
});
