import { describe, expect, it } from "vitest";
import { allSites } from "../../../src/contract/sites";
import { rowChange } from "../../../src/engine/llama/interventions";
import { placeOf, sitesOf, wantsOutputs } from "../../../src/engine/llama/sites";
import { catalogue } from "../../../src/engine/models/catalogue";

describe("the table of sites", () => {
  it.each(["llama", "mistral3", "qwen2", "qwen3", "qwen3moe", "gemma2", "gemma3", "phi3", "gpt-oss"])(
    "has all of %s",
    (architecture) => {
      const sites = sitesOf(architecture, 4, architecture === "qwen3moe" || architecture === "gpt-oss" ? 8 : 0);
      expect(sites.known).toEqual(allSites);
      for (const site of allSites) expect(placeOf(sites, site, 2)).toBeDefined();
    },
  );

  it("gives one node to what leaves a block and what enters the next", () => {
    const sites = sitesOf("llama", 4, 0);
    expect(placeOf(sites, "resid_pre", 3)).toEqual(placeOf(sites, "resid_post", 2));
    expect(placeOf(sites, "resid_pre", 0)).toEqual(placeOf(sites, "embed", undefined));
  });

  it("says of an unknown architecture that it can still chat", () => {
    const sites = sitesOf("zebra", 4, 0);
    expect(sites.known).toEqual([]);
    expect(sites.missing[0]).toContain("can still chat");
    expect(() => placeOf(sites, "resid_post", 0)).toThrow(expect.objectContaining({ code: "noSuchSite" }));
  });

  it("knows where llama.cpp may have dropped rows", () => {
    const sites = sitesOf("llama", 4, 0);
    expect(wantsOutputs(sites, "resid_post", 2)).toBe(false);
    expect(wantsOutputs(sites, "resid_post", 3)).toBe(true);
    expect(wantsOutputs(sites, "z", 3)).toBe(false);
    expect(wantsOutputs(sites, "final_norm", undefined)).toBe(true);
  });
});

describe("the change of a row", () => {
  const form = { width: 6, headWidth: 2 };
  const place = { site: "z" as const, layer: 0, where: "all" as const };

  it("takes a patch's rows in order", () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    const change = rowChange({ ...place, operation: "patch", values, rows: 2 }, form);
    const row = new Float32Array(6);
    change(row, 1);
    expect([...row]).toEqual([7, 8, 9, 10, 11, 12]);
  });

  it("adds to whole heads", () => {
    const change = rowChange(
      { ...place, operation: "add", unit: "head", indices: [2, 0], strength: 2, values: Float32Array.of(1, 2, 3, 4) },
      form,
    );
    const row = new Float32Array(6);
    change(row, 0);
    expect([...row]).toEqual([6, 8, 0, 0, 2, 4]);
  });
});

describe("the catalogue", () => {
  it("names each model once, with what a person must know of it", () => {
    const models = catalogue("/nowhere");
    expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
    for (const { uri, licence, size, memory, file } of models) {
      expect(uri).toMatch(/^hf:[^/]+\/[^/]+\/.+\.gguf$/);
      expect(licence).toBeTruthy();
      expect(memory).toBeGreaterThan(size);
      expect(file).toBeUndefined();
    }
  });
});
