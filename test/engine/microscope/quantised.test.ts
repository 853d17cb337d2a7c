import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LensResult } from "../../../src/contract/instruments";
import { attention } from "../../../src/engine/microscope/attention";
import { attribution } from "../../../src/engine/microscope/attribution";
import { embedding, embeddingMap } from "../../../src/engine/microscope/embeddings";
import { layers } from "../../../src/engine/microscope/layers";
import { lens } from "../../../src/engine/microscope/lens";
import { neuronCandidates } from "../../../src/engine/microscope/neuronCandidates";
import { neuronExamples } from "../../../src/engine/microscope/neuronExamples";
import { neuronExperiment } from "../../../src/engine/microscope/neuronExperiment";
import { neurons } from "../../../src/engine/microscope/neurons";
import { surprisal } from "../../../src/engine/microscope/surprisal";
import { tunedLensFit } from "../../../src/engine/microscope/tunedLens";
import { neuronValue } from "../../../src/engine/microscope/valueVectors";
import { callContext } from "./context";
import { specimen } from "./files";
import { withLab } from "./openLab";
import { quantise, type Quantisation } from "./quantise";

const folder = mkdtempSync(path.join(tmpdir(), "vitrine-quantised-"));
afterAll(() => rmSync(folder, { recursive: true }));

const input = {
  kind: "prompt" as const,
  text: "The capital of France is",
};
const question = (place: string) => ({
  kind: "prompt" as const,
  text: `<|im_start|>user\nWhat is the capital of ${place}?<|im_end|>\n<|im_start|>assistant\n`,
});
const greeting = (name: string) => ({
  kind: "prompt" as const,
  text: `<|im_start|>user\nHello, I am ${name}.<|im_end|>\n<|im_start|>assistant\n`,
});

describe.each<Quantisation>(["Q8_0", "Q4_K"])("a %s copy of the specimen", (kind) => {
  const file = path.join(folder, `${kind}.gguf`);
  beforeAll(() => quantise(specimen, file, kind));

  it("goes through the lens, and its last row is its own output", async () => {
    await withLab(file, async (lab) => {
      expect(lab.info.quantisation).toMatch(kind === "Q8_0" ? /Q8_0/ : /Q4_K/);
      const result: LensResult = await lens(
        lab,
        { input, sites: ["embed", "resid_mid", "resid_post"], top: 5, target: " P" },
        callContext(),
      );
      expect(result.cells.flat().every(({ entropy, kl }) => Number.isFinite(entropy) && Number.isFinite(kl))).toBe(
        true,
      );
      const answer = result.cells.at(-1)!.at(-1)!;
      expect(answer.top[0]!.text).toBe(" P");
      expect(answer.kl).toBe(0);
      const logits: number[] = [];
      await lab.pass({
        sequences: [result.tokens.map(({ id }) => id)],
        reads: [{ site: "logits", positions: "last" }],
        signal: new AbortController().signal,
        onChunk: ({ states }) => void logits.push(...states[0]!.data),
      });
      const z = Math.log(logits.reduce((sum, value) => sum + Math.exp(value - 30), 0)) + 30;
      for (const { id, p } of answer.top) expect(p).toBeCloseTo(Math.exp(logits[id]! - z), 4);
    });
  });

  it("goes through layers, attribution, neurons and attention", async () => {
    await withLab(file, async (lab) => {
      const blocks = await layers(lab, { input, position: -1, top: 3 }, callContext());
      expect(blocks.layers.every(({ whole }) => Number.isFinite(whole!.kl))).toBe(true);
      const parts = await attribution(lab, { input, position: -1, target: " P" }, callContext());
      // Quantised products round their inputs too, so the parts miss a little of the logit; they must not miss more.
      expect(Math.abs(parts.remainder / parts.logit)).toBeLessThan(0.03);
      const found = await neurons(lab, { input, position: -1, target: " P", count: 10 }, callContext());
      expect(found.neurons).toHaveLength(10);
      const value = await neuronValue(lab, { id: found.neurons[0]!.id, top: 10 });
      expect(value.promotes).toEqual(found.neurons[0]!.promotes);
      expect(value.norm).toBeGreaterThan(0);
      const pattern = await attention(lab, { input, layer: 3 }, callContext());
      for (const { pattern: rows } of pattern.heads)
        for (const row of rows) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
    });
  });

  it("goes through embeddings and surprisal", async () => {
    await withLab(file, async (lab) => {
      const near = await embedding(lab, { token: " Blue", count: 10 }, callContext());
      expect(near.input[0]!.cosine).toBeGreaterThan(near.input[9]!.cosine);
      const map = await embeddingMap(lab, { texts: [" France", " Italy", " Paris"], table: "output" });
      expect(map.points.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
      const read = await surprisal(lab, { text: "The capital of France is Paris." }, callContext());
      expect(read.perplexity).toBeGreaterThan(1);
      expect(read.perplexity).toBeLessThan(1000);
    });
  });

  it("goes through the tuned lens, the examples, the candidates and the experiment", async () => {
    await withLab(file, async (lab) => {
      const texts = Array.from(
        { length: 25 },
        (_, i) => `${input.text} Paris. Number ${i} of many lines about towns and rivers.`,
      );
      const out = path.join(folder, `${kind}.safetensors`);
      const fitted = await tunedLensFit(lab, { texts, ridge: 0.1, out }, callContext());
      expect(fitted.layers).toHaveLength(lab.info.layers - 1);
      const examples = await neuronExamples(
        lab,
        { layer: 4, count: 2, texts: texts.map((text, i) => ({ source: `${i}`, text })) },
        callContext(),
      );
      expect(examples.done).toBe(true);
      const positive = [question("France"), question("Italy")];
      const negative = [greeting("Anna"), greeting("Tom")];
      const { neurons: best } = await neuronCandidates(lab, { positive, negative, count: 3 }, callContext());
      const result = await neuronExperiment(
        lab,
        {
          id: best[0]!.id,
          positive,
          negative,
          behaviour: { contains: ["capital"] },
          neutral: [texts[0]!],
          doses: [0, 1],
        },
        callContext(),
      );
      expect(result.correlation.auc).toBe(best[0]!.auc);
      expect(result.dose).toHaveLength(2);
    });
  });
});
