import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fact } from "../../../src/contract/acting";
import { benchEdits } from "../../../src/engine/microscope/edits/bench";
import { editFact } from "../../../src/engine/microscope/edits/editFact";
import { answered, factTokens } from "../../../src/engine/microscope/edits/facts";
import { editInfo, loadEdits } from "../../../src/engine/microscope/edits/info";
import { locateNeurons } from "../../../src/engine/microscope/edits/locate";
import { testEdit } from "../../../src/engine/microscope/edits/testEdit";
import { readLora, writeLora } from "../../../src/engine/microscope/files/lora";
import { lastLogits } from "../../../src/engine/microscope/measures/passes";
import { codeOf, idsOf, openRandom, run, type RandomLab } from "./random";

let random: RandomLab;
let fact: Fact;
/** Single lower-case tokens, by their logit after a prompt. */
async function ranked(prompt: string): Promise<string[]> {
  const [logits] = await lastLogits(random.lab, [idsOf(random.lab, prompt)], run);
  return [..."abcdefghijklmnopqrstuvwxyz"].sort(
    (a, b) => logits![idsOf(random.lab, b)[0]!]! - logits![idsOf(random.lab, a)[0]!]!,
  );
}

beforeAll(async () => {
  random = await openRandom(3);
  // Answers follow a blank that belongs to the prompt, so that one letter is one token.
  const prompt = "the king and the er ";
  const order = await ranked(prompt);
  fact = {
    prompt,
    subject: "king",
    from: order[0]!,
    to: order[8]!,
    paraphrases: ["an and the king and the er "],
    neighbours: [{ prompt: "on the kin an er ", answer: (await ranked("on the kin an er "))[0]! }],
  };
});
afterAll(() => random.close());

describe.each(["neurons", "rank-one"] as const)("an edit by %s", (method) => {
  const out = () => random.file(`${method}.gguf`);

  it("makes the new answer likelier, in a file that undoes itself", async () => {
    const corpus = ["the king and the kin on the er", "on an in and the andy king er on", "a b c d e f the and on in"];
    const donors = ["kin", "and", "on", "er"];
    const made = await editFact(
      random.lab,
      { ...fact, method, corpus, donors, out: out(), ...(method === "rank-one" ? { layer: 1 } : {}) },
      run,
    );
    // Random weights have no place where a subject's facts are looked up: that rank one moves the answer at all is what holds here.
    expect(made.after.pTo).toBeGreaterThan((method === "neurons" ? 2 : 1.2) * made.before.pTo);
    expect(made.neurons.length > 0).toBe(method === "neurons");
    expect(made.cost.perplexity.before).toBeGreaterThan(1);
    const tokens = await factTokens(random.lab, fact);
    const plain = await lastLogits(random.lab, [tokens.prompt], run);
    const off = await lastLogits(random.lab, [tokens.prompt], {
      edits: [{ file: out(), scale: 0 }],
      signal: run.signal,
    });
    expect(off).toEqual(plain);
  });

  it("is a LoRA that says what it is and for whom", async () => {
    const lora = readLora(out());
    for (const { tensor } of lora.deltas) expect(tensor).toMatch(/^blk\.\d+\.ffn_down\.weight$/);
    const info = editInfo(out(), random.lab.info);
    expect(info).toMatchObject({
      method,
      matches: true,
      fact: { subject: "king", from: fact.from, to: fact.to },
      warnings: [],
    });
    expect(info.tensors.every(({ norm }) => norm > 0)).toBe(true);
    expect(await loadEdits(random.lab, [{ file: out() }], run.signal)).toHaveLength(1);
  });

  it("is tested at once", async () => {
    const result = await testEdit(random.lab, { file: out(), facts: [fact], neutral: ["the king and on"] }, run);
    expect(result.rates.paraphrase.n).toBe(1);
    expect(result.facts[0]!.neighbours).toHaveLength(1);
    const off = await testEdit(random.lab, { file: out(), scale: 0, facts: [fact], neutral: ["the king and on"] }, run);
    expect(off.cost.kl).toBe(0);
    if (off.change === 0) expect(off.warnings.join(" ")).toContain("did nothing");
  });
});

it("locates neurons whose removal takes the answer away", async () => {
  const { prompt, from } = await factTokens(random.lab, fact);
  const found = await locateNeurons(random.lab, prompt, from[0]!, 5, run.signal);
  expect(found).toHaveLength(5);
  expect(found[0]!.drop).toBeGreaterThan(0);
  expect(found.map(({ drop }) => drop)).toEqual(found.map(({ drop }) => drop).sort((a, b) => b - a));
});

it("leaves facts the model does not know out of the bench's rates", async () => {
  const order = await ranked(fact.prompt);
  const unknown = { ...fact, from: order[20]! };
  const [knows] = await answered(
    random.lab,
    [{ prompt: idsOf(random.lab, fact.prompt), answer: idsOf(random.lab, fact.from) }],
    run,
  );
  const result = await benchEdits(random.lab, { facts: [unknown, fact], method: "neurons" }, run);
  expect(result.unknown).toBe(knows ? 1 : 2);
  expect(result.n).toBe(knows ? 1 : 0);
});

describe("bad input", () => {
  it.each([
    ["a subject that is not in the prompt", { subject: "queen" }],
    ["an empty answer", { to: " " }],
    ["the same answer twice", { to: "same", from: "same" }],
  ])("refuses %s", async (_name, change) => {
    const params = { ...fact, ...change, method: "neurons" as const, out: random.file("bad.gguf") };
    expect(await codeOf(editFact(random.lab, params, run))).toBe("badArgument");
  });

  it("refuses an edit that was made for another model of the same shape", async () => {
    const other = await openRandom(9);
    try {
      expect(await codeOf(loadEdits(other.lab, [{ file: random.file("neurons.gguf") }], run.signal))).toBe(
        "wrongModel",
      );
    } finally {
      await other.close();
    }
  });

  it("refuses an edit whose matrices do not fit", async () => {
    const file = random.file("misfit.gguf");
    const delta = {
      tensor: "blk.1.ffn_down.weight",
      inputs: 3,
      outputs: 2,
      rank: 1,
      a: new Float32Array(3),
      b: new Float32Array(2),
    };
    await writeLora(file, { architecture: random.lab.info.architecture, deltas: [delta], notes: {} });
    expect(await codeOf(loadEdits(random.lab, [{ file }], run.signal))).toBe("wrongModel");
  });
});
