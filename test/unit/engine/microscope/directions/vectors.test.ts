import { expect, it } from "vitest";
import { differenceOfMeans, pairedComponent, unit } from "../../../../../src/engine/microscope/directions/vectors";
import { cosine, norm } from "../../../../../src/engine/microscope/maths/vectors";
import { normalNumbers } from "../../../../../src/engine/microscope/patching/random";

const next = normalNumbers(2);
const truth = Float32Array.of(3, 0, -1, 0, 2);
const pairs = Array.from({ length: 40 }, () => {
  const base = Float32Array.from({ length: 5 }, () => 4 * next());
  return { positive: base.map((value, i) => value + truth[i]! + 0.2 * next()), negative: base };
});
const positive = pairs.map((pair) => pair.positive);
const negative = pairs.map((pair) => pair.negative);

it("the difference of means is what was added", () => {
  const { vector, norm: length } = differenceOfMeans(positive, negative);
  expect(cosine(vector, truth)).toBeGreaterThan(0.99);
  expect(length).toBeCloseTo(norm(truth), 0);
});

it("the paired component points the same way and has the mean's length along it", () => {
  const { vector, norm: length } = pairedComponent(positive, negative);
  expect(cosine(vector, truth)).toBeGreaterThan(0.99);
  expect(Math.abs(length - norm(truth))).toBeLessThan(0.2);
  const turned = pairedComponent(negative, positive);
  expect(cosine(turned.vector, truth)).toBeLessThan(-0.99);
});

it("pairs must be pairs, and a direction must have a length", () => {
  expect(() => pairedComponent(positive, negative.slice(1))).toThrow("Pairs");
  expect(() => unit(new Float32Array(3))).toThrow("no length");
  expect(() => unit(Float32Array.of(NaN, 1))).toThrow("no length");
});
