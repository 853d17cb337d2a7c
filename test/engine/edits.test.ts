import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { greedy } from "../../src/contract/verbs";
import type { EditUse, Input } from "../../src/contract/verbs";
import { writeLora } from "../../src/engine/microscope/files/lora";
import { generate } from "../../src/engine/run/generate";
import { observe } from "../../src/engine/run/observe";
import type { Session } from "../../src/engine/run/session";
import { writeRandomModel } from "../fixtures/models/randomModel";
import { largestDifference, openModel, quiet, specimen } from "./open";

const folder = mkdtempSync(path.join(tmpdir(), "vitrine-edits-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function withModel(file: string, use: (session: Session) => Promise<void>): Promise<void> {
  const { session, close } = await openModel(file);
  try {
    await use(session);
  } finally {
    await close();
  }
}

const input: Input = { kind: "prompt", text: "The capital of the country is a large city" };

/** An adapter that takes one neuron out of a block: its key is the neuron, its value the neuron's own, negated. */
async function withoutNeuron(session: Session, layer: number, neuron: number): Promise<EditUse> {
  const tensor = `blk.${layer}.ffn_down.weight`;
  const [inputs, outputs] = session.weights.shape(tensor) as [number, number];
  const a = new Float32Array(inputs);
  a[neuron] = 1;
  const rows = session.weights.rows(tensor, 0, outputs);
  const b = Float32Array.from({ length: outputs }, (_, row) => -rows[row * inputs + neuron]!);
  const file = path.join(folder, `without-${layer}-${neuron}.gguf`);
  const { architecture } = session.model;
  await writeLora(file, { architecture, notes: {}, deltas: [{ tensor, inputs, outputs, rank: 1, a, b }] });
  return { file };
}

describe("an edit", () => {
  it("that removes a neuron does what setting it to zero does", async () => {
    await withModel(specimen, async (session) => {
      const edit = await withoutNeuron(session, 2, 5);
      const look = (more: object) =>
        observe(session, { sequences: [input], reads: [], logits: "all", ...more }, quiet());
      const [plain, edited, ablated, off, half] = [
        await look({}),
        await look({ edits: [edit] }),
        await look({ interventions: [{ site: "mlp_post", layer: 2, where: "all", operation: "zero", indices: [5] }] }),
        await look({ edits: [{ ...edit, scale: 0 }] }),
        await look({ edits: [{ ...edit, scale: 0.5 }] }),
      ].map(({ sequences }) => sequences[0]!.logits!.data);
      expect(largestDifference(edited!, plain!)).toBeGreaterThan(1e-3);
      expect(largestDifference(edited!, ablated!)).toBeLessThan(0.05 * largestDifference(edited!, plain!) + 1e-2);
      expect(largestDifference(off!, plain!)).toBe(0);
      expect(largestDifference(half!, plain!)).toBeLessThan(largestDifference(edited!, plain!));
    });
  });

  it("acts on answers, is switched off again, and stacks", async () => {
    await withModel(specimen, async (session) => {
      const edits = [await withoutNeuron(session, 1, 3), await withoutNeuron(session, 4, 7)];
      const say = async (given: EditUse[]) =>
        generate(session, { input, sampling: greedy, max: 8, top: 1, edits: given }, quiet());
      const plain = await say([]);
      const edited = await say(edits);
      expect(edited.altered).toBe(true);
      // No state of the plain run is taken over.
      expect(edited.timings.reusedTokens).toBe(0);
      expect(edited.forks[0]!.tokens[0]!.p).not.toBe(plain.forks[0]!.tokens[0]!.p);
      expect((await say([])).forks[0]!.text).toBe(plain.forks[0]!.text);
      expect((await say([{ ...edits[0]!, scale: 0 }])).altered).toBe(false);
    });
  });

  it("of the attention's projection is part of attn_out, where that has no name", async () => {
    const file = writeRandomModel("qwen2", folder);
    await withModel(file, async (session) => {
      const tensor = "blk.1.attn_output.weight";
      const [inputs, outputs] = session.weights.shape(tensor) as [number, number];
      const noise = (length: number) => Float32Array.from({ length }, (_, index) => Math.sin(index * 7.1));
      const edit = path.join(folder, "attention.gguf");
      const delta = { tensor, inputs, outputs, rank: 1, a: noise(inputs), b: noise(outputs) };
      await writeLora(edit, { architecture: "qwen2", notes: {}, deltas: [delta] });
      const reads = (["resid_pre", "attn_out", "resid_mid"] as const).map((site) => ({
        site,
        layer: 1,
        positions: "all" as const,
      }));
      for (const edits of [[], [{ file: edit }]]) {
        const { sequences } = await observe(session, { sequences: [input], reads, edits }, quiet());
        const [pre, out, mid] = sequences[0]!.states.map(({ data }) => data);
        expect(
          largestDifference(
            mid!,
            pre!.map((value, index) => value + out![index]!),
          ),
        ).toBe(0);
        const zero = { site: "attn_out" as const, layer: 1, where: "all" as const, operation: "zero" as const };
        const cut = await observe(session, { sequences: [input], reads, edits, interventions: [zero] }, quiet());
        expect(cut.sequences[0]!.states[2]!.data).toEqual(pre);
      }
    });
  });

  it.each([
    ["of another architecture", "wrongModel", { architecture: "qwen2" }],
    ["of another width", "wrongModel", { inputs: 8 }],
    ["of a tensor that is not there", "wrongModel", { tensor: "blk.99.ffn_down.weight" }],
  ])("%s is refused", async (_name, code, changes) => {
    await withModel(specimen, async (session) => {
      const tensor = "blk.0.ffn_down.weight";
      const [inputs, outputs] = session.weights.shape(tensor) as [number, number];
      const given = { architecture: session.model.architecture, tensor, inputs, outputs, ...changes };
      const file = path.join(folder, "wrong.gguf");
      const delta = {
        tensor: given.tensor,
        inputs: given.inputs,
        outputs,
        rank: 1,
        a: new Float32Array(given.inputs),
        b: new Float32Array(outputs),
      };
      await writeLora(file, { architecture: given.architecture, notes: {}, deltas: [delta] });
      const edits = [{ file }];
      await expect(observe(session, { sequences: [input], reads: [], edits }, quiet())).rejects.toMatchObject({ code });
      // Nothing was half applied.
      await expect(observe(session, { sequences: [input], reads: [] }, quiet())).resolves.toBeDefined();
    });
  });

  it("that is missing, or no adapter, is refused", async () => {
    await withModel(specimen, async (session) => {
      const say = (file: string, scale = 1) =>
        generate(session, { input, sampling: greedy, max: 1, edits: [{ file, scale }] }, quiet());
      const text = path.join(folder, "text.gguf");
      writeFileSync(text, "no adapter, but a text of some length");
      await expect(say(path.join(folder, "missing.gguf"))).rejects.toMatchObject({ code: "fileMissing" });
      await expect(say(text)).rejects.toMatchObject({ code: "notGguf" });
      await expect(say(specimen)).rejects.toMatchObject({ code: "damagedFile" });
      await expect(say(specimen, Number.NaN)).rejects.toMatchObject({ code: "notFinite" });
    });
  });
});
