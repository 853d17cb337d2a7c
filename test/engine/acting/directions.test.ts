import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { greedy } from "../../../src/contract/verbs";
import { streamSites } from "../../../src/engine/microscope/directions/act";
import { extractDirection } from "../../../src/engine/microscope/directions/extract";
import { promptSets } from "../../../src/engine/microscope/directions/sets";
import { directionInfo, directionInterventions, directionMeter } from "../../../src/engine/microscope/directions/use";
import { testDirection } from "../../../src/engine/microscope/directions/validate";
import { readControlVector, writeControlVector } from "../../../src/engine/microscope/files/controlVector";
import { logProbabilities } from "../../../src/engine/microscope/maths/distributions";
import { dot, norm } from "../../../src/engine/microscope/maths/vectors";
import { lastLogits, statesFromEnd } from "../../../src/engine/microscope/measures/passes";
import { steerGrid } from "../../../src/engine/microscope/steering/grid";
import { codeOf, idsOf, openRandom, prompt, run, type RandomLab } from "./random";

let random: RandomLab;
let file: string;
const words = ["on", "in", "an", "ki", "er", "and", "the", "th", "kin", "a", "b", "c"];
const positive = words.map((word) => prompt(`${word} the king and`));
const negative = words.map((word) => prompt(`${word} on an in on`));
const neutral = ["the and in on an", "on the kin and an er", "a b c d e f g h"];

beforeAll(async () => {
  random = await openRandom();
  file = random.file("direction.gguf");
  const params = {
    positive,
    negative,
    method: "meanDifference" as const,
    layer: "auto" as const,
    positions: [-1, -2],
    name: "kings",
    out: file,
  };
  const found = await extractDirection(random.lab, params, run);
  expect(found.candidates.length).toBe(2 * (random.lab.info.layers - 1));
  expect(Math.max(...found.candidates.map(({ auc }) => auc))).toBe(1);
  expect(found.warnings.join(" ")).toContain("separation alone");
});
afterAll(() => random.close());

it("points from one side's mean to the other's", async () => {
  const vector = readControlVector(file);
  const at = vector.layers[0]!;
  const sequences = [...positive, ...negative].map((input) =>
    idsOf(random.lab, input.kind === "prompt" ? input.text : ""),
  );
  const states = await statesFromEnd(
    random.lab,
    sequences,
    [{ site: "resid_post", layer: at.layer }],
    [vector.chosen!.position],
    run,
  );
  const along = states.map((of) => dot(of[0]![0]!, at.vector) / norm(at.vector));
  const [above, below] = [along.slice(0, positive.length), along.slice(positive.length)];
  expect(Math.min(...above)).toBeGreaterThan(Math.max(...below));
  expect(at.meanPositive! - at.meanNegative!).toBeCloseTo(norm(at.vector), 3);
});

it("gives the same logits through llama.cpp's own control vector as through writes", async () => {
  const use = { file, mode: "add" as const, strength: 0.8 };
  const interventions = await directionInterventions(random.lab, use, run.signal);
  expect(interventions).toMatchObject([{ site: "resid_post", operation: "add", where: "all" }]);
  const ids = idsOf(random.lab, "the king and the");
  const [written] = await lastLogits(random.lab, [ids], { interventions, signal: run.signal });
  const [plain] = await lastLogits(random.lab, [ids], run);
  // `generate` takes this very intervention by way of llama_set_adapter_cvec.
  const params = { input: { kind: "tokens" as const, ids }, sampling: greedy, max: 1, top: 5, interventions };
  const { forks, altered } = await random.lab.generate(params, run.signal);
  expect(altered).toBe(true);
  const logs = logProbabilities(written!);
  const plainLogs = logProbabilities(plain!);
  const top = forks[0]!.tokens[0]!.top;
  for (const { id, p } of top) expect(Math.abs(Math.log(p) - logs[id]!)).toBeLessThan(0.02);
  expect(Math.max(...top.map(({ id, p }) => Math.abs(Math.log(p) - plainLogs[id]!)))).toBeGreaterThan(0.05);
});

describe("taken away", () => {
  const projections = async (mode: "zero" | "mean") => {
    const interventions = await directionInterventions(random.lab, { file, mode, where: "all" }, run.signal);
    const sites = streamSites(random.lab.info.layers);
    const states = await statesFromEnd(random.lab, [idsOf(random.lab, "on the king and")], sites, [-1], {
      interventions,
      signal: run.signal,
    });
    const vector = readControlVector(file);
    const unit = vector.layers[0]!.vector;
    return { along: states[0]!.map(([row]) => dot(row!, unit) / norm(unit)), profile: vector.profile! };
  };

  it("leaves no projection anywhere on the stream", async () => {
    const { along } = await projections("zero");
    for (const value of along) expect(Math.abs(value)).toBeLessThan(1e-3);
  });

  it("or the other side's mean, site by site", async () => {
    const { along, profile } = await projections("mean");
    along.forEach((value, i) => expect(value).toBeCloseTo(profile[i]!, 2));
  });
});

it("reads as a meter and says what it is", async () => {
  const meter = await directionMeter(random.lab, file, undefined, run.signal);
  expect(norm(meter.vector)).toBeCloseTo(1, 4);
  const info = directionInfo(file, random.lab.info);
  expect(info).toMatchObject({ convention: "vitrine", matches: true, name: "kings", warnings: [] });
});

it("is proved by rates with intervals, and its cost is told", async () => {
  const behaviour = { startsWith: ["zzz"], contains: [random.lab.token(70).text] };
  const params = { file, positive: positive.slice(0, 3), negative: negative.slice(0, 3), behaviour, neutral, max: 6 };
  const result = await testDirection(random.lab, params, run);
  expect(result.n).toEqual({ positive: 3, negative: 3 });
  for (const rates of [result.baseline, result.added, result.ablated, result.mean]) {
    expect(rates.positive.low).toBeLessThanOrEqual(rates.positive.rate);
    expect(rates.positive.high).toBeGreaterThanOrEqual(rates.positive.rate);
  }
  expect(result.costs.added.kl).toBeGreaterThan(0);
  expect(result.perplexity.after).not.toBe(result.perplexity.before);
  expect(new Set(result.examples.map(({ mode }) => mode))).toEqual(new Set(["add", "zero", "mean"]));
});

it("steers as a grid whose zero column is the plain model", async () => {
  const behaviour = { contains: ["a"] };
  const params = { file, prompts: positive.slice(0, 2), behaviour, strengths: [0, 4], layers: [1, 2], neutral, max: 4 };
  const grid = await steerGrid(random.lab, params, run);
  expect(grid.kl.map(([zero]) => zero)).toEqual([0, 0]);
  expect(Math.min(...grid.kl.map(([, strong]) => strong!))).toBeGreaterThan(0);
  expect(grid.cells).toHaveLength(4);
});

describe("bad input", () => {
  const base = {
    positive,
    negative,
    method: "meanDifference" as const,
    layer: "auto" as const,
    positions: [-1],
    name: "x",
  };
  it.each([
    ["too few prompts", { ...base, positive: positive.slice(0, 2) }],
    ["the same prompts", { ...base, negative: positive }],
    ["layer 0", { ...base, layer: 0 }],
    ["positions from the front", { ...base, positions: [0] }],
    ["pairs that are none", { ...base, method: "pairedPca" as const, negative: negative.slice(0, 6) }],
    ["an empty behaviour", { ...base, behaviour: {} }],
  ])("refuses %s", async (_name, params) => {
    expect(await codeOf(extractDirection(random.lab, { ...params, out: random.file("bad.gguf") }, run))).toBe(
      "badArgument",
    );
  });

  it("refuses a direction of another width, whatever is asked of it", async () => {
    const wide = random.file("wide.gguf");
    await writeControlVector(wide, {
      name: "wide",
      modelHint: "llama",
      fingerprint: "",
      width: 5,
      method: "x",
      convention: "vitrine",
      layers: [{ layer: 1, vector: new Float32Array(5).fill(1) }],
    });
    expect(await codeOf(directionInterventions(random.lab, { file: wide, mode: "add" }, run.signal))).toBe(
      "wrongModel",
    );
    expect(directionInfo(wide, random.lab.info).warnings.join(" ")).toContain("width");
  });
});

it("ships sets with two sides each", () => {
  const sets = promptSets();
  expect(sets.map(({ id }) => id)).toEqual(["refusal", "cheerful", "formal", "thinking", "truthful", "tools"]);
  for (const set of sets) {
    expect(set.positive.length).toBeGreaterThanOrEqual(20);
    expect(set.negative.length).toBe(set.positive.length);
    expect(set.heldOut!.positive.length).toBeGreaterThanOrEqual(8);
    expect(set.heldOut!.negative.length).toBe(set.heldOut!.positive.length);
    // No prompt stands on both sides, and none that a direction is found on is one that it is proved on.
    const all = [...set.positive, ...set.negative, ...set.heldOut!.positive, ...set.heldOut!.negative];
    expect(new Set(all.map((input) => JSON.stringify(input))).size).toBe(all.length);
  }
});
