import type { EditLocateResult, Fact } from "../../../contract/acting";
import type { Progressing } from "../directions/extract";
import type { Lab } from "../lab";
import { logSumExp } from "../maths/distributions";
import { argmax, lastLogits } from "../measures/passes";
import { spanOf } from "../patching/patch";
import { layersOf } from "../probe";
import { factTokens } from "./facts";
import { locateNeurons } from "./locate";
import { earlyLayers, kept, tracedLayers } from "./subjectLayers";

const shown = 12;

/**
 * Where a fact is held, before anything is changed: the neurons that carry the old answer (direct attribution, confirmed by setting each to
 * zero; Dai et al. 2021) and, over all layers, how much of it comes back when the MLP's output is restored at the noised subject (Meng et al. 2022).
 */
export async function locateFact(lab: Lab, fact: Fact, run: Progressing): Promise<EditLocateResult> {
  const tokens = await factTokens(lab, fact);
  const prompt = tokens.prompt.map((id) => lab.token(id));
  const subject = spanOf(prompt, fact.subject, "subject");
  const answer = lab.token(tokens.from[0]!);
  const [logits] = await lastLogits(lab, [tokens.prompt], { signal: run.signal });
  const whole = logSumExp(logits!);
  const plain = logits![answer.id]! - whole;
  const likeliest = argmax(logits!);
  run.progress(0, 2, "locating neurons");
  const neurons = await locateNeurons(lab, tokens.prompt, answer.id, shown, run.signal);
  run.progress(1, 2, "tracing layers");
  const traced = await tracedLayers(lab, fact, tokens, layersOf(lab.info), run.signal);
  run.progress(2, 2, "");
  const worst = Math.min(...traced.map(({ logProbability }) => logProbability));
  const span = Math.max(1e-9, plain - worst);
  const early = new Set(earlyLayers(lab));
  return {
    tokens: prompt,
    subject,
    answer,
    p: Math.exp(plain),
    ...(likeliest === answer.id
      ? {}
      : { begins: { token: lab.token(likeliest), p: Math.exp(logits![likeliest]! - whole) } }),
    neurons: neurons.map(({ layer, neuron, ...rest }) => ({ id: `${layer}.${neuron}`, ...rest })),
    layers: [...traced]
      .sort((a, b) => a.layer - b.layer)
      .map(({ layer, logProbability }) => ({ layer, restored: (logProbability - worst) / span })),
    candidates: traced
      .filter(({ layer }) => early.has(layer))
      .slice(0, kept)
      .map(({ layer }) => layer),
  };
}
