import { beforeEach, expect, test } from "vitest";
import { Interventions } from "../../../../src/host/interventions/list";
import { parseNeuron, silence } from "../../../../src/host/interventions/neuron";

let kept: Map<string, unknown>;

function open(): Interventions {
  return new Interventions({
    get: <T>(key: string, fallback?: T) => (kept.get(key) as T | undefined) ?? fallback,
    update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, structuredClone(value))),
  });
}

const write = (name: string, layer: number, neuron: number) => ({
  kind: "write" as const,
  name,
  intervention: silence(layer, neuron),
});
const direction = (name: string) => ({
  kind: "direction" as const,
  name,
  use: { file: "/space/.vitrine/directions/refusal.gguf", mode: "add" as const, strength: 0.5 },
});

beforeEach(() => {
  kept = new Map();
});

test("every kind is added switched on, and comes back as it was left", async () => {
  const interventions = open();
  const { id } = await interventions.add(write("a", 1, 2));
  await interventions.add(direction("b"));
  await interventions.add({ kind: "feature", name: "c", use: { folder: "/f", feature: 7, mode: "clamp", value: 2 } });
  await interventions.add({ kind: "edit", name: "d", use: { file: "/e.gguf", scale: 0.5 }, on: false });
  await interventions.toggle(id, false);
  const again = open();
  expect(again.all).toEqual(interventions.all);
  expect(again.all.map(({ kind, name, on }) => [kind, name, on])).toEqual([
    ["write", "a", false],
    ["direction", "b", true],
    ["feature", "c", true],
    ["edit", "d", false],
  ]);
  expect(again.active().names).toEqual(["b", "c"]);
});

test("one of the same name is replaced in its place, one that is removed is gone, and each change is told", async () => {
  const interventions = open();
  let told = 0;
  interventions.onDidChange(() => (told += 1));
  const first = await interventions.add(write("a", 1, 2));
  await interventions.add(write("b", 1, 3));
  const second = await interventions.add(write("a", 5, 6));
  expect(second.id).toBe(first.id);
  expect(interventions.all.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(interventions.find(first.id)).toMatchObject({ intervention: silence(5, 6) });
  await interventions.remove(first.id);
  expect(interventions.all.map(({ name }) => name)).toEqual(["b"]);
  expect(told).toBe(4);
});

test("how an entry acts can be changed; what its kind does not have is refused and leaves it as it was", async () => {
  const interventions = open();
  const { id } = await interventions.add(direction("b"));
  await interventions.change(id, { strength: -2, layers: [3, 4], where: "generated", name: "c" });
  expect(interventions.find(id)).toMatchObject({
    name: "c",
    use: { mode: "add", strength: -2, layers: [3, 4], where: "generated" },
  });
  await interventions.change(id, { layers: null, where: null });
  expect(interventions.find(id)).toMatchObject({ use: { file: direction("b").use.file, mode: "add", strength: -2 } });
  expect(interventions.find(id)).not.toHaveProperty("use.layers");
  // A strength is no share.
  await interventions.change(id, { mode: "zero" });
  expect(interventions.find(id)).not.toHaveProperty("use.strength");
  await expect(interventions.change(id, { strength: 1.5 })).rejects.toMatchObject({ code: "badArgument" });
  await expect(interventions.change(id, { mode: "clamp" })).rejects.toMatchObject({ code: "badArgument" });
  const before = interventions.find(id);
  await expect(interventions.change(id, { strength: Number.NaN })).rejects.toThrow();
  expect(interventions.find(id)).toBe(before);
  const edit = await interventions.add({ kind: "edit", name: "e", use: { file: "/e.gguf" } });
  await expect(interventions.change(edit.id, { layers: [1] })).rejects.toMatchObject({ code: "badArgument" });
  await expect(interventions.change(edit.id, { name: "c" })).rejects.toMatchObject({ code: "badArgument" });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 5000])(
  "a strength of %s is refused when it is added",
  async (strength) => {
    const interventions = open();
    const wrong = { ...direction("b"), use: { ...direction("b").use, strength } };
    await expect(interventions.add(wrong)).rejects.toThrow();
    expect(interventions.all).toEqual([]);
  },
);

test("a copy stands after its original, off, under a name of its own and without its meter", async () => {
  const interventions = open();
  const { id } = await interventions.add({ ...direction("b"), meter: true });
  await interventions.add(write("z", 1, 1));
  await interventions.duplicate(id);
  await interventions.duplicate(id);
  expect(interventions.all.map(({ name, on }) => [name, on])).toEqual([
    ["b", true],
    ["b (3)", false],
    ["b (2)", false],
    ["z", true],
  ]);
  expect(interventions.meters()).toEqual(["b"]);
});

test("only a direction can be a meter", async () => {
  const interventions = open();
  const { id } = await interventions.add(write("z", 1, 1));
  await expect(interventions.meter(id, true)).rejects.toMatchObject({ code: "badArgument" });
});

test("what is wrong with an entry is shown until it is changed", async () => {
  const interventions = open();
  let learnt = 0;
  interventions.onDidLearn(() => (learnt += 1));
  const { id } = await interventions.add(direction("b"));
  const problem = { code: "fileMissing" as const, message: "Its file is missing." };
  interventions.learn(id, problem);
  interventions.learn(id, problem);
  expect(learnt).toBe(1);
  expect(interventions.shown()[0]).toMatchObject({ problem });
  expect(kept.get("vitrine.interventions")).not.toHaveProperty("0.problem");
  await interventions.change(id, { strength: 1 });
  expect(interventions.shown()[0]).not.toHaveProperty("problem");
});

test("what was kept and makes no sense is ignored; a list of the first version is read", () => {
  kept.set("vitrine.interventions", [
    { name: 1 },
    "x",
    null,
    { name: "a", on: true, intervention: silence(1, 2) },
    { id: "1", name: "b", on: true, kind: "direction", use: { file: "/x", mode: "explode" } },
    { id: "2", name: "c", on: true, kind: "direction", use: { file: "/x", mode: "add", strength: "much" } },
  ]);
  expect(open().all.map(({ kind, name }) => [kind, name])).toEqual([["write", "a"]]);
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
