import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { attention } from "../../../src/engine/microscope/attention";
import { embedding, embeddingMap } from "../../../src/engine/microscope/embeddings";
import { layers } from "../../../src/engine/microscope/layers";
import { klDivergence, logProbabilities } from "../../../src/engine/microscope/maths/distributions";
import { cosine } from "../../../src/engine/microscope/maths/vectors";
import { surprisal } from "../../../src/engine/microscope/surprisal";
import { writeRandomModel } from "../../fixtures/models/randomModel";
import { openReference } from "../../fixtures/reference/forward";
import { callContext, coded } from "./context";
import { specimen } from "./files";
import { withLab } from "./openLab";

const folder = mkdtempSync(path.join(tmpdir(), "vitrine-looks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const text = "The capital of France is Paris. The capital of Italy is";
const input = { kind: "prompt" as const, text };

describe("layers", () => {
  it.each(["specimen", "gemma2"] as const)("before and after agree with the reference on %s", async (which) => {
    const file = which === "specimen" ? specimen : writeRandomModel(which, folder);
    const reference = openReference(file);
    await withLab(file, async (lab) => {
      const result = await layers(lab, { input, position: -1, top: 5 }, callContext());
      const states = reference.forward(result.tokens.map(({ id }) => id));
      const { width, vocabulary } = reference.config;
      const last = result.position;
      const logP = (rows: Float64Array) =>
        logProbabilities(reference.unembed(rows.slice(last * width, (last + 1) * width)));
      expect(result.layers).toHaveLength(lab.info.layers);
      for (const { layer, attn, mlp, whole } of result.layers) {
        const block = states.blocks[layer]!;
        for (const [effect, from, to] of [
          [attn!, block.residPre, block.residMid],
          [mlp!, block.residMid, block.residPost],
          [whole!, block.residPre, block.residPost],
        ] as const) {
          const before = logP(from);
          const after = logP(to);
          expect(Math.abs(effect.kl - klDivergence(after, before))).toBeLessThan(0.02 + 0.01 * effect.kl);
          expect(effect.after[0]!.p).toBeCloseTo(Math.max(...after.map(Math.exp)), 1);
          const deltas = Array.from({ length: vocabulary }, (_, v) => after[v]! - before[v]!);
          const best = Math.max(...deltas);
          const worst = Math.min(...deltas);
          for (const { id, delta } of [...effect.promoted, ...effect.suppressed])
            expect(Math.abs(delta - deltas[id]!)).toBeLessThan(0.05);
          expect(Math.abs(effect.promoted[0]!.delta - best)).toBeLessThan(0.05);
          expect(Math.abs(effect.suppressed[0]!.delta - worst)).toBeLessThan(0.05);
        }
      }
    });
  });
});

describe("attention", () => {
  it("is the reference's, rows of weights that sum to one", async () => {
    const reference = openReference(specimen);
    await withLab(specimen, async (lab) => {
      const result = await attention(lab, { input, layer: 2 }, callContext());
      const n = result.tokens.length;
      const { pattern } = reference.forward(result.tokens.map(({ id }) => id)).blocks[2]!;
      for (const { head, pattern: rows, sink } of result.heads) {
        rows.forEach((row, q) => {
          expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
          row.forEach((weight, k) => expect(Math.abs(weight - pattern[(head * n + q) * n + k]!)).toBeLessThan(2e-3));
        });
        const mean = rows.slice(1).reduce((sum, row) => sum + row[0]!, 0) / (n - 1);
        expect(sink).toBeCloseTo(mean, 6);
      }
      expect(result.mean[3]![1]).toBeCloseTo(
        result.heads.reduce((s, h) => s + h.pattern[3]![1]! / 8, 0),
        5,
      );
      const one = await attention(lab, { input, layer: 2, head: 5 }, callContext());
      expect(one.heads).toEqual([result.heads[5]]);
    });
  });

  it("leaves a learnt sink's share out", async () => {
    const file = writeRandomModel("gpt-oss", folder);
    await withLab(file, async (lab) => {
      const result = await attention(lab, { input, layer: 1 }, callContext());
      const sums = result.heads.flatMap(({ pattern }) => pattern.map((row) => row.reduce((a, b) => a + b, 0)));
      expect(Math.max(...sums)).toBeLessThan(1);
      expect(Math.min(...sums)).toBeGreaterThan(0);
    });
  });

  it("refuses layers and heads that are not there", async () => {
    await withLab(specimen, async (lab) => {
      await expect(attention(lab, { input, layer: 8 }, callContext())).rejects.toEqual(coded("noSuchSite"));
      await expect(attention(lab, { input, layer: 0, head: 8 }, callContext())).rejects.toEqual(coded("noSuchSite"));
    });
  });
});

describe("embeddings", () => {
  it("neighbours are a plain sort by cosine", async () => {
    const { gguf, config } = openReference(specimen);
    const table = gguf.read("token_embd.weight");
    const row = (id: number) => table.subarray(id * config.width, (id + 1) * config.width);
    await withLab(specimen, async (lab) => {
      const result = await embedding(lab, { token: " Blue", count: 8 }, callContext());
      expect(result.tied).toBe(true);
      const own = result.tokens[0]!.id;
      const order = Array.from({ length: config.vocabulary }, (_, id) => id)
        .filter((id) => id !== own)
        .sort((a, b) => cosine(row(b), row(own)) - cosine(row(a), row(own)));
      expect(result.input.map(({ id }) => id)).toEqual(order.slice(0, 8));
      result.input.forEach(({ id, cosine: c }) => expect(c).toBeCloseTo(cosine(row(id), row(own)), 6));

      const sum = await embedding(lab, { expression: "Blue - Bank + Bridge", count: 3 }, callContext());
      expect(sum.tokens.map(({ text: t }) => t.trim())).toEqual(["Blue", "Bank", "Bridge"]);
      const used = new Set(sum.tokens.map(({ id }) => id));
      expect(sum.input.some(({ id }) => used.has(id))).toBe(false);
    });
  });

  it("the two tables differ where they are not tied", async () => {
    const file = writeRandomModel("llama", folder);
    await withLab(file, async (lab) => {
      const result = await embedding(lab, { token: "k", count: 5 }, callContext());
      expect(result.tied).toBe(false);
      expect(result.output).not.toEqual(result.input);
    });
  });

  it("a map keeps equal texts together", async () => {
    await withLab(specimen, async (lab) => {
      const texts = [" France", " Italy", " Paris", " Rome", " France"];
      const { points, explained } = await embeddingMap(lab, { texts, table: "input" });
      expect(points.map(({ text: t }) => t)).toEqual(texts);
      expect(points[4]!.x).toBeCloseTo(points[0]!.x, 6);
      expect(points[4]!.y).toBeCloseTo(points[0]!.y, 6);
      expect(explained[0]).toBeGreaterThanOrEqual(explained[1]);
      await expect(embeddingMap(lab, { texts: ["a"], table: "input" })).rejects.toEqual(coded("badArgument"));
    });
  });

  it("refuses what is no token or no expression", async () => {
    await withLab(specimen, async (lab) => {
      const of = (params: object) => embedding(lab, { count: 5, ...params }, callContext());
      await expect(of({ token: "unpronounceableness" })).rejects.toEqual(coded("severalTokens"));
      await expect(of({ token: "" })).rejects.toEqual(coded("unknownToken"));
      await expect(of({ expression: "a b" })).rejects.toEqual(coded("badArgument"));
      await expect(of({})).rejects.toEqual(coded("badArgument"));
      await expect(of({ expression: '" Blue" - " Blue"' })).rejects.toEqual(coded("badArgument"));
    });
  });
});

describe("surprisal", () => {
  it("is the reference's, with editor offsets", async () => {
    const reference = openReference(specimen);
    await withLab(specimen, async (lab) => {
      const source = `${text} Rome. 你好 😀!`;
      const result = await surprisal(lab, { text: source, top: 3 }, callContext());
      const ids = result.tokens.map(({ id }) => id);
      const { logits } = reference.forward(ids);
      const V = reference.config.vocabulary;
      expect(result.tokens[0]).toMatchObject({ surprisal: null, entropy: null, rank: null, top: [] });
      let sum = 0;
      result.tokens.slice(1).forEach((token, i) => {
        const logP = logProbabilities(logits.subarray(i * V, (i + 1) * V));
        sum += token.surprisal!;
        expect(Math.abs(token.surprisal! + logP[token.id]!)).toBeLessThan(0.05);
        expect(token.top).toHaveLength(3);
        if (token.rank === 0) expect(token.top[0]!.id).toBe(token.id);
      });
      expect(result.perplexity).toBeCloseTo(Math.exp(sum / (ids.length - 1)), 4);
      for (const { start, end, text: piece, bytes } of result.tokens)
        if (!bytes) expect(source.slice(start, end)).toBe(piece);
      expect(result.tokens.at(-1)!.end).toBe(source.length);
    });
  });

  it("an edited tail gives the same numbers as the whole text", async () => {
    await withLab(specimen, async (lab) => {
      const whole = await surprisal(lab, { text }, callContext());
      const from = text.indexOf("Italy");
      const tail = await surprisal(lab, { text, from }, callContext());
      const expected = whole.tokens.filter(({ end }) => end > from);
      expect(tail.tokens.map(({ id, start }) => [id, start])).toEqual(expected.map(({ id, start }) => [id, start]));
      tail.tokens.forEach((token, i) => expect(token.surprisal).toBeCloseTo(expected[i]!.surprisal!, 4));
    });
  });

  it("reads a text beyond the context in overlapping windows", async () => {
    const long = Array.from({ length: 60 }, (_, i) => `The capital of country number ${i} is not known. `).join("");
    await withLab(
      specimen,
      async (lab) => {
        const result = await surprisal(lab, { text: long }, callContext());
        expect(result.tokens.length).toBeGreaterThan(lab.info.context);
        expect(result.overlap).toBeGreaterThan(0);
        expect(result.tokens.slice(1).every(({ surprisal: s }) => s !== null && Number.isFinite(s))).toBe(true);
        expect(result.tokens.at(-1)!.end).toBe(long.length);
      },
      { context: 128 },
    );
  });

  it("refuses nothing to read", async () => {
    await withLab(specimen, async (lab) => {
      await expect(surprisal(lab, { text: "" }, callContext())).rejects.toEqual(coded("badArgument"));
    });
  });
});
