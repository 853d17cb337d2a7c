import type {
  AttentionParams,
  AttentionResult,
  AttributionParams,
  AttributionPart,
  AttributionResult,
  BlockEffect,
  EmbeddingMapParams,
  EmbeddingMapResult,
  EmbeddingParams,
  EmbeddingResult,
  LayersParams,
  LayersResult,
  NeuronExamplesParams,
  NeuronExamplesResult,
  NeuronExperimentResult,
  NeuronsParams,
  NeuronsResult,
} from "../../src/contract/instruments";
import type { Token } from "../../src/contract/token";
import type { Input } from "../../src/contract/verbs";
import { idOf, model, randomFrom } from "./fixtures";
import { tokensOf } from "./lensFixtures";

const words = [" Paris", " London", " Rome", " the", " city", " France", " a", " Lyon", ",", "\n", " capital", " not"];
const random = randomFrom(42);

function few(count: number): { id: number; text: string }[] {
  const from = Math.floor(random() * words.length);
  return Array.from({ length: count }, (_, i) => words[(from + i) % words.length]!).map((text) => ({
    id: idOf(text),
    text,
  }));
}

export function inputTokens(input: Input): Token[] {
  if (input.kind === "tokens") return input.ids.map((id, i) => ({ id, text: words[i % words.length]! }));
  return tokensOf(input.kind === "prompt" ? input.text : input.messages.map(({ content }) => content).join("\n"));
}

const at = (position: number, count: number): number => (position < 0 ? count + position : position);

function effect(kl: number): BlockEffect {
  const falling = (count: number, sign: number) =>
    few(count).map((each, i) => ({ ...each, delta: (sign * kl * 2) / (i + 1), logitDelta: (sign * 3) / (i + 1) }));
  const spread = () => few(5).map((each, i) => ({ ...each, p: 0.5 / 2 ** i }));
  return { kl, promoted: falling(8, 1), suppressed: falling(8, -1), before: spread(), after: spread() };
}

export function answerLayers({ input, position }: LayersParams): LayersResult {
  const tokens = inputTokens(input);
  const layers = Array.from({ length: model.layers }, (_, layer) => ({
    layer,
    attn: effect(random() * 1.5),
    mlp: effect(random() * 2.5),
    whole: effect(random() * 3),
  }));
  return { tokens, position: at(position, tokens.length), layers };
}

export function answerAttribution({ input, position, target, foil }: AttributionParams): AttributionResult {
  const tokens = inputTokens(input);
  const parts: AttributionPart[] = [{ kind: "embed", contribution: -0.4 }];
  for (let layer = 0; layer < model.layers; layer++) {
    for (let head = 0; head < model.heads; head++)
      parts.push({ kind: "head", layer, head, contribution: (random() - 0.4) * 0.8 });
    parts.push({ kind: "mlp", layer, contribution: (random() - 0.3) * 4 });
  }
  const sum = parts.reduce((total, part) => total + part.contribution, 0);
  return {
    tokens,
    position: at(position, tokens.length),
    target: { id: idOf(target), text: target },
    ...(foil !== undefined && { foil: { id: idOf(foil), text: foil } }),
    logit: sum + 0.003,
    sum,
    remainder: 0.003,
    parts,
  };
}

export function answerNeurons({ input, position, layer, count }: NeuronsParams): NeuronsResult {
  const tokens = inputTokens(input);
  const neurons = Array.from({ length: count }, (_, i) => ({
    id: `${layer ?? i % model.layers}.${(i * 37) % model.neurons}`,
    activation: 3 - i * 0.08,
    contribution: (i % 3 === 2 ? -1 : 1) * (2 / (i + 1)),
    promotes: few(10).map((each, k) => ({ ...each, logit: 4 - k * 0.3 })),
    suppresses: few(10).map((each, k) => ({ ...each, logit: -3 + k * 0.2 })),
  }));
  return { tokens, position: at(position, tokens.length), neurons };
}

export function answerNeuronValue() {
  return {
    promotes: few(10).map((each, k) => ({ ...each, logit: 4 - k * 0.3 })),
    suppresses: few(10).map((each, k) => ({ ...each, logit: -3 + k * 0.2 })),
    norm: 1.83,
  };
}

export function answerExamples(
  { layer, count }: Pick<NeuronExamplesParams, "layer" | "count">,
  done = true,
): NeuronExamplesResult {
  const neurons = Array.from({ length: model.neurons }, (_, neuron) => ({
    neuron,
    examples: Array.from({ length: Math.min(3, count) }, (_, i) => {
      const tokens = "In the year 987 the city of Paris became the capital of France , and it still is"
        .split(" ")
        .map((each) => ` ${each}`);
      const activations = tokens.map((_, k) => (k === 7 ? 4 - i : random() * 0.8));
      return { activation: 4 - i, source: `docs/history${i}.md`, tokens, activations, at: 7 };
    }),
  }));
  return { layer, tokensSeen: 12_000, done, neurons };
}

export function answerExperiment(): NeuronExperimentResult {
  const edges = Array.from({ length: 21 }, (_, i) => -1 + i * 0.25);
  const bell = (centre: number) =>
    edges.slice(1).map((edge) => Math.round(12 * Math.exp(-(((edge - centre) / 0.7) ** 2))));
  const removal = (after: number, kl: number) => ({
    before: 0.92,
    after,
    negativeBefore: 0.04,
    negativeAfter: 0.05,
    kl,
  });
  return {
    id: "3.17",
    correlation: {
      auc: 0.943,
      meanPositive: 2.4,
      meanNegative: 0.3,
      histogram: { edges, positive: bell(2.4), negative: bell(0.3) },
    },
    ablation: { zero: removal(0.41, 0.012), mean: removal(0.55, 0.008) },
    dose: Array.from({ length: 9 }, (_, i) => ({
      activation: -2 + i,
      rate: 1 / (1 + Math.exp(-(i - 4))),
      kl: 0.002 * (i - 3) ** 2,
    })),
    n: { positive: 48, negative: 48 },
    behaviour: { firstToken: [" I", "Sorry"] },
  };
}

export function answerAttention({ input, layer }: AttentionParams): AttentionResult {
  const tokens = inputTokens(input);
  const n = tokens.length;
  const heads = Array.from({ length: model.heads }, (_, head) => {
    const pattern = Array.from({ length: n }, (_, query) => {
      const row = Array.from({ length: n }, (_, key) => {
        if (key > query) return 0;
        const sink = key === 0 ? 2 + (head % 3) : 0;
        const near = head % 2 === 0 ? 1 / (1 + query - key) : (key + head) % 4 === 0 ? 1 : 0.1;
        return sink + near;
      });
      const sum = row.reduce((a, b) => a + b, 0);
      return row.map((value) => value / sum);
    });
    return { head, pattern, sink: pattern.reduce((total, row) => total + row[0]!, 0) / n };
  });
  const mean = Array.from({ length: n }, (_, q) =>
    Array.from(
      { length: n },
      (_, k) => heads.reduce((total, { pattern }) => total + pattern[q]![k]!, 0) / heads.length,
    ),
  );
  return { tokens, layer, heads, mean };
}

export function answerEmbedding({ token, expression, count }: EmbeddingParams): EmbeddingResult {
  const near = (seed: number) =>
    Array.from({ length: count }, (_, i) => ({
      text: `${words[(i + seed) % words.length]}${i > 11 ? i : ""}`,
      id: 500 + i,
      cosine: 0.9 - i * 0.02,
    }));
  const own = token ?? expression ?? "";
  return { tokens: [{ id: idOf(own), text: own }], input: near(0), output: near(4), tied: false };
}

export function answerMap({ texts }: EmbeddingMapParams): EmbeddingMapResult {
  const own = randomFrom(9);
  const points = texts.map((text) => ({ text, tokens: tokensOf(text), x: (own() - 0.5) * 4, y: (own() - 0.5) * 3 }));
  return { points, explained: [0.34, 0.21] };
}
