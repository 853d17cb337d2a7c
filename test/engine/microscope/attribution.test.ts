import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { attribution } from "../../../src/engine/microscope/attribution";
import type { Lab } from "../../../src/engine/microscope/lab";
import { neurons } from "../../../src/engine/microscope/neurons";
import { architectures, writeRandomModel } from "../../fixtures/models/randomModel";
import { openReference, type ForwardStates, type Reference } from "../../fixtures/reference/forward";
import { callContext, coded } from "./context";
import { specimen } from "./files";
import { withLab } from "./openLab";

const folder = mkdtempSync(path.join(tmpdir(), "vitrine-attribution-"));
afterAll(() => rmSync(folder, { recursive: true }));

const text = "the king and the queen in london";
const prompt = (content: string) => ({ kind: "prompt" as const, text: content });

/**
 * What each head gives to a logit, from the reference's own states: the model's logit with the head's part of the attention
 * output in place, minus without, the last norm's scale (and a post-norm's) held.
 */
function referenceHead(
  reference: Reference,
  states: ForwardStates,
  at: { layer: number; head: number; target: number },
): number {
  const { config, gguf } = reference;
  const { width, headWidth, heads } = config;
  const last = states.embed.length / width - 1;
  const z = states.blocks[at.layer]!.z.subarray(last * heads * headWidth, (last + 1) * heads * headWidth);
  const w = gguf.read(`blk.${at.layer}.attn_output.weight`);
  const part = new Float64Array(width);
  const whole = new Float64Array(width);
  const bias = gguf.has(`blk.${at.layer}.attn_output.bias`) ? gguf.read(`blk.${at.layer}.attn_output.bias`) : undefined;
  for (let i = 0; i < width; i++) {
    whole[i] = bias?.[i] ?? 0;
    for (let j = 0; j < heads * headWidth; j++) {
      const value = w[i * heads * headWidth + j]! * z[j]!;
      whole[i]! += value;
      if (Math.floor(j / headWidth) === at.head) part[i]! += value;
    }
  }
  const rms = (x: Float64Array) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length + config.eps);
  if (config.postNorms) {
    const norm = gguf.read(`blk.${at.layer}.post_attention_norm.weight`);
    const scale = 1 / rms(whole);
    part.forEach((value, i) => (part[i] = value * scale * norm[i]!));
  }
  const residual = states.blocks.at(-1)!.residPost.slice(last * width, (last + 1) * width);
  const norm = gguf.read("output_norm.weight");
  const table = gguf.read(gguf.has("output.weight") ? "output.weight" : "token_embd.weight");
  const row = table.subarray(at.target * width, (at.target + 1) * width);
  const scale = 1 / rms(residual);
  const logit = (x: Float64Array) => x.reduce((sum, value, i) => sum + value * scale * norm[i]! * row[i]!, 0);
  const raw = logit(residual);
  const slope = config.finalCap ? (config.finalCap * Math.tanh(raw / config.finalCap)) / raw : 1;
  return logit(part) * slope;
}

describe("attribution", () => {
  it("sums to the specimen's own logit, and its heads are the reference's", async () => {
    const reference = openReference(specimen);
    await withLab(specimen, async (lab) => {
      const input = prompt(
        "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\nThe capital of France is",
      );
      const result = await attribution(lab, { input, position: -1, target: " P" }, callContext());
      const ids = result.tokens.map(({ id }) => id);
      const states = reference.forward(ids);
      const { logits } = states;
      const own = logits[(ids.length - 1) * reference.config.vocabulary + result.target.id]!;
      expect(Math.abs(result.logit - own) / Math.abs(own)).toBeLessThan(1e-3);
      expect(Math.abs(result.remainder) / Math.abs(result.logit)).toBeLessThan(1e-3);
      expect(result.sum + result.remainder).toBeCloseTo(result.logit, 6);
      const scale = Math.max(...result.parts.map(({ contribution }) => Math.abs(contribution)));
      for (const { kind, layer, head, contribution } of result.parts) {
        if (kind !== "head" || head! % 3 !== layer! % 3) continue;
        const expected = referenceHead(reference, states, { layer: layer!, head: head!, target: result.target.id });
        expect(Math.abs(contribution - expected)).toBeLessThan(2e-3 * scale);
      }
    });
  });

  it.each(architectures)("is exact on a random %s, foil and earlier positions included", async (architecture) => {
    const file = writeRandomModel(architecture, folder);
    const reference = openReference(file);
    await withLab(file, async (lab) => {
      for (const position of [-1, 4]) {
        const result = await attribution(lab, { input: prompt(text), position, target: "k", foil: "q" }, callContext());
        const ids = result.tokens.map(({ id }) => id).slice(0, result.position + 1);
        const { logits } = reference.forward(ids);
        const base = result.position * reference.config.vocabulary;
        const own = logits[base + result.target.id]! - logits[base + result.foil!.id]!;
        const scale = Math.max(...result.parts.map(({ contribution }) => Math.abs(contribution)));
        expect(Math.abs(result.logit - own)).toBeLessThan(1e-3 * scale);
        expect(Math.abs(result.remainder)).toBeLessThan(1e-3 * scale);
      }
      const result = await attribution(lab, { input: prompt(text), position: -1, target: "k" }, callContext());
      const states = reference.forward(result.tokens.map(({ id }) => id));
      const scale = Math.max(...result.parts.map(({ contribution }) => Math.abs(contribution)));
      for (const head of [0, 3]) {
        const part = result.parts.find((each) => each.kind === "head" && each.layer === 1 && each.head === head)!;
        const expected = referenceHead(reference, states, { layer: 1, head, target: result.target.id });
        expect(Math.abs(part.contribution - expected)).toBeLessThan(1e-3 * scale);
      }
    });
  });

  it("shows what an intervention added as remainder", async () => {
    await withLab(specimen, async (lab) => {
      const values = Float32Array.from({ length: lab.info.embedding }, (_, i) => Math.sin(i));
      const result = await attribution(
        lab,
        {
          input: prompt(text),
          position: -1,
          target: "k",
          interventions: [{ site: "resid_post", layer: 2, where: "all", operation: "add", values, strength: 3 }],
        },
        callContext(),
      );
      expect(Math.abs(result.remainder)).toBeGreaterThan(0.01);
    });
  });

  it("refuses an architecture whose stream is no known sum", async () => {
    await withLab(specimen, async (lab) => {
      const other: Lab = Object.create(lab, { info: { value: { ...lab.info, architecture: "gemma4" } } });
      await expect(
        attribution(other, { input: prompt(text), position: -1, target: "k" }, callContext()),
      ).rejects.toEqual(coded("noSuchSite"));
    });
  });

  it("refuses positions and targets that are not there", async () => {
    await withLab(specimen, async (lab) => {
      const of = (more: object) =>
        attribution(lab, { input: prompt(text), position: -1, target: "k", ...more }, callContext());
      await expect(of({ position: 99 })).rejects.toEqual(coded("badArgument"));
      await expect(of({ position: -99 })).rejects.toEqual(coded("badArgument"));
      await expect(of({ target: "many tokens here" })).rejects.toEqual(coded("severalTokens"));
      await expect(of({ foil: "" })).rejects.toEqual(coded("unknownToken"));
    });
  });
});

describe("neurons", () => {
  it.each(architectures)("all of a layer's contributions sum to its MLP's on a random %s", async (architecture) => {
    const file = writeRandomModel(architecture, folder);
    const reference = openReference(file);
    await withLab(file, async (lab) => {
      const input = prompt(text);
      const whole = await attribution(lab, { input, position: -1, target: "k" }, callContext());
      const layer = 1;
      const count = 200;
      const found = await neurons(lab, { input, layer, position: -1, target: "k", count }, callContext());
      const slots = reference.config.experts > 0 ? reference.config.expertsUsed : 1;
      expect(found.neurons).toHaveLength(slots * reference.config.neurons);
      const sum = found.neurons.reduce((total, { contribution }) => total + contribution, 0);
      const mlp = whole.parts.find((part) => part.kind === "mlp" && part.layer === layer)!.contribution;
      const scale = Math.max(...whole.parts.map(({ contribution }) => Math.abs(contribution)));
      expect(Math.abs(sum - mlp)).toBeLessThan(1e-3 * scale);
      // Strongest first, with the reference's activation.
      const block = reference.forward(found.tokens.map(({ id }) => id)).blocks[layer]!;
      const width = block.mlpPost.length / found.tokens.length;
      const strengths = found.neurons.map(({ contribution }) => Math.abs(contribution));
      expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
      for (const { id, activation, slot } of found.neurons.slice(0, 10)) {
        const neuron = Number(id.split(".").at(-1));
        const at = (found.tokens.length - 1) * width + (slot ?? 0) * reference.config.neurons + neuron;
        expect(Math.abs(activation - block.mlpPost[at]!)).toBeLessThan(1e-3 * Math.abs(activation) + 1e-4);
      }
    });
  });

  it("value vectors promote what the unembedding of their column says", async () => {
    const reference = openReference(specimen);
    await withLab(specimen, async (lab) => {
      const found = await neurons(lab, { input: prompt(text), position: -1, count: 5 }, callContext());
      const { width, neurons: m, vocabulary } = reference.config;
      const norm = reference.gguf.read("output_norm.weight");
      const table = reference.gguf.read("token_embd.weight");
      for (const { id, promotes, suppresses } of found.neurons) {
        const [layer, neuron] = id.split(".").map(Number) as [number, number];
        const down = reference.gguf.read(`blk.${layer}.ffn_down.weight`);
        const logits = Array.from({ length: vocabulary }, (_, v) => {
          let sum = 0;
          for (let i = 0; i < width; i++) sum += table[v * width + i]! * norm[i]! * down[i * m + neuron]!;
          return sum;
        });
        const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!);
        expect(Math.abs(promotes[0]!.logit - logits[order[0]!]!)).toBeLessThan(2e-3 * Math.abs(logits[order[0]!]!));
        expect(order.slice(0, 3)).toContain(promotes[0]!.id);
        expect(order.slice(-3)).toContain(suppresses[0]!.id);
      }
    });
  });

  it("refuses layers and counts that are not there", async () => {
    await withLab(specimen, async (lab) => {
      const of = (more: object) =>
        neurons(lab, { input: prompt(text), position: -1, count: 5, ...more }, callContext());
      await expect(of({ layer: 99 })).rejects.toEqual(coded("noSuchSite"));
      await expect(of({ count: 0 })).rejects.toEqual(coded("badArgument"));
      await expect(of({ position: 1.5 })).rejects.toEqual(coded("badArgument"));
    });
  });
});
