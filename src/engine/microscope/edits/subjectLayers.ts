import type { Fact } from "../../../contract/acting";
import type { Intervention } from "../../../contract/sites";
import { logSumExp } from "../maths/distributions";
import type { Lab } from "../lab";
import { lastLogits } from "../measures/passes";
import { cleanStates } from "../patching/patch";
import { normalNumbers } from "../patching/random";
import { embeddingSpread } from "../patching/trace";
import { layersOf } from "../probe";
import { contextsOf } from "./contexts";
import { spanOf } from "../patching/patch";
import type { FactTokens } from "./facts";

const samples = 4;

/**
 * Layers to edit, the most promising first: the subject's embeddings are noised and the MLP outputs around one layer are restored at its last
 * token (causal tracing, Meng et al. 2022); the layers that bring the old answer back most are taken. The last third of the layers is left out:
 * what is written there is too late to be read.
 */
export async function subjectLayers(lab: Lab, fact: Fact, tokens: FactTokens, signal: AbortSignal): Promise<number[]> {
  return (await tracedLayers(lab, fact, tokens, earlyLayers(lab), signal)).slice(0, kept).map(({ layer }) => layer);
}

/** How many layers an edit tries. */
export const kept = 3;

/** The layers that may be edited. */
export function earlyLayers(lab: Lab): number[] {
  return layersOf(lab.info).slice(0, Math.max(1, Math.ceil((2 * lab.info.layers) / 3)));
}

/** Mean log-probability of the old answer with each layer restored under noise, the greatest first. */
export async function tracedLayers(
  lab: Lab,
  fact: Fact,
  { prompt, from }: FactTokens,
  early: number[],
  signal: AbortSignal,
): Promise<{ layer: number; logProbability: number }[]> {
  const [own] = await contextsOf(lab, fact, 1);
  const tokens = prompt.map((id) => lab.token(id));
  const subject = spanOf(tokens, fact.subject, "subject");
  const spread = 3 * (await embeddingSpread(lab, signal));
  const next = normalNumbers(1);
  const states = await cleanStates(lab, prompt, "mlp_out", early, signal);
  const half = Math.max(0, Math.floor(lab.info.layers / 16));
  const scores = early.map(() => 0);
  for (let sample = 0; sample < samples; sample++) {
    const noise = Array.from({ length: subject.to - subject.from + 1 }, (_, i): Intervention => ({
      site: "embed",
      where: [subject.from + i],
      operation: "add",
      strength: 1,
      values: Float32Array.from({ length: lab.info.embedding }, () => spread * next()),
    }));
    const restored = early.flatMap((layer, i) =>
      early
        .filter((each) => Math.abs(each - layer) <= half)
        .map((each): Intervention => ({
          site: "mlp_out",
          layer: each,
          where: [own!.at],
          operation: "patch",
          values: states(each, own!.at),
          sequences: [i],
        })),
    );
    const logits = await lastLogits(
      lab,
      early.map(() => prompt),
      { interventions: [...noise, ...restored], signal, share: true },
    );
    logits.forEach((row, i) => (scores[i]! += row[from[0]!]! - logSumExp(row)));
  }
  return early
    .map((layer, i) => ({ layer, logProbability: scores[i]! / samples }))
    .sort((a, b) => b.logProbability - a.logProbability);
}
