import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { LensParams, LensProgress } from "../../../src/contract/instruments";
import { lens } from "../../../src/engine/microscope/lens";
import type { Lab } from "../../../src/engine/microscope/lab";
import { entropy, klDivergence, logProbabilities, rankOf } from "../../../src/engine/microscope/maths/distributions";
import { writeRandomModel } from "../../fixtures/models/randomModel";
import { openReference } from "../../fixtures/reference/forward";
import { callContext, coded } from "./context";
import { specimen } from "./files";
import { referenceState } from "./compare";
import { withLab } from "./openLab";

const folder = mkdtempSync(path.join(tmpdir(), "vitrine-lens-"));
afterAll(() => rmSync(folder, { recursive: true }));

const capital =
  "The capital of Norway is Oslo. The capital of Italy is Rome. The capital of Japan is Tokyo. The capital of France is";
const params = (more: Partial<LensParams> = {}): LensParams => ({
  input: { kind: "prompt", text: capital },
  sites: ["embed", "resid_mid", "resid_post"],
  top: 5,
  ...more,
});
const run = (lab: Lab, more: Partial<LensParams> = {}) => lens(lab, params(more), callContext<LensProgress>());

describe("the lens", () => {
  it("agrees with the independent forward pass in every cell", async () => {
    const reference = openReference(specimen);
    await withLab(specimen, async (lab) => {
      const result = await run(lab, { target: " P" });
      const states = reference.forward(result.tokens.map(({ id }) => id));
      const { vocabulary, width } = reference.config;
      expect(result.rows).toHaveLength(1 + 2 * lab.info.layers);
      const output = reference.unembed(states.blocks.at(-1)!.residPost);
      result.rows.forEach(({ site, layer }, r) => {
        const logits = reference.unembed(referenceState(states, site, layer));
        expect(logits.length).toBe((referenceState(states, site, layer).length / width) * vocabulary);
        result.tokens.forEach((_, t) => {
          const logP = logProbabilities(logits.subarray(t * vocabulary, (t + 1) * vocabulary));
          const own = logProbabilities(output.subarray(t * vocabulary, (t + 1) * vocabulary));
          const cell = result.cells[r]![t]!;
          // Probabilities of F16 weights with F16-rounded activations: logits agree to about 1e-2 of a nat.
          for (const { id, p } of cell.top) expect(Math.abs(p - Math.exp(logP[id]!))).toBeLessThan(0.01);
          expect(Math.abs(cell.entropy - entropy(logP))).toBeLessThan(0.02);
          expect(Math.abs(cell.kl - klDivergence(own, logP))).toBeLessThan(0.02 + 0.01 * cell.kl);
          const target = result.target!.id;
          expect(Math.abs(cell.p - Math.exp(logP[target]!))).toBeLessThan(0.01);
          if (logP[target]! > -5) expect(Math.abs(cell.rank - rankOf(logP, target))).toBeLessThanOrEqual(1);
        });
      });
      expect(result.cells.at(-1)!.at(-1)!.top[0]!.text).toBe(" P");
      expect(result.partial).toBe(false);
    });
  });

  it("its last row is the model's own output exactly", async () => {
    await withLab(specimen, async (lab) => {
      const result = await run(lab, { top: 20 });
      const own = new Map<number, Float32Array>();
      await lab.pass({
        sequences: [result.tokens.map(({ id }) => id)],
        reads: [{ site: "logits", positions: "all" }],
        signal: new AbortController().signal,
        onChunk: ({ states }) => {
          const { positions, data, width } = states[0]!;
          positions.forEach((p, i) => own.set(p, data.slice(i * width, (i + 1) * width)));
        },
      });
      result.cells.at(-1)!.forEach((cell, t) => {
        const logits = own.get(t)!;
        const logP = logProbabilities(logits);
        const best = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, 20);
        expect(cell.top.map(({ id }) => id)).toEqual(best);
        cell.top.forEach(({ id, p }) => expect(Math.abs(p - Math.exp(logP[id]!))).toBeLessThan(2e-6));
        expect(cell.kl).toBe(0);
      });
    });
  });

  it("rows arrive in order, chunk by chunk, and add up to the result", async () => {
    await withLab(specimen, async (lab) => {
      const context = callContext<LensProgress>();
      const result = await lens(lab, params({ input: { kind: "prompt", text: capital.repeat(8) } }), context);
      expect(context.reports[0]).toMatchObject({ rows: result.rows, tokens: result.tokens });
      const cells = result.rows.map((): unknown[] => []);
      for (const { chunk } of context.reports) {
        if (!chunk) continue;
        expect(chunk.from).toBe(cells[chunk.row]!.length);
        cells[chunk.row]!.push(...chunk.cells);
      }
      expect(cells).toEqual(result.cells);
      expect(context.reports.at(-1)!.fraction).toBe(1);
    });
  });

  it("a cancelled run gives the columns it has, marked partial", async () => {
    await withLab(specimen, async (lab) => {
      const context = callContext<LensProgress>(40);
      const result = await lens(lab, params({ input: { kind: "prompt", text: capital.repeat(8) } }), context);
      expect(result.partial).toBe(true);
      expect(result.cells[0]!.length).toBeGreaterThan(0);
      expect(result.cells[0]!.length).toBeLessThan(result.tokens.length);
      expect(new Set(result.cells.map((row) => row.length)).size).toBe(1);
    });
  });

  it("interventions act: the output changes, and is still the last row", async () => {
    await withLab(specimen, async (lab) => {
      const plain = await run(lab);
      const altered = await run(lab, {
        sites: ["resid_mid"],
        interventions: [{ site: "attn_out", layer: 3, where: "all", operation: "zero" }],
      });
      expect(altered.rows.at(-1)).toEqual({ site: "logits" });
      const row = (result: typeof plain, layer: number) =>
        result.cells[result.rows.findIndex((at) => at.site === "resid_mid" && at.layer === layer)]!.at(-1)!;
      expect(row(altered, 2)).toMatchObject({ entropy: row(plain, 2).entropy });
      expect(row(altered, 3).entropy).not.toBe(row(plain, 3).entropy);
      expect(altered.cells.at(-1)!.every(({ kl }) => kl === 0)).toBe(true);
    });
  });

  it("4,096 tokens through 32 layers, in bounded memory", async () => {
    const file = writeRandomModel("llama", folder, { layers: 32, context: 4096 });
    await withLab(
      file,
      async (lab) => {
        const ids = Array.from({ length: 4096 }, (_, i) => (i * 7919) % 250);
        const result = await lens(lab, params({ input: { kind: "tokens", ids }, top: 1 }), callContext<LensProgress>());
        expect(result.cells).toHaveLength(65);
        expect(result.cells.every((row) => row.length === 4096)).toBe(true);
        expect(result.cells.at(-1)!.every(({ kl }) => kl === 0)).toBe(true);
      },
      { context: 4096 },
    );
  });
});

describe("the lens refuses", () => {
  it.each([
    ["a token that is several", { target: " Paris and Rome" }, "severalTokens"],
    ["an empty target", { target: "" }, "unknownToken"],
    ["no site", { sites: [] }, "badArgument"],
    ["a site that is no state of the stream", { sites: ["mlp_post" as const] }, "noSuchSite"],
    ["an empty prompt", { input: { kind: "tokens" as const, ids: [] } }, "badArgument"],
    ["a token outside the vocabulary", { input: { kind: "tokens" as const, ids: [1e6] } }, "unknownToken"],
    [
      "a prompt beyond the context",
      { input: { kind: "tokens" as const, ids: new Array<number>(5000).fill(5) } },
      "contextFull",
    ],
    [
      "an intervention beyond the layers",
      {
        interventions: [{ site: "resid_post" as const, layer: 99, where: "all" as const, operation: "zero" as const }],
      },
      "noSuchSite",
    ],
    ["no tokens to show", { top: 0 }, "badArgument"],
    ["a tuned lens that is not there", { tuned: "/nowhere.safetensors" }, "fileMissing"],
  ])("%s", async (_, more, code) => {
    await withLab(specimen, async (lab) => {
      await expect(run(lab, more)).rejects.toEqual(coded(code));
    });
  });
});
