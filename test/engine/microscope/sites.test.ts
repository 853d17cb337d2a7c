import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { allSites, layerlessSites, type Read } from "../../../src/contract/sites";
import { architectures, writeRandomModel } from "../../fixtures/models/randomModel";
import { openReference } from "../../fixtures/reference/forward";
import { specimen } from "./files";
import { referenceState, relativeError } from "./compare";
import { withLab } from "./openLab";

const folder = mkdtempSync(path.join(tmpdir(), "vitrine-sites-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every site of every layer, read in chunks, against the independent forward pass: [site, relative error], worst layer. */
async function siteErrors(file: string, text: string, chunk: number): Promise<Map<string, number>> {
  const reference = openReference(file);
  const worst = new Map<string, number>();
  await withLab(file, async (lab) => {
    const ids = (await lab.render({ kind: "prompt", text })).map(({ id }) => id);
    const layers = Array.from({ length: lab.info.layers }, (_, layer) => layer);
    const reads = allSites
      .filter((site) => site !== "pattern")
      .flatMap((site): Read[] =>
        layerlessSites.includes(site)
          ? [{ site, positions: "all" }]
          : layers.map((layer) => ({ site, layer, positions: "all" })),
      );
    const n = ids.length;
    const heads = lab.info.heads;
    const found: number[][] = reads.map(() => []);
    const patterns = layers.map(() => new Float64Array(heads * n * n));
    const experts = layers.map((): number[] => []);
    await lab.pass({
      sequences: [ids],
      reads: [...reads, ...layers.map((layer): Read => ({ site: "pattern", layer, positions: "all" }))],
      chunk,
      signal: new AbortController().signal,
      onChunk: ({ from, count, states }) => {
        reads.forEach(({ site, layer }, i) => {
          found[i]!.push(...states[i]!.data);
          if (site === "mlp_post" && states[i]!.experts) experts[layer!]!.push(...states[i]!.experts!);
        });
        layers.forEach((layer) => {
          const { data, width } = states[reads.length + layer]!;
          for (let h = 0; h < heads; h++)
            for (let q = 0; q < count; q++)
              for (let k = 0; k < n; k++)
                patterns[layer]![(h * n + from + q) * n + k] = data[(h * count + q) * width + k]!;
        });
      },
    });
    const expected = reference.forward(ids);
    const note = (site: string, error: number) => worst.set(site, Math.max(worst.get(site) ?? 0, error));
    reads.forEach(({ site, layer }, i) => note(site, relativeError(found[i]!, referenceState(expected, site, layer))));
    layers.forEach((layer) => {
      note("pattern", relativeError(patterns[layer]!, expected.blocks[layer]!.pattern));
      const chosen = expected.blocks[layer]!.experts;
      if (chosen) expect(experts[layer]).toEqual([...chosen]);
    });
  });
  return worst;
}

describe("every site agrees with the independent forward pass", () => {
  it("on the specimen", async () => {
    const errors = await siteErrors(specimen, "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n", 512);
    for (const [site, error] of errors) expect.soft(error, site).toBeLessThan(1e-3);
  });

  it("on the specimen, in chunks that cut the prompt", async () => {
    const errors = await siteErrors(specimen, "The capital of France is Paris, and the capital of Italy is Rome.", 5);
    for (const [site, error] of errors) expect.soft(error, site).toBeLessThan(1e-3);
  });

  it.each(architectures)("on a random %s", async (architecture) => {
    const file = writeRandomModel(architecture, folder);
    const errors = await siteErrors(file, "the king and the queen in london", 7);
    expect([...errors.keys()].sort()).toEqual([...allSites].sort());
    for (const [site, error] of errors) expect.soft(error, site).toBeLessThan(1e-3);
  });
});
