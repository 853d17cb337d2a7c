import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lens } from "../../../src/engine/microscope/lens";
import { tunedLensFit } from "../../../src/engine/microscope/tunedLens";
import { writeRandomModel } from "../../fixtures/models/randomModel";
import { callContext, coded } from "./context";
import { specimen } from "./files";
import { withLab } from "./openLab";

const folder = mkdtempSync(path.join(tmpdir(), "vitrine-tuned-"));
afterAll(() => rmSync(folder, { recursive: true }));

const places = ["France", "Italy", "Spain", "Germany", "Japan", "Egypt", "Kenya", "Peru", "Chile", "Norway", "Greece"];
const verbs = ["visit", "find", "draw", "describe", "leave", "love", "cross", "map"];
/** Chats of the kind the specimen knows, all different. */
const texts = places.flatMap((place, i) =>
  verbs.map(
    (verb, j) =>
      `<|im_start|>user\nWhat is the capital of ${place}?<|im_end|>\n<|im_start|>assistant\nThe capital of ${place} is here, ` +
      `and I would ${verb} it with ${places[(i + j + 1) % places.length]}.<|im_end|>\n`,
  ),
);

describe("the tuned lens", () => {
  const out = path.join(folder, "tuned.safetensors");

  it("takes KL away from every layer's lens on held-out text, and the lens shows it", async () => {
    await withLab(specimen, async (lab) => {
      const context = callContext<{ done: number; total: number }>();
      const fitted = await tunedLensFit(lab, { texts, ridge: 0.01, out }, context);
      expect(fitted.file).toBe(out);
      expect(context.reports.at(-1)!.done).toBe(context.reports.at(-1)!.total);
      const early = fitted.layers.filter(({ layer }) => layer < lab.info.layers - 2);
      for (const { plain, tuned } of early) expect(tuned).toBeLessThan(plain);
      const sum = (key: "plain" | "tuned") => fitted.layers.reduce((total, layer) => total + layer[key], 0);
      expect(sum("tuned")).toBeLessThan(0.7 * sum("plain"));

      const params = { input: { kind: "prompt" as const, text: texts[4]! }, sites: ["resid_post" as const], top: 1 };
      const plain = await lens(lab, params, callContext());
      const tuned = await lens(lab, { ...params, tuned: out }, callContext());
      const mean = (cells: { kl: number }[]) => cells.reduce((total, { kl }) => total + kl, 0) / cells.length;
      expect(mean(tuned.cells[1]!)).toBeLessThan(mean(plain.cells[1]!));
      expect(tuned.cells.at(-1)).toEqual(plain.cells.at(-1));
    });
  });

  it("its products are a plain double loop's", async () => {
    await withLab(specimen, async (lab) => {
      const [rows, m, n] = [37, 5, 3];
      const a = Float32Array.from({ length: rows * m }, (_, i) => Math.sin(i));
      const b = Float32Array.from({ length: rows * n }, (_, i) => Math.cos(3 * i));
      const found = await lab.gram(a, b, rows);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let r = 0; r < rows; r++) sum += a[r * m + i]! * b[r * n + j]!;
          expect(found[i * n + j]).toBeCloseTo(sum, 4);
        }
    });
  });

  it("belongs to one model", async () => {
    await withLab(writeRandomModel("llama", folder), async (lab) => {
      const params = {
        input: { kind: "prompt" as const, text: "the king" },
        sites: ["resid_post" as const],
        top: 1,
        tuned: out,
      };
      await expect(lens(lab, params, callContext())).rejects.toEqual(coded("wrongModel"));
    });
  });

  it("refuses too little text, a bad ridge, and stops when told", async () => {
    await withLab(specimen, async (lab) => {
      const fit = (more: object) => tunedLensFit(lab, { texts, ridge: 0.1, out, ...more }, callContext());
      await expect(fit({ texts: ["short"] })).rejects.toEqual(coded("badArgument"));
      await expect(fit({ ridge: -1 })).rejects.toEqual(coded("badArgument"));
      await expect(fit({ ridge: NaN })).rejects.toEqual(coded("badArgument"));
      await expect(tunedLensFit(lab, { texts, ridge: 0.1, out }, callContext(3))).rejects.toEqual(coded("cancelled"));
    });
  });
});
