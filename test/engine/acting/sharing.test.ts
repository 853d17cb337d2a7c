import { afterAll, beforeAll, expect, it } from "vitest";
import type { Intervention } from "../../../src/contract/sites";
import { factTokens } from "../../../src/engine/microscope/edits/facts";
import { losses, type ValueSearch } from "../../../src/engine/microscope/edits/search";
import { lastLogits } from "../../../src/engine/microscope/measures/passes";
import { runPass } from "../../../src/engine/run/pass";
import { largestDifference } from "../open";
import { idsOf, openRandom, run, type RandomLab } from "./random";

let random: RandomLab;
beforeAll(async () => {
  random = await openRandom(5);
});
afterAll(() => random.close());

const beginning = "the king and the er on the ";
const endings = ["kin", "and on", "er", "kin on the er", "a"];

it("runs that share their beginning give the same logits, altered or not", async () => {
  const sequences = endings.map((text) => idsOf(random.lab, beginning + text));
  const interventions: Intervention[] = [
    {
      site: "embed",
      where: [2],
      operation: "add",
      strength: 1,
      values: new Float32Array(random.lab.info.embedding).fill(0.1),
    },
    { site: "mlp_out", layer: 0, where: [-1], operation: "zero", sequences: [1, 3] },
  ];
  for (const given of [[], interventions]) {
    const asked = { interventions: given, signal: run.signal };
    const alone = await lastLogits(random.lab, sequences, asked);
    const shared = await lastLogits(random.lab, sequences, { ...asked, share: true });
    sequences.forEach((_, i) => expect(largestDifference(alone[i]!, shared[i]!)).toBeLessThan(1e-4));
  }
});

it("fewer positions are run, and each that is read comes once", async () => {
  const sequences = endings.map((text) => idsOf(random.lab, beginning + text));
  const counted = async (share: boolean) => {
    let positions = 0;
    const read: string[] = [];
    await runPass(random.opened.session, {
      sequences,
      reads: [{ site: "resid_post", layer: 1, positions: [-1] }],
      share,
      signal: run.signal,
      onPart: ({ sequence, count, states }) => {
        positions += count;
        read.push(...states[0]!.positions.map((position) => `${sequence}.${position}`));
      },
    });
    return { positions, read: read.sort() };
  };
  const [alone, shared] = [await counted(false), await counted(true)];
  expect(shared.positions).toBeLessThan(0.6 * alone.positions);
  expect(shared.read).toEqual(alone.read);
});

it("the search of a value reckons the same losses either way", async () => {
  const { lab } = random;
  const context = (text: string, subject: string) => {
    const ids = idsOf(lab, text);
    return { ids, at: idsOf(lab, text.slice(0, text.indexOf(subject) + subject.length)).length - 1 };
  };
  const contexts = [context("on the er and the king and the er", "king"), context("an in the king and the er", "king")];
  const essences = [context("the and on the king is", "king")];
  const fact = await factTokens(lab, { prompt: "the king and ", subject: "king", from: "a", to: "an" });
  const width = lab.info.embedding;
  const basis = [0, 1, 2].map((at) => Float32Array.from({ length: width }, (_, i) => (i === at ? 1 : 0)));
  const search: ValueSearch = { contexts, essences, to: fact.to, layer: 0, basis, scale: 2 };
  const essence = [new Float64Array(lab.info.vocabulary).fill(-Math.log(lab.info.vocabulary))];
  const list = [0, 0.5, 1].flatMap((by) =>
    basis.map((_, k) => Float64Array.from(basis, (_row, i) => (i === k ? by : 0))),
  );
  const alone = await losses(lab, search, essence, list, run.signal, false);
  const shared = await losses(lab, search, essence, list, run.signal, true);
  expect(new Set(alone.map(({ loss }) => loss.toFixed(6))).size).toBeGreaterThan(3);
  alone.forEach((each, i) => {
    expect(shared[i]!.logProbability).toBeCloseTo(each.logProbability, 4);
    expect(shared[i]!.essenceKl).toBeCloseTo(each.essenceKl, 4);
  });
});
