import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { patch, spanOf } from "../../../src/engine/microscope/patching/patch";
import { patchscope } from "../../../src/engine/microscope/patching/patchscope";
import { trace } from "../../../src/engine/microscope/patching/trace";
import { argmax, lastLogits } from "../../../src/engine/microscope/measures/passes";
import { codeOf, idsOf, openRandom, prompt, run, type RandomLab } from "./random";

let random: RandomLab;
beforeAll(async () => void (random = await openRandom(2)));
afterAll(() => random.close());

const clean = "an the king on";

/** The same prompt with one token in the middle changed. */
function corruptIds(): number[] {
  const ids = idsOf(random.lab, clean);
  ids[2] = idsOf(random.lab, "z")[0]!;
  return ids;
}

/** What the model says after a prompt, among the tokens whose text stands for them alone. */
async function said(ids: number[]): Promise<string> {
  const [logits] = await lastLogits(random.lab, [ids], run);
  for (let id = 0; id < logits!.length; id++) {
    const { text, special } = random.lab.token(id);
    if (special || !/^[a-z ]+$/.test(text) || random.lab.tokenize(text, false).length !== 1) logits![id] = -Infinity;
  }
  return random.lab.token(argmax(logits!)).text;
}

describe("activation patching", () => {
  const asked = async () => {
    const target = await said(idsOf(random.lab, clean));
    const corrupt = { kind: "tokens" as const, ids: corruptIds() };
    return { clean: prompt(clean), corrupt, target, foil: target === "a" ? "b" : "a" };
  };

  it("brings everything back at the last place, and nothing before the prompts differ", async () => {
    const first = 2;
    const result = await patch(random.lab, { ...(await asked()), site: "resid_post" }, run);
    const last = result.restored.at(-1)!;
    expect(last.at(-1)).toBeCloseTo(1, 3);
    for (const row of result.restored) for (let p = 0; p < first; p++) expect(row[p]).toBe(0);
    // The last block's other positions are read by nobody.
    for (let p = first; p < last.length - 1; p++) expect(last[p]).toBeCloseTo(0, 3);
    // All that is different enters at one token: restoring it at the first block's input restores the run.
    const entering = await patch(
      random.lab,
      { ...(await asked()), site: "resid_pre", layers: [0], positions: [first] },
      run,
    );
    expect(entering.restored[0]![0]).toBeCloseTo(1, 3);
  });

  it("goes head by head", async () => {
    const { info } = random.lab;
    const result = await patch(random.lab, { ...(await asked()), site: "z", heads: true, positions: [-1] }, run);
    expect(result.rows).toHaveLength(info.layers * info.heads);
    expect(result.restored.flat().some((value) => Math.abs(value) > 1e-3)).toBe(true);
    expect(result.restored.flat().every(Number.isFinite)).toBe(true);
  });

  it("refuses prompts that do not correspond", async () => {
    const base = await asked();
    expect(
      await codeOf(patch(random.lab, { ...base, corrupt: prompt(`${clean} and more`), site: "resid_post" }, run)),
    ).toBe("badArgument");
    expect(await codeOf(patch(random.lab, { ...base, corrupt: prompt(clean), site: "resid_post" }, run))).toBe(
      "badArgument",
    );
    expect(await codeOf(patch(random.lab, { ...base, site: "pattern" }, run))).toBe("noSuchSite");
    expect(await codeOf(patch(random.lab, { ...base, layers: [99], site: "mlp_out" }, run))).toBe("noSuchSite");
  });
});

describe("causal tracing", () => {
  it("brings everything back where the last layer's last state is restored", async () => {
    const params = {
      input: prompt(clean),
      subject: "king",
      target: await said(idsOf(random.lab, clean)),
      samples: 3,
      seed: 4,
    };
    const result = await trace(random.lab, params, run);
    expect(result.clean).toBeGreaterThan(result.corrupt);
    expect(result.restored.at(-1)!.at(-1)).toBeCloseTo(1, 3);
    expect(result.positions[0]).toBe(result.subject.from);
    // The same seed gives the same noise.
    const again = await trace(random.lab, params, run);
    expect(again.corrupt).toBe(result.corrupt);
  });

  it("refuses a subject that does not occur", async () => {
    const params = { input: prompt(clean), subject: "queen", target: await said(idsOf(random.lab, clean)) };
    expect(await codeOf(trace(random.lab, params, run))).toBe("badArgument");
  });
});

describe("patchscopes", () => {
  it("put a state where it was: the run stays as it is", async () => {
    const result = await patchscope(
      random.lab,
      { input: prompt(clean), position: -1, into: prompt(clean), at: -1, max: 3 },
      run,
    );
    expect(result.rows.map(({ layer }) => layer)).toEqual([0, 1, 2]);
    for (const { text } of result.rows) expect(text).toBe(result.plain);
  });

  it("make the last block's state speak wherever it is put", async () => {
    const last = random.lab.info.layers - 1;
    const result = await patchscope(
      random.lab,
      { input: prompt(clean), position: -1, layer: last, into: prompt("a b c"), max: 1 },
      run,
    );
    const [logits] = await lastLogits(random.lab, [idsOf(random.lab, clean)], run);
    expect(result.rows[0]!.tokens[0]!.id).toBe(argmax(logits!));
  });
});

it("finds the tokens that hold a text", () => {
  const tokens = random.lab.tokenize("the king and the king", false);
  const { from, to } = spanOf(tokens, "king", "subject");
  expect(
    tokens
      .slice(from, to + 1)
      .map(({ text }) => text)
      .join("")
      .trim(),
  ).toBe("king");
  expect(to).toBe(tokens.length - 1);
});
