import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FeaturesTrainParams, FeaturesTrainProgress } from "../../../src/contract/acting";
import { browseFeatures } from "../../../src/engine/microscope/features/browse";
import { ownProducts } from "../../../src/engine/microscope/features/ggmlProducts";
import { featuresInfo, writeLabel } from "../../../src/engine/microscope/features/info";
import { plainProducts } from "../../../src/engine/microscope/features/products";
import { encodeOne } from "../../../src/engine/microscope/features/sae";
import {
  exportNeuronpedia,
  featureInterventions,
  featuresOfTokens,
  listFeatures,
  showFeature,
} from "../../../src/engine/microscope/features/show";
import { trainFeatures } from "../../../src/engine/microscope/features/train";
import { loadSae } from "../../../src/engine/microscope/files/saelens";
import { dot } from "../../../src/engine/microscope/maths/vectors";
import { statesFromEnd } from "../../../src/engine/microscope/measures/passes";
import { uniformNumbers } from "../../../src/engine/microscope/patching/random";
import { largestDifference } from "../open";
import { codeOf, idsOf, openRandom, prompt, run, type RandomLab } from "./random";

let random: RandomLab;
const next = uniformNumbers(11);
const words = ["the", "king", "and", "on", "an", "er", "kin", "in", "a", "b"];
const texts = Array.from({ length: 40 }, (_, i) => ({
  source: `text ${i}`,
  text: Array.from({ length: 60 }, () => words[Math.floor(next() * words.length)]).join(" "),
}));
const products = (shape: Parameters<typeof plainProducts>[0]) =>
  ownProducts(random.opened.session.door, true, shape, () => 1);
const base = () =>
  ({
    texts,
    site: "resid_post",
    layer: 1,
    kind: "topk",
    features: 128,
    k: 8,
    rows: 16_000,
    batch: 64,
    out: random.file("sae"),
  }) satisfies FeaturesTrainParams;

beforeAll(async () => {
  random = await openRandom(4);
  const seen: FeaturesTrainProgress[] = [];
  const result = await trainFeatures(random.lab, base(), {
    ...run,
    progress: (each) => void seen.push(each),
    products,
  });
  expect(result.partial).toBe(false);
  expect(result.explainedVariance).toBeGreaterThan(0.8);
  expect(result.l0).toBeLessThanOrEqual(8);
  expect(result.ce.reconstructed).toBeGreaterThan(0);
  expect(result.overhead).toBeGreaterThan(0);
  expect(seen.at(-1)!.step).toBe(seen.at(-1)!.steps);
  expect(seen.at(-1)!.loss).toBeLessThan(seen[0]!.loss);
});
afterAll(() => random.close());

it("multiplies through ggml as it does in typed arrays", () => {
  const shape = { batch: 24, width: 40, features: 56 };
  const random = (length: number) => Float32Array.from({ length }, () => next() - 0.5);
  const [x, w, a] = [random(24 * 40), random(56 * 40), random(24 * 56)];
  const outputs = [products(shape), plainProducts(shape)].map((each) => {
    const out = {
      pre: new Float32Array(24 * 56),
      rows: new Float32Array(24 * 40),
      activations: new Float32Array(24 * 56),
      decoder: new Float32Array(56 * 40),
      encoder: new Float32Array(56 * 40),
    };
    each.encode(x, w, out.pre);
    each.decode(a, w, out.rows);
    each.back(a, x, w, out);
    each.encoderGradient(a, x, out.encoder);
    each.close();
    return out;
  });
  for (const key of ["pre", "rows", "activations", "decoder", "encoder"] as const) {
    expect(largestDifference(outputs[0]![key], outputs[1]![key]), key).toBeLessThan(1e-4);
  }
});

it("saves unit decoder rows and leaves no checkpoint behind", async () => {
  const sae = await loadSae(random.file("sae"));
  for (let f = 0; f < sae.features; f += 17) {
    const row = sae.decoder.subarray(f * sae.width, (f + 1) * sae.width);
    expect(dot(row, row)).toBeCloseTo(1, 4);
  }
  expect(existsSync(random.file("sae/checkpoint.safetensors"))).toBe(false);
  expect(await featuresInfo(random.file("sae"), random.lab.info)).toMatchObject({
    kind: "topk",
    k: 8,
    matches: true,
    warnings: [],
  });
});

it("stops when told, and goes on from where it was", async () => {
  const out = random.file("stopped");
  const stop = new AbortController();
  const first = await trainFeatures(
    random.lab,
    { ...base(), out },
    {
      signal: stop.signal,
      progress: () => stop.abort(),
      products,
    },
  );
  expect(first.partial).toBe(true);
  expect(existsSync(`${out}/checkpoint.safetensors`)).toBe(true);
  const steps: number[] = [];
  const second = await trainFeatures(
    random.lab,
    { ...base(), out },
    { ...run, progress: ({ step }) => void steps.push(step), products },
  );
  expect(first.rows).toBeLessThan(second.rows);
  expect(steps[0]! * base().batch).toBeGreaterThan(first.rows);
  expect(second.partial).toBe(false);
  expect(second.explainedVariance).toBeGreaterThan(first.explainedVariance - 0.05);
});

it.each(["l1", "jumprelu"] as const)("trains %s", async (kind) => {
  const out = random.file(kind);
  const lambda = kind === "l1" ? 0.1 : 1e-4;
  const result = await trainFeatures(
    random.lab,
    { ...base(), kind, lambda, rows: 10_000, out },
    { ...run, progress: () => undefined, products },
  );
  expect(result.explainedVariance).toBeGreaterThan(0.5);
  expect(result.l0).toBeLessThan(128);
  expect((await loadSae(out)).threshold !== undefined).toBe(kind === "jumprelu");
});

describe("a feature", () => {
  it("is browsed, listed, labelled and exported", async () => {
    const folder = random.file("sae");
    const browsed = await browseFeatures(random.lab, { folder, texts: texts.slice(0, 6), count: 3 }, run);
    expect(browsed.tokens).toBeGreaterThan(100);
    const { features } = await listFeatures(random.lab, { folder, count: 5 });
    const densities = features.map(({ density }) => density);
    expect(densities).toEqual([...densities].sort((a, b) => b - a));
    const shown = await showFeature(random.lab, folder, features[0]!.feature);
    const { at, activations, tokens } = shown.contexts[0]!;
    expect(activations[at]).toBeCloseTo(Math.max(...activations), 5);
    expect(activations).toHaveLength(tokens.length);
    expect(shown.maxActivation).toBeCloseTo(activations[at]!, 4);
    expect(shown.nearest[0]!.cosine).toBeGreaterThanOrEqual(shown.nearest.at(-1)!.cosine);
    await writeLabel(folder, shown.feature, "kings");
    expect(
      (await listFeatures(random.lab, { folder, search: "KING" })).features.some(
        ({ feature }) => feature === shown.feature,
      ),
    ).toBe(true);
    const out = random.file("features.jsonl");
    await exportNeuronpedia(random.lab, folder, out);
    const line = JSON.parse(readFileSync(out, "utf8").split("\n")[shown.feature]!) as {
      index: string;
      vector: number[];
      frac_nonzero: number;
    };
    expect(line).toMatchObject({ index: String(shown.feature), frac_nonzero: shown.density });
    expect(line.vector).toHaveLength(random.lab.info.embedding);
  });

  it("of a token is switched off, set and added by interventions", async () => {
    const folder = random.file("sae");
    const text = "the king and the kin";
    const { positions } = await featuresOfTokens(random.lab, { folder, input: prompt(text), count: 4 }, run.signal);
    const { feature, activation } = positions.at(-1)!.features[0]!;
    const sae = await loadSae(folder);
    const state = async (mode?: "ablate" | "clamp" | "steer") => {
      const interventions = mode ? await featureInterventions(random.lab, { folder, feature, mode, value: 0.5 }) : [];
      const states = await statesFromEnd(
        random.lab,
        [idsOf(random.lab, text)],
        [{ site: "resid_post", layer: 1 }],
        [-1],
        { interventions, signal: run.signal },
      );
      return states[0]![0]![0]!;
    };
    const plain = await state();
    const row = sae.decoder.subarray(feature * sae.width, (feature + 1) * sae.width);
    const along = async (mode: "ablate" | "clamp" | "steer") =>
      dot(
        (await state(mode)).map((value, i) => value - plain[i]!),
        row,
      );
    const { maxActivation } = await showFeature(random.lab, folder, feature);
    expect(await along("ablate")).toBeCloseTo(-activation, 2);
    expect(await along("clamp")).toBeCloseTo(0.5 * maxActivation - activation, 2);
    expect(await along("steer")).toBeCloseTo(0.5 * maxActivation, 2);
    expect(encodeOne(sae, plain)[0]!.activation).toBeCloseTo(activation, 3);
  });
});

describe("bad input", () => {
  it("refuses more features than the corpus can teach, a site without a layer and a foreign checkpoint", async () => {
    const training = (change: Partial<FeaturesTrainParams>) =>
      trainFeatures(
        random.lab,
        { ...base(), out: random.file("bad"), ...change },
        { ...run, progress: () => undefined, products },
      );
    expect(await codeOf(training({ features: 100_000 }))).toBe("badArgument");
    expect(await codeOf(training({ texts: texts.slice(0, 1) }))).toBe("badArgument");
    expect(await codeOf(training({ site: "logits" }))).toBe("noSuchSite");
    expect(await codeOf(training({ layer: 77 }))).toBe("noSuchSite");
    expect(await codeOf(training({ k: 0 }))).toBe("badArgument");
  });

  it("refuses features of another model", async () => {
    const other = await openRandom(12);
    try {
      expect(await codeOf(showFeature(other.lab, random.file("sae"), 0))).toBe("wrongModel");
    } finally {
      await other.close();
    }
  });
});
