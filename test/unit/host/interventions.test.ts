import { beforeEach, expect, test } from "vitest";
import { Interventions, parseNeuron, silence } from "../../../src/host/interventions";

let kept: Map<string, unknown>;

function open(): Interventions {
  return new Interventions({
    get: <T>(key: string, fallback?: T) => (kept.get(key) as T | undefined) ?? fallback,
    update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, structuredClone(value))),
  });
}

beforeEach(() => {
  kept = new Map();
});

test("one that is added is on, and comes back as it was left", async () => {
  const interventions = open();
  await interventions.add("a", silence(1, 2));
  await interventions.add("b", silence(3, 4));
  await interventions.toggle("a", false);
  const again = open();
  expect(again.all.map(({ name, on }) => [name, on])).toEqual([
    ["a", false],
    ["b", true],
  ]);
  expect(again.active()).toEqual({
    names: ["b"],
    list: [{ site: "mlp_post", layer: 3, where: "all", operation: "zero", indices: [4] }],
  });
});

test("one of the same name is replaced, one that is removed is gone, and each change is told", async () => {
  const interventions = open();
  let told = 0;
  interventions.onDidChange(() => (told += 1));
  await interventions.add("a", silence(1, 2));
  await interventions.add("a", silence(5, 6));
  expect(interventions.active().list).toEqual([silence(5, 6)]);
  await interventions.remove("a");
  expect(interventions.all).toEqual([]);
  expect(told).toBe(3);
});

test("what was kept and makes no sense is ignored", () => {
  kept.set("vitrine.interventions", [{ name: 1 }, "x", null]);
  expect(open().all).toEqual([]);
});

test.each([
  ["3.120", { layer: 3, neuron: 120 }],
  [" 0 . 7 ", { layer: 0, neuron: 7 }],
  ["3", null],
  ["3.", null],
  ["-1.2", null],
  ["3.120.4", null],
  ["3,120", null],
])("%j is %j", (text, expected) => {
  expect(parseNeuron(text)).toEqual(expected);
});
