import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UnembedParams, UnembedResult } from "../../src/contract/verbs";
import { observe } from "../../src/engine/run/observe";
import { unembed } from "../../src/engine/run/unembed";
import { largestDifference, openModel, quiet } from "./open";
import type { Opened } from "./open";

let opened: Opened;
let stream: Float32Array;
let middle: Float32Array;
let normed: Float32Array;
let logits: Float32Array;
let count: number;
let size: number;
let width: number;

beforeAll(async () => {
  opened = await openModel();
  const { layers } = opened.session.model;
  const text = "A river runs through the middle of the town, and on its banks there are old houses.";
  const { sequences } = await observe(
    opened.session,
    {
      sequences: [{ kind: "prompt", text }],
      reads: [
        { site: "resid_post", layer: layers - 1, positions: "all" },
        { site: "resid_post", layer: 2, positions: "all" },
        { site: "final_norm", positions: "all" },
      ],
      logits: "all",
    },
    quiet(),
  );
  const [observed] = sequences;
  [stream, middle, normed] = observed!.states.map(({ data }) => data) as [Float32Array, Float32Array, Float32Array];
  logits = observed!.logits!.data;
  count = observed!.tokens.length;
  size = opened.session.model.vocabulary.size;
  width = opened.session.model.embedding;
});
afterAll(() => opened.close());

const never = new AbortController().signal;
const ask = (params: Partial<UnembedParams>): Promise<UnembedResult> =>
  unembed(opened.session, { vectors: stream, count, norm: true, top: 5, ...params }, never);

/** log-probabilities of a row of logits, in doubles. */
function logProbs(row: number): Float64Array {
  const line = Float64Array.from(logits.subarray(row * size, (row + 1) * size));
  const most = line.reduce((a, b) => Math.max(a, b), -Infinity);
  const logZ = most + Math.log(line.reduce((sum, value) => sum + Math.exp(value - most), 0));
  return line.map((value) => value - logZ);
}

describe("unembed", () => {
  it("gives the model's own output back", async () => {
    const targets = [0, 100, size - 1];
    const result = await ask({ targets, bottom: 2 });
    for (let row = 0; row < count; row++) {
      const expected = logProbs(row);
      const order = [...expected.keys()].sort((a, b) => expected[b]! - expected[a]!);
      expect([...result.ids.subarray(row * 5, row * 5 + 5)]).toEqual(order.slice(0, 5));
      for (let index = 0; index < 5; index++) {
        expect(Math.abs(result.values[row * 5 + index]! - Math.exp(expected[order[index]!]!))).toBeLessThan(1e-5);
      }
      expect([...result.bottomIds!.subarray(row * 2, row * 2 + 2)].sort()).toEqual(order.slice(-2).sort());
      expect(
        Math.abs(result.entropy[row]! + expected.reduce((sum, value) => sum + value * Math.exp(value), 0)),
      ).toBeLessThan(1e-4);
      targets.forEach((target, index) => {
        expect(Math.abs(result.logProbs[row * 3 + index]! - expected[target]!)).toBeLessThan(1e-4);
        expect(result.ranks[row * 3 + index]).toBe(expected.filter((value) => value > expected[target]!).length);
      });
    }
  });

  it("takes what is normed already without its norm", async () => {
    const result = await ask({ vectors: normed, norm: false });
    const whole = await ask({});
    expect(result.ids).toEqual(whole.ids);
    expect(largestDifference(result.values, whole.values)).toBeLessThan(1e-6);
  });

  it("measures the divergence from another row", async () => {
    const vectors = new Float32Array(stream.length * 2);
    vectors.set(middle);
    vectors.set(stream, stream.length);
    const reference = Int32Array.from({ length: 2 * count }, (_, row) =>
      row < count ? row + count : row === count ? -1 : row,
    );
    const result = await ask({ vectors, count: 2 * count, reference, targets: [...Array(40).keys()] });
    const plain = await ask({ vectors: middle, count, top: size });
    for (let row = 0; row < count; row++) {
      const theirs = new Float64Array(size);
      for (let index = 0; index < size; index++) {
        const at = row * size + index;
        theirs[plain.ids[at]!] = Math.log(Math.max(plain.values[at]!, 1e-45));
      }
      const mine = logProbs(row);
      const expected = mine.reduce((sum, value, token) => sum + Math.exp(value) * (value - theirs[token]!), 0);
      expect(Math.abs(result.kl[row]! - expected)).toBeLessThan(2e-3 * (1 + expected));
      expect(result.kl[row + count]).toBe(0);
    }
  });

  it("gives raw logits of any vector", async () => {
    const raw = await ask({ vectors: normed, norm: false, raw: true, top: 3, bottom: 1, targets: [7] });
    for (let row = 0; row < count; row++) {
      const line = logits.subarray(row * size, (row + 1) * size);
      expect(raw.values[row * 3]).toBeCloseTo(Math.max(...line), 4);
      expect(raw.bottomValues![row]).toBeCloseTo(Math.min(...line), 4);
      expect(raw.logProbs[row]).toBeCloseTo(line[7]!, 4);
    }
  });

  it("takes more rows than one graph holds", async () => {
    const many = 700;
    const vectors = new Float32Array(many * width);
    for (let row = 0; row < many; row++)
      vectors.set(stream.subarray((row % count) * width, ((row % count) + 1) * width), row * width);
    const result = await ask({ vectors, count: many, top: 1 });
    const few = await ask({ top: 1 });
    for (let row = 0; row < many; row++) expect(result.ids[row]).toBe(few.ids[row % count]);
  });

  it("of nothing gives nothing", async () => {
    const result = await ask({ vectors: new Float32Array(0), count: 0 });
    expect(result.ids).toHaveLength(0);
  });

  it.each([
    [{ count: 1 }, "wrongModel"],
    [{ targets: [-1] }, "unknownToken"],
    [{ top: -1 }, "badArgument"],
    [{ reference: Int32Array.of(0) }, "badArgument"],
  ] as [Partial<UnembedParams>, string][])("refuses %o", async (params, code) => {
    await expect(ask(params)).rejects.toMatchObject({ code });
  });
});

describe("weights", () => {
  it("are the numbers the graph uses", () => {
    const { weights } = opened.session;
    const [inputs, outputs] = weights.shape("token_embd.weight");
    expect([inputs, outputs]).toEqual([width, size]);
    const name = weights.has("output.weight") ? "output.weight" : "token_embd.weight";
    const row = weights.rows(name, 7, 1);
    const state = normed.subarray(0, width);
    const product = row.reduce((sum, value, index) => sum + value * state[index]!, 0);
    expect(Math.abs(product - logits[7]!)).toBeLessThan(2e-2 * (1 + Math.abs(product)));
    expect(() => weights.rows(name, size, 1)).toThrow(/rows/);
    expect(() => weights.shape("nothing.weight")).toThrow(/no weights/);
  });
});
