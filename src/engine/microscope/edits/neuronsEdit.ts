import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { EditFactParams } from "../../../contract/acting";
import type { EditUse } from "../../../contract/verbs";
import { downProjection, unembeddingName } from "../architecture";
import type { Progressing } from "../directions/extract";
import { writeLora, type LoraDelta } from "../files/lora";
import type { Lab } from "../lab";
import { argmax, continuations, lastLogits } from "../measures/passes";
import { aboutOther } from "./contexts";
import { vocabularyNames } from "./donors";
import type { FactTokens } from "./facts";
import { locateNeurons, type Carrier } from "./locate";
import type { MadeEdit } from "./rankOne";

const neuronsAStep = 6;
/** Subjects that the fact's own is held against. */
const otherSubjects = 24;
const oldScales = [1, 4];
const newScales = [1, 2, 4, 8, 16, 32, 64, 128];
/** The edit is strong enough once the new answer has this probability: paraphrases need some room. */
const wanted = 0.9;

/** One token of the new answer that the model would not say by itself, with the neurons that carry what it says instead. */
interface Step {
  prompt: number[];
  old: number;
  fresh: number;
  carriers: Carrier[];
}

/**
 * The knowledge-neuron recipe (Dai et al. 2021, 2104.08696): in the neurons that carry the old answer, each value vector has the
 * old token's embedding taken off and the new one's put on; both scales are searched, the smallest that suffices is kept. Where the new answer
 * has several tokens, each that does not follow by itself gets its own neurons.
 */
export async function neuronsEdit(
  lab: Lab,
  params: EditFactParams,
  fact: FactTokens,
  run: Progressing,
): Promise<MadeEdit> {
  const others = await aboutOthers(lab, params);
  const steps = await stepsOf(lab, fact, others, run);
  const folder = await mkdtemp(path.join(tmpdir(), "vitrine-edit-"));
  try {
    const [off, on] = [path.join(folder, "off.gguf"), path.join(folder, "on.gguf")];
    const head = { architecture: lab.info.architecture, notes: {} };
    await writeLora(off, { ...head, deltas: deltasOf(lab, steps, 1, 0) });
    await writeLora(on, { ...head, deltas: deltasOf(lab, steps, 0, 1) });
    const chance = async (edits: EditUse[]) => {
      const [found] = await continuations(lab, [{ prompt: fact.prompt, continuation: fact.to }], {
        edits,
        signal: run.signal,
      });
      return { p: Math.exp(found!.logProbability), said: found!.greedy };
    };
    let best = { old: 1, fresh: 1, p: -1, said: false };
    search: for (const fresh of newScales) {
      for (const old of oldScales) {
        const { p, said } = await chance([
          { file: off, scale: old },
          { file: on, scale: fresh },
        ]);
        run.progress(newScales.indexOf(fresh), newScales.length, "searching the scales");
        if (p > best.p) best = { old, fresh, p, said };
        if (p >= wanted) break search;
      }
    }
    const carriers = steps.flatMap((step) => step.carriers);
    return {
      layer: carriers[0]?.layer ?? 0,
      neurons: carriers.map(({ layer, neuron }) => `${layer}.${neuron}`),
      deltas: deltasOf(lab, steps, best.old, best.fresh),
      details: { scaleOld: best.old, scaleNew: best.fresh, tokensEdited: steps.length, probability: best.p },
      warnings: best.said ? [] : ["No scale made the new answer the likeliest."],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The prompt about other subjects: what is on there too belongs to the question, not to the fact. */
async function aboutOthers(lab: Lab, params: EditFactParams): Promise<number[][]> {
  const given = params.donors ?? [];
  const names = [...new Set([...given.slice(0, otherSubjects), ...vocabularyNames(lab, otherSubjects)])]
    .filter((name) => name !== params.subject)
    .slice(0, otherSubjects);
  return (await Promise.all(names.map((name) => aboutOther(lab, params, name)))).map(({ ids }) => ids);
}

async function stepsOf(lab: Lab, fact: FactTokens, others: number[][], run: Progressing): Promise<Step[]> {
  const prompts = fact.to.map((_, i) => [...fact.prompt, ...fact.to.slice(0, i)]);
  const logits = await lastLogits(lab, prompts, { signal: run.signal });
  const steps: Step[] = [];
  for (const [i, prompt] of prompts.entries()) {
    const said = argmax(logits[i]!);
    const fresh = fact.to[i]!;
    if (said === fresh) continue;
    run.progress(i, prompts.length, "locating neurons");
    const begun = others.map((ids) => [...ids, ...fact.to.slice(0, i)]);
    const carriers = await locateNeurons(lab, prompt, said, neuronsAStep, run.signal, begun);
    steps.push({ prompt, old: said, fresh, carriers });
  }
  return steps;
}

/** One LoRA a layer: A picks the neurons out, B holds what is added to their value vectors. */
function deltasOf(lab: Lab, steps: readonly Step[], oldScale: number, newScale: number): LoraDelta[] {
  const width = lab.info.embedding;
  const changes = new Map<string, { layer: number; neuron: number; value: Float32Array }>();
  const embedding = (id: number) => lab.weights.rows(unembeddingName(lab.weights), id, 1);
  for (const { carriers, old, fresh } of steps) {
    const [from, to] = [embedding(old), embedding(fresh)];
    for (const { layer, neuron, activation } of carriers) {
      // A neuron that carries the answer by a negative activation gets the opposite change.
      const sign = activation < 0 ? -1 : 1;
      const key = `${layer}.${neuron}`;
      const change = changes.get(key) ?? { layer, neuron, value: new Float32Array(width) };
      for (let i = 0; i < width; i++) change.value[i]! += sign * (newScale * to[i]! - oldScale * from[i]!);
      changes.set(key, change);
    }
  }
  const layers = [...new Set([...changes.values()].map(({ layer }) => layer))].sort((a, b) => a - b);
  return layers.map((layer) => {
    const own = [...changes.values()].filter((each) => each.layer === layer);
    const { name } = downProjection(lab.weights, layer);
    const inputs = lab.weights.shape(name)[0]!;
    const a = new Float32Array(own.length * inputs);
    const b = new Float32Array(width * own.length);
    own.forEach(({ neuron, value }, k) => {
      a[k * inputs + neuron] = 1;
      for (let i = 0; i < width; i++) b[i * own.length + k] = value[i]!;
    });
    return { tensor: name, inputs, outputs: width, rank: own.length, a, b };
  });
}
