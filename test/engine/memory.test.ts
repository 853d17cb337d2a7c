import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { GgufInsights, LlamaLogLevel, getLlama, readGgufFileInfo } from "node-llama-cpp";
import { afterAll, describe, expect, it } from "vitest";
import { estimate, gpuLayers } from "../../src/engine/run/estimate";
import { writeRandomModel } from "../fixtures/models/randomModel";
import { specimen } from "./open";

const folder = mkdtempSync(path.join(tmpdir(), "vitrine-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the memory a model will need", () => {
  it("is told from the header as node-llama-cpp's insights tell it", async () => {
    const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error });
    const large = writeRandomModel("llama", folder, { width: 512, layers: 6, heads: 8, neurons: 1536, context: 4096 });
    for (const [file, context] of [
      [specimen, 512],
      [large, 4096],
    ] as const) {
      const insights = await GgufInsights.from(await readGgufFileInfo(file), llama);
      const theirs = insights.estimateModelResourceRequirements({ gpuLayers: 0 });
      const ours = estimate({ file, gpu: "off", context });
      expect(Math.abs(ours.weights - theirs.cpuRam)).toBeLessThan(0.1 * theirs.cpuRam);
      const state = insights.estimateContextResourceRequirements({
        contextSize: context,
        modelGpuLayers: 0,
        isEmbeddingContext: false,
      });
      // Theirs counts a graph's buffers with the cache; ours has them in `needed`.
      expect(ours.context).toBeLessThanOrEqual(state.cpuRam * 1.1);
      expect(ours.needed).toBeGreaterThan(ours.weights + ours.context);
      expect(ours.fits).toBe(true);
    }
    await llama.dispose();
  });

  it("grows with the context, and says the largest that fits", () => {
    const short = estimate({ file: specimen, gpu: "off", context: 256 });
    const long = estimate({ file: specimen, gpu: "off", context: 512 });
    expect(long.context).toBe(2 * short.context);
    expect(long.largestContext).toBeGreaterThanOrEqual(512);
  });

  it("is shared with a GPU as far as that has room", () => {
    const found = { weights: 8e9, context: 1e9, needed: 9e9, free: 20e9, fits: true, largestContext: 4096 };
    expect(gpuLayers(found, 32, 16e9)).toBe(33);
    expect(gpuLayers(found, 32, 5e9)).toBeGreaterThan(10);
    expect(gpuLayers(found, 32, 5e9)).toBeLessThan(20);
    expect(gpuLayers(found, 32, 0)).toBe(0);
  });
});
