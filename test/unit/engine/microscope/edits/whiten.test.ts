import { describe, expect, it } from "vitest";
import { keyRow, whitened } from "../../../../../src/engine/microscope/edits/whiten";
import { dot } from "../../../../../src/engine/microscope/maths/vectors";
import { normalNumbers } from "../../../../../src/engine/microscope/patching/random";

const width = 12;
const count = 200;
const next = normalNumbers(3);
// Samples whose first coordinates are far longer than the last ones.
const data = Float32Array.from({ length: count * width }, (_, at) => next() * (at % width < 4 ? 10 : 0.5));
const samples = { count, width, data };

function covariance(ridge: number): number[][] {
  const c = Array.from({ length: width }, () => new Array<number>(width).fill(0));
  for (let s = 0; s < count; s++) {
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++) c[i]![j]! += (data[s * width + i]! * data[s * width + j]!) / count;
  }
  const trace = c.reduce((sum, row, i) => sum + row[i]!, 0);
  c.forEach((row, i) => (row[i]! += (ridge * trace) / width));
  return c;
}

describe("a whitened key", () => {
  const key = Float32Array.from({ length: width }, next);

  it("solves the covariance's equation", () => {
    const x = whitened(samples, key, 0.01);
    const back = covariance(0.01).map((row) => dot(row, x));
    back.forEach((value, i) => expect(value).toBeCloseTo(key[i]!, 3));
  });

  it("answers one to the key and less to the samples than the plain key does", () => {
    const row = keyRow(samples, key, 0.01);
    expect(dot(row, key)).toBeCloseTo(1, 4);
    const plain = key.map((value) => value / dot(key, key));
    const heard = (by: Float32Array) => {
      let sum = 0;
      for (let s = 0; s < count; s++) sum += dot(by, data.subarray(s * width, (s + 1) * width)) ** 2;
      return sum / count;
    };
    expect(heard(row)).toBeLessThan(0.2 * heard(plain));
  });

  it("is refused where there is nothing to whiten with", () => {
    expect(() => whitened({ count: 1, width, data }, key, 0.1)).toThrow("too little text");
    expect(() => whitened({ count: 3, width, data: new Float32Array(3 * width) }, key, 0.1)).toThrow("zero");
  });
});
