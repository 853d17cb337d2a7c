import { describe, expect, it } from "vitest";
import type { Intervention } from "../../../src/contract/sites";
import type { PassRequest } from "../../../src/engine/run/pass";
import { stagesOf } from "../../../src/engine/run/stages";

function request(sequences: number[][], more: Partial<PassRequest> = {}): PassRequest {
  return {
    sequences,
    reads: [{ site: "logits", positions: [-1] }],
    share: true,
    signal: new AbortController().signal,
    onPart: () => undefined,
    ...more,
  };
}

const beginning = [1, 2, 3, 4, 5, 6];
const alike = [
  [...beginning, 7, 8],
  [...beginning, 9],
  [...beginning, 7, 7, 7],
];
const group = [0, 1, 2];

/** How many tokens of the group go through the model. */
const run = (asked: PassRequest, of = group): number =>
  stagesOf(asked, of)
    .flatMap(({ spans }) => spans)
    .reduce((sum, { from, to }) => sum + to - from, 0);

const add = (change: Partial<Intervention>): Intervention => ({
  site: "mlp_out",
  layer: 0,
  where: "all",
  operation: "zero",
  ...change,
});

describe("sequences that begin alike", () => {
  it("have their beginning run once and shared", () => {
    const [first, rest] = stagesOf(request(alike), group);
    expect(first!.spans).toEqual([{ sequence: 0, slot: 0, from: 0, to: 6 }]);
    expect(rest!.shares).toEqual([
      { from: 0, to: 1, length: 6 },
      { from: 0, to: 2, length: 6 },
    ]);
    expect(rest!.spans.map(({ from, to }) => [from, to])).toEqual([
      [6, 8],
      [6, 7],
      [6, 9],
    ]);
  });

  it("run whole where that is not allowed, or not worth it", () => {
    expect(run(request(alike, { share: false }))).toBe(24);
    expect(run(request(alike, { logits: "all" }))).toBe(24);
    expect(run(request(alike, { reads: [{ site: "pattern", layer: 0, positions: [-1] }] }))).toBe(24);
    expect(run(request([[1, 2, 3], [1, 2, 4], [9]]))).toBe(7);
  });

  it("share no token that is read, nor one that is acted on alone", () => {
    expect(run(request(alike, { reads: [{ site: "logits", positions: [5] }] }))).toBe(24 - 2 * 5);
    expect(run(request(alike, { interventions: [add({ where: [4], sequences: [1] })] }))).toBe(24 - 2 * 4);
    expect(run(request(alike, { interventions: [add({ where: [-4], sequences: [2] })] }))).toBe(24 - 2 * 5);
    expect(run(request(alike, { interventions: [add({ sequences: [1] })] }))).toBe(24);
  });

  it("share what is done to all of them alike", () => {
    expect(run(request(alike, { interventions: [add({})] }))).toBe(24 - 2 * 6);
    expect(run(request(alike, { interventions: [add({ where: [2] })] }))).toBe(24 - 2 * 6);
  });

  it("leave the end of the shortest prompt alone", () => {
    expect(run(request(alike, { prompts: [8, 5, 9] }))).toBe(24 - 2 * 4);
  });

  it("stand apart from others that share little with them", () => {
    const others = [
      [1, 2, 30, 31, 32, 33, 34],
      [1, 2, 30, 31, 32, 33, 35],
    ];
    const stages = stagesOf(request([...alike, ...others]), [0, 1, 2, 3, 4]);
    expect(stages[0]!.spans.map(({ sequence, to }) => [sequence, to])).toEqual([
      [0, 6],
      [3, 6],
    ]);
  });
});
