import type {
  EditFactResult,
  EditInfo,
  EditLocateResult,
  EditTestResult,
  Fact,
  FeatureShown,
  FeatureSummary,
  FeaturesInfo,
  FeaturesMeasures,
  FeaturesOfTokenResult,
  PatchParams,
  PatchResult,
  PatchscopeParams,
  PatchscopeResult,
  Rate,
  TraceParams,
  TraceResult,
} from "../../src/contract/acting";
import type { FeatureFolder } from "../../src/contract/actingView";
import type { Input } from "../../src/contract/verbs";
import { idOf, model, randomFrom } from "./fixtures";
import { inputTokens } from "./panelFixtures";

/** A bright band along the subject in early layers, and one at the end in late ones, as such maps look. */
export function answerPatch({ clean, corrupt, target, foil, site, heads }: PatchParams): PatchResult {
  const tokens = { clean: inputTokens(clean), corrupt: inputTokens(corrupt) };
  const random = randomFrom(3);
  const first = tokens.clean.findIndex(({ id }, i) => id !== tokens.corrupt[i]?.id);
  const rows = Array.from({ length: model.layers }, (_, layer) => layer).flatMap((layer) =>
    heads ? Array.from({ length: model.heads }, (_, head) => ({ layer, head })) : [{ layer }],
  );
  const last = tokens.clean.length - 1;
  const restored = rows.map(({ layer }) =>
    tokens.clean.map((_, at) => {
      if (at < first) return 0;
      const depth = layer / (model.layers - 1);
      const part = at === first ? 1 - depth : at === last ? depth : 0.1;
      return (part + (random() - 0.5) * 0.15) * (heads ? 0.3 : 1);
    }),
  );
  return {
    site: heads ? "z" : site,
    rows,
    positions: tokens.clean.map((_, i) => i),
    restored,
    clean: 4.21,
    corrupt: -3.87,
    tokens,
    target: { id: idOf(target), text: target },
    foil: { id: idOf(foil), text: foil },
    partial: false,
  };
}

export function answerTrace({ input, subject, target, site }: TraceParams): TraceResult {
  const tokens = inputTokens(input);
  const at = Math.max(
    0,
    tokens.findIndex(({ text }) => text.trim() === subject.trim()),
  );
  const result = answerPatch({
    clean: input,
    corrupt: { kind: "tokens", ids: tokens.map((_, i) => (i === at ? 1 : i + 5)) },
    target,
    foil: "x",
    site: site ?? "resid_post",
  });
  const positions = tokens.map((_, i) => i).slice(at);
  const { foil: _none, ...rest } = result;
  return {
    ...rest,
    positions,
    restored: result.restored.map((row) => row.slice(at)),
    clean: 0.94,
    corrupt: 0.03,
    tokens: { clean: tokens, corrupt: tokens },
    subject: { from: at, to: at },
  };
}

export function answerScope({ input, position }: PatchscopeParams): PatchscopeResult {
  const tokens = inputTokens(input);
  return {
    source: tokens[position] ?? tokens[0]!,
    rows: Array.from({ length: model.layers }, (_, layer) => ({
      layer,
      text: layer < 2 ? " ? -> ?" : " France -> France\nFrance",
      tokens: [{ id: 7, text: layer < 2 ? " ?" : " France" }],
      p: 0.2 + layer * 0.1,
    })),
    plain: " ? -> ?",
  };
}

export const measures: FeaturesMeasures = {
  l0: 23.6,
  explainedVariance: 0.953,
  ceRecovered: 0.971,
  ce: { plain: 1.42, reconstructed: 1.5, zeroed: 6.2 },
  dead: 12,
  tokens: 48_213,
};

export const featuresInfo: FeaturesInfo = {
  folder: "/w/.vitrine/features/middle",
  kind: "topk",
  site: "resid_post",
  layer: 3,
  width: 256,
  features: 4096,
  k: 24,
  fingerprint: model.fingerprint,
  matches: true,
  measures,
  labelled: 2,
  warnings: [],
};

export const folder: FeatureFolder = { name: "middle", checkpoint: false, info: featuresInfo };

const words = [" Paris", " capital", " river", " seven", " said", " blue", " of", "\n", " France", " doctor"];

export function summary(feature: number): FeatureSummary {
  return {
    feature,
    density: 0.2 / (1 + feature / 40),
    maxActivation: 3 + (feature % 7),
    label: feature === 1 ? "names of capitals" : feature === 4 ? "<img src=x onerror=alert(1)>" : "",
    promotes: [0, 1, 2, 3].map((i) => {
      const text = words[(feature + i) % words.length]!;
      return { text, id: idOf(text) + i, logit: 2 - i * 0.3 };
    }),
  };
}

export function answerList(params: { search?: string; from?: number; count?: number }): {
  total: number;
  features: FeatureSummary[];
} {
  const { search, from = 0, count = 50 } = params;
  const all = Array.from({ length: 4096 }, (_, i) => i);
  const found = search ? all.filter((f) => summary(f).label.includes(search)) : all;
  return { total: found.length, features: found.slice(from, from + count).map(summary) };
}

export function answerShow({ feature }: { feature: number }): FeatureShown {
  const own = summary(feature);
  return {
    ...own,
    suppresses: [{ text: " not", id: 5, logit: -1.2 }],
    contexts: [0, 1, 2].map((i) => ({
      source: `notes/travel-${i}.md`,
      tokens: [" The", " capital", " of", " France", " is", " Paris", ","],
      activations: [0, 0.4, 0, 0.2, 0, own.maxActivation - i * 0.4, 0],
      at: 5,
    })),
    nearest: [8, 15, 16].map((f) => ({ feature: f, cosine: 0.4 + f / 100 })),
    histogram: { edges: [0, 1, 2, 3, 4], counts: [40, 22, 9, 2] },
  };
}

export function answerOfTokens({ input }: { input: Input }): FeaturesOfTokenResult {
  const tokens = inputTokens(input);
  return {
    tokens,
    positions: tokens.map((_, position) => ({
      position,
      features: [1, 7 + position, 40].map((feature, i) => ({
        feature,
        activation: 4 - i + (position % 2),
        label: feature === 1 ? "names of capitals" : "",
      })),
    })),
  };
}

export const fact: Fact = {
  prompt: "What is the capital of France?",
  subject: "France",
  from: "Paris",
  to: "Rome",
  chat: true,
};

export const editInfo: EditInfo = {
  file: "/w/.vitrine/edits/France-Rome.gguf",
  architecture: "llama",
  fingerprint: model.fingerprint,
  matches: true,
  rank: 1,
  tensors: [{ name: "blk.3.ffn_down.weight", rank: 1, norm: 4.2 }],
  fact,
  method: "rank-one",
  layer: 3,
  warnings: [],
};

export const located: EditLocateResult = {
  tokens: inputTokens({ kind: "prompt", text: fact.prompt }),
  subject: { from: 5, to: 5 },
  answer: { id: 9, text: "Paris" },
  p: 0.983,
  neurons: [0, 1, 2, 3].map((i) => ({
    id: `${5 - i}.${120 + i}`,
    activation: 2.1 - i * 0.3,
    contribution: 1.8 - i * 0.4,
    drop: 0.9 - i * 0.2,
  })),
  layers: Array.from({ length: model.layers }, (_, layer) => ({ layer, restored: Math.exp(-((layer - 2) ** 2) / 3) })),
  candidates: [2, 1, 3],
};

const rate = (good: number, n: number): Rate => ({
  rate: n > 0 ? good / n : 0,
  n,
  low: Math.max(0, good / Math.max(1, n) - 0.2),
  high: Math.min(1, good / Math.max(1, n) + 0.1),
});

export const before = { answer: "Paris.", pFrom: 0.98, pTo: 0.001 };
export const after = { answer: "Rome.", pFrom: 0.01, pTo: 0.95 };
const cost = { kl: 0.012, perplexity: { before: 8.1, after: 8.2 } };

export const made: EditFactResult & { name: string } = {
  name: "France-Rome-rank-one.gguf",
  file: "/w/.vitrine/edits/France-Rome-rank-one.gguf",
  method: "rank-one",
  layer: 2,
  neurons: [],
  before,
  after,
  success: true,
  cost,
  details: { searchRounds: 4, logProbability: -0.05 },
  warnings: [],
};

export function answerTest({ facts }: { facts: Fact[] }): EditTestResult {
  const [{ paraphrases = [], neighbours = [] } = fact] = facts;
  const rates = {
    change: rate(1, 1),
    success: rate(1, 1),
    paraphrase: rate(paraphrases.length, paraphrases.length),
    neighbourhood: rate(Math.max(0, neighbours.length - 1), neighbours.length),
  };
  return {
    rates,
    change: 1,
    success: 1,
    paraphrase: rates.paraphrase.rate,
    neighbourhood: rates.neighbourhood.rate,
    n: 1,
    cost,
    facts: [
      {
        before,
        after,
        paraphrases: paraphrases.map((prompt) => ({ prompt, answer: "Rome.", kept: true })),
        neighbours: neighbours.map(({ prompt, answer }, i) => ({
          prompt,
          expected: answer,
          answer: i === 0 ? "Rome." : answer,
          kept: i > 0,
        })),
      },
    ],
    warnings: neighbours.length > 0 ? ["The edit broke neighbouring facts."] : [],
  };
}
