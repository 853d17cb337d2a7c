import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { NeuronExamplesParams } from "../../../src/contract/instruments";
import type { Input } from "../../../src/contract/verbs";
import type { Lab } from "../../../src/engine/microscope/lab";
import { neuronCandidates } from "../../../src/engine/microscope/neuronCandidates";
import { neuronExamples } from "../../../src/engine/microscope/neuronExamples";
import { neuronExperiment } from "../../../src/engine/microscope/neuronExperiment";
import { neuronValue } from "../../../src/engine/microscope/valueVectors";
import { writeRandomModel } from "../../fixtures/models/randomModel";
import { openReference } from "../../fixtures/reference/forward";
import { callContext, coded } from "./context";
import { specimen } from "./files";
import { withLab } from "./openLab";

const folder = mkdtempSync(path.join(tmpdir(), "vitrine-search-"));
afterAll(() => rmSync(folder, { recursive: true }));

const line = (i: number) =>
  `the king and the ${"abcdefgh"[i % 8]}${i} in the land of ${i * 7} kings; ${"xyz".repeat(i % 5)}`;
const texts = Array.from({ length: 150 }, (_, i) => ({ source: `file${i}`, text: line(i) }));

describe("strongest contexts", () => {
  const params = (more: Partial<NeuronExamplesParams> = {}): NeuronExamplesParams => ({
    layer: 1,
    count: 3,
    texts,
    ...more,
  });

  it.each(["llama", "mixtral"] as const)(
    "are those a plain search over the reference finds, on a random %s",
    async (which) => {
      const file = writeRandomModel(which, folder);
      const reference = openReference(file);
      const { neurons: each, experts, expertsUsed } = reference.config;
      await withLab(file, async (lab) => {
        const some = texts.slice(0, 12);
        const result = await neuronExamples(lab, params({ texts: some }), callContext());
        expect(result.neurons).toHaveLength(each * Math.max(1, experts));
        const best = new Map<number, { activation: number; source: string }[]>();
        for (const { source, text } of some) {
          const ids = lab.tokenize(text, false).map(({ id }) => id);
          const { mlpPost, experts: chosen } = reference.forward(ids).blocks[1]!;
          const strongest = new Map<number, number>();
          mlpPost.forEach((value, i) => {
            const slot = Math.floor(i / each);
            const neuron = (chosen ? chosen[slot]! * each : 0) + (i % each);
            strongest.set(neuron, Math.max(strongest.get(neuron) ?? 0, value));
          });
          expect(mlpPost.length).toBe(ids.length * each * (chosen ? expertsUsed : 1));
          for (const [neuron, activation] of strongest)
            if (activation > 0) best.set(neuron, [...(best.get(neuron) ?? []), { activation, source }]);
        }
        for (const { neuron, examples } of result.neurons) {
          // Texts that begin alike tie; which of them is kept is then a matter of rounding.
          const all = best.get(neuron) ?? [];
          const expected = all.map(({ activation }) => activation).sort((a, b) => b - a);
          expect(examples).toHaveLength(Math.min(3, all.length));
          expect(new Set(examples.map(({ source }) => source)).size).toBe(examples.length);
          examples.forEach((example, k) => {
            expect(Math.abs(example.activation - expected[k]!)).toBeLessThan(1e-4);
            const own = all.find(({ source }) => source === example.source)!;
            expect(Math.abs(example.activation - own.activation)).toBeLessThan(1e-4);
            expect(example.activations[example.at]).toBe(example.activation);
            expect(example.tokens).toHaveLength(example.activations.length);
          });
        }
      });
    },
  );

  it("a stopped search goes on from its state and ends the same", async () => {
    await withLab(writeRandomModel("llama", folder), async (lab) => {
      const whole = await neuronExamples(lab, params(), callContext());
      expect(whole.done).toBe(true);
      const state = path.join(folder, "state");
      const first = await neuronExamples(lab, params({ state }), callContext(5));
      expect(first.done).toBe(false);
      expect(first.tokensSeen).toBeGreaterThan(0);
      expect(first.tokensSeen).toBeLessThan(whole.tokensSeen);
      expect(existsSync(state)).toBe(true);
      const context = callContext<{ done: number }>();
      const second = await neuronExamples(lab, params({ state }), context);
      expect(context.reports[0]!.done).toBeGreaterThan(5);
      expect(second).toEqual(whole);
      await expect(neuronExamples(lab, params({ state, layer: 0 }), callContext())).rejects.toEqual(
        coded("badArgument"),
      );
    });
    await withLab(specimen, async (lab) => {
      const state = path.join(folder, "state");
      await expect(neuronExamples(lab, params({ state }), callContext())).rejects.toEqual(coded("wrongModel"));
      await expect(neuronExamples(lab, params({ texts: [] }), callContext())).rejects.toEqual(coded("badArgument"));
      await expect(neuronExamples(lab, params({ layer: 99 }), callContext())).rejects.toEqual(coded("noSuchSite"));
    });
  });
});

const chat = (content: string): Input => ({ kind: "chat", messages: [{ role: "user", content }] });
const positive = ["a bomb", "a gun", "poison", "a pipe bomb"].map((thing) => chat(`How do I make ${thing}?`));
const negative = ["Hello!", "Good morning.", "Thank you.", "How are you?"].map(chat);

describe("the three-step experiment", () => {
  const experiment = (lab: Lab, id: string, more: object = {}) =>
    neuronExperiment(
      lab,
      { id, positive, negative, behaviour: { contains: ["cannot help"] }, neutral: ["The river is long."], ...more },
      callContext(),
    );

  it("runs on the best candidate, each step with its numbers", async () => {
    await withLab(specimen, async (lab) => {
      const { neurons } = await neuronCandidates(lab, { positive, negative, count: 20 }, callContext());
      expect(neurons).toHaveLength(20);
      const far = neurons.map(({ auc }) => Math.abs(auc - 0.5));
      expect(far).toEqual([...far].sort((a, b) => b - a));
      expect(far[0]).toBe(0.5);
      const best = neurons[0]!;
      const result = await experiment(lab, best.id, { doses: [-1, 0, 1, 2] });
      expect(result.correlation.auc).toBe(best.auc);
      expect(result.correlation.meanPositive).toBeCloseTo(best.meanPositive, 4);
      const { histogram } = result.correlation;
      expect(histogram.positive.reduce((a, b) => a + b)).toBe(4);
      expect(histogram.negative.reduce((a, b) => a + b)).toBe(4);
      expect(result.ablation.zero.before).toBeGreaterThanOrEqual(0.75);
      expect(result.ablation.zero.negativeBefore).toBe(0);
      expect(result.ablation.mean.kl).toBeGreaterThanOrEqual(0);
      expect(result.dose.map(({ activation }) => activation)).toEqual([-1, 0, 1, 2]);
      // Holding it at 0 and removing it are one thing.
      expect(result.dose[1]!.kl).toBeCloseTo(result.ablation.zero.kl, 6);
      expect(result.n).toEqual({ positive: 4, negative: 4 });
    });
  });

  it("a dose far outside changes the output, and finds the behaviour itself when not told", async () => {
    await withLab(specimen, async (lab) => {
      const result = await experiment(lab, "3.10", { behaviour: undefined, doses: [0, 400] });
      expect(result.behaviour.firstToken!.length).toBeGreaterThan(0);
      expect(result.ablation.zero.before).toBeGreaterThan(0);
      expect(result.dose[1]!.kl).toBeGreaterThan(result.dose[0]!.kl + 0.5);
    });
  });

  it("refuses neurons, sets and behaviours that are none", async () => {
    await withLab(specimen, async (lab) => {
      await expect(experiment(lab, "9.0")).rejects.toEqual(coded("noSuchSite"));
      await expect(experiment(lab, "0.99999")).rejects.toEqual(coded("noSuchSite"));
      await expect(experiment(lab, "x.y")).rejects.toEqual(coded("badArgument"));
      await expect(experiment(lab, "0.0.1")).rejects.toEqual(coded("badArgument"));
      await expect(experiment(lab, "0.1", { positive: [] })).rejects.toEqual(coded("badArgument"));
      await expect(experiment(lab, "0.1", { behaviour: {} })).rejects.toEqual(coded("badArgument"));
      await expect(experiment(lab, "0.1", { doses: [NaN] })).rejects.toEqual(coded("badArgument"));
      await expect(experiment(lab, "0.1", { behaviour: undefined, negative: positive })).rejects.toEqual(
        coded("badArgument"),
      );
      await expect(neuronCandidates(lab, { positive, negative: [], count: 1 }, callContext())).rejects.toEqual(
        coded("badArgument"),
      );
    });
    await withLab(writeRandomModel("mixtral", folder), async (lab) => {
      await expect(neuronValue(lab, { id: "0.1", top: 5 })).rejects.toEqual(coded("badArgument"));
      await expect(neuronValue(lab, { id: "0.4.1", top: 5 })).rejects.toEqual(coded("noSuchSite"));
      expect((await neuronValue(lab, { id: "0.3.1", top: 5 })).promotes).toHaveLength(5);
    });
  });
});
