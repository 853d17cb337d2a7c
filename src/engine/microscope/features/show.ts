import type { FeatureShown, FeatureSummary, FeaturesOfTokenResult, FeatureUse } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { Intervention } from "../../../contract/sites";
import { greedy, type Input } from "../../../contract/verbs";
import { writeWhole } from "../files/whole";
import type { Lab } from "../lab";
import { greatest } from "../maths/statistics";
import { cosine } from "../maths/vectors";
import { inGroups } from "../measures/passes";
import { probeTokens, requireCount } from "../probe";
import { readRecords, type FeatureRecord } from "./browse";
import { checkFits, readLabels, requireFeature } from "./info";
import { openSae } from "./opened";
import { decoderRow, effectiveBiases, encodeOne, encoderRow, type Sae } from "./sae";

type Effect = Pick<FeatureShown, "promotes" | "suppresses">;

/** Tokens each feature's decoder row promotes and suppresses, unembedded through the last norm's weights; up to the norm's scale. */
async function effectsOf(lab: Lab, sae: Sae, features: readonly number[], count: number): Promise<Effect[]> {
  if (features.length === 0) return [];
  // Neurons and heads do not live in the stream: what they promote is not a matter of the decoder alone.
  if (sae.width !== lab.info.embedding || sae.site === "mlp_post" || sae.site === "z") {
    return features.map(() => ({ promotes: [], suppresses: [] }));
  }
  const { width } = sae;
  const weight = lab.weights.rows("output_norm.weight", 0, 1);
  const vectors = new Float32Array(features.length * width);
  features.forEach((feature, k) =>
    vectors.set(
      decoderRow(sae, feature).map((value, i) => value * weight[i]!),
      k * width,
    ),
  );
  const found = await lab.unembed({
    vectors,
    count: features.length,
    norm: false,
    raw: true,
    top: count,
    bottom: count,
  });
  const list = (ids: Int32Array, values: Float32Array, k: number) =>
    Array.from({ length: count }, (_, j) => ({
      id: ids[k * count + j]!,
      text: lab.token(ids[k * count + j]!).text,
      logit: values[k * count + j]!,
    }));
  return features.map((_, k) => ({
    promotes: list(found.ids, found.values, k),
    suppresses: list(found.bottomIds!, found.bottomValues!, k),
  }));
}

const searched = new WeakMap<Sae, { fingerprint: string; effects: Effect[] }>();

/** What every feature promotes, in the order of `features`: a search looks through all, and is asked again at each letter. */
async function allEffects(lab: Lab, sae: Sae, features: readonly number[]): Promise<Effect[]> {
  const known = searched.get(sae);
  const { fingerprint } = lab.info;
  if (known?.fingerprint === fingerprint) return features.map((f) => known.effects[f]!);
  const effects: Effect[] = [];
  (await effectsOf(lab, sae, features, 8)).forEach((effect, k) => (effects[features[k]!] = effect));
  searched.set(sae, { fingerprint, effects });
  return features.map((f) => effects[f]!);
}

/** Features, the densest first, or those whose label or promoted tokens hold a text. */
export async function listFeatures(
  lab: Lab,
  params: { folder: string; search?: string; from?: number; count?: number },
): Promise<{ total: number; features: FeatureSummary[] }> {
  const { from = 0, count = 50 } = params;
  requireCount(from, "The first row", 0, 1 << 20);
  requireCount(count, "The number of rows", 1, 500);
  const sae = await openSae(params.folder);
  checkFits(lab, sae);
  const records = readRecords(params.folder);
  const labels = readLabels(params.folder);
  const all = Array.from({ length: sae.features }, (_, feature) => feature);
  const order = all.sort((a, b) => (records.get(b)?.density ?? 0) - (records.get(a)?.density ?? 0));
  const wanted = params.search?.trim().toLowerCase();
  if (!wanted) {
    const page = order.slice(from, from + count);
    return { total: order.length, features: summaries(page, await effectsOf(lab, sae, page, 8), records, labels) };
  }
  const effects = await allEffects(lab, sae, order);
  const found = summaries(order, effects, records, labels).filter(
    ({ label, promotes }) =>
      label.toLowerCase().includes(wanted) || promotes.some(({ text }) => text.toLowerCase().includes(wanted)),
  );
  return { total: found.length, features: found.slice(from, from + count) };
}

function summaries(
  features: readonly number[],
  effects: readonly Effect[],
  records: ReadonlyMap<number, FeatureRecord>,
  labels: Record<string, string>,
): FeatureSummary[] {
  return features.map((feature, k) => ({
    feature,
    density: records.get(feature)?.density ?? 0,
    maxActivation: records.get(feature)?.max ?? 0,
    label: labels[feature] ?? "",
    promotes: effects[k]!.promotes,
  }));
}

/** One feature with all that is known of it. */
export async function showFeature(lab: Lab, folder: string, feature: number): Promise<FeatureShown> {
  const sae = await openSae(folder);
  checkFits(lab, sae);
  requireFeature(sae, feature);
  const records = readRecords(folder);
  const [effect] = await effectsOf(lab, sae, [feature], 12);
  const own = decoderRow(sae, feature);
  const cosines = Float64Array.from({ length: sae.features }, (_, f) =>
    f === feature ? -Infinity : cosine(own, decoderRow(sae, f)),
  );
  const record = records.get(feature);
  const max = record?.max ?? 0;
  return {
    ...summaries([feature], [effect!], records, readLabels(folder))[0]!,
    suppresses: effect!.suppresses,
    contexts: record?.contexts ?? [],
    nearest: greatest(sae.features, 8, (f) => cosines[f]!).map((f) => ({ feature: f, cosine: cosines[f]! })),
    histogram: {
      edges: Array.from(
        { length: (record?.histogram.length ?? 0) + 1 },
        (_, i) => (i * max) / Math.max(1, record?.histogram.length ?? 1),
      ),
      counts: record?.histogram ?? [],
    },
  };
}

/** Which features a prompt's tokens use, the strongest first. */
export async function featuresOfTokens(
  lab: Lab,
  params: { folder: string; input: Input; count: number },
  signal: AbortSignal,
): Promise<FeaturesOfTokenResult> {
  requireCount(params.count, "The number of features", 1, 200);
  const sae = await openSae(params.folder);
  checkFits(lab, sae);
  const labels = readLabels(params.folder);
  const tokens = await probeTokens(lab, params.input);
  const positions: FeaturesOfTokenResult["positions"] = [];
  const read = { site: sae.site, layer: sae.layer, positions: "all" as const };
  await inGroups(lab, [tokens.map(({ id }) => id)], [read], { signal }, (_s, _r, position, row) => {
    const features = encodeOne(sae, row, params.count).map((each) => ({ ...each, label: labels[each.feature] ?? "" }));
    positions.push({ position, features });
  });
  return { tokens, positions };
}

/** A feature as interventions: its decoder row added, or its activation set. */
export async function featureInterventions(lab: Lab, use: FeatureUse): Promise<Intervention[]> {
  const sae = await openSae(use.folder);
  checkFits(lab, sae);
  requireFeature(sae, use.feature);
  const { value = 1, where = "all" } = use;
  if (!Number.isFinite(value)) fail("notFinite", "The value is no number.");
  const unit = readRecords(use.folder).get(use.feature)?.max || 1;
  const values = decoderRow(sae, use.feature).slice();
  const at = { site: sae.site, layer: sae.layer, where };
  if (use.mode === "steer") return [{ ...at, operation: "add", strength: value * unit, values }];
  const low = sae.kind === "jumprelu" ? Math.max(0, sae.threshold?.[use.feature] ?? 0) : 0;
  return [
    {
      ...at,
      operation: "feature",
      values,
      encoder: encoderRow(sae, use.feature).slice(),
      bias: effectiveBiases(sae)[use.feature]!,
      low,
      target: use.mode === "ablate" ? 0 : value * unit,
      strength: 1,
    },
  ];
}

/** Asks the loaded model for a label, from the strongest contexts with the strongest token marked. */
export async function proposeLabel(lab: Lab, folder: string, feature: number, signal: AbortSignal): Promise<string> {
  const shown = await showFeature(lab, folder, feature);
  if (shown.contexts.length === 0)
    fail("badArgument", "The feature has no contexts yet.", { remedy: "Browse the features over some text first." });
  const lines = shown.contexts.slice(0, 8).map(
    ({ tokens, at }) =>
      `- ${tokens
        .map((text, i) => (i === at ? `[[${text.trim()}]]` : text))
        .join("")
        .trim()}`,
  );
  const content = `In these texts one word each is marked with [[ ]]. What do the marked words have in common? Answer with a few words.\n${lines.join("\n")}`;
  const input: Input = lab.info.chatTemplate
    ? { kind: "chat", messages: [{ role: "user", content }] }
    : { kind: "prompt", text: `${content}\nThe marked words have in common:` };
  const { forks } = await lab.generate({ input, sampling: greedy, max: 24, top: 0, think: "off" }, signal);
  return forks[0]!.text.trim().split("\n")[0]!.slice(0, 120);
}

/** Writes JSON Lines as Neuronpedia exports them, a feature a line. */
export async function exportNeuronpedia(
  lab: Lab,
  folder: string,
  file: string,
): Promise<{ file: string; features: number }> {
  const sae = await openSae(folder);
  checkFits(lab, sae);
  const records = readRecords(folder);
  const all = Array.from({ length: sae.features }, (_, feature) => feature);
  const effects = await effectsOf(lab, sae, all, 10);
  const lines = all.map((feature) => {
    const record = records.get(feature);
    const { promotes, suppresses } = effects[feature]!;
    const count = record?.histogram.length ?? 0;
    return `${JSON.stringify({
      modelId: sae.modelName,
      layer: `${sae.layer}-${sae.site}`,
      index: String(feature),
      hookName: `blocks.${sae.layer}.${sae.site}`,
      maxActApprox: record?.max ?? 0,
      frac_nonzero: record?.density ?? 0,
      pos_str: promotes.map(({ text }) => text),
      pos_values: promotes.map(({ logit }) => logit),
      neg_str: suppresses.map(({ text }) => text),
      neg_values: suppresses.map(({ logit }) => logit),
      freq_hist_data_bar_heights: record?.histogram ?? [],
      freq_hist_data_bar_values: Array.from({ length: count }, (_, i) => ((i + 0.5) * (record?.max ?? 0)) / count),
      vector: Array.from(decoderRow(sae, feature)),
      activations: (record?.contexts ?? []).map(({ tokens, activations, at }) => ({
        tokens,
        values: activations,
        maxValue: activations[at],
        maxValueTokenIndex: at,
        minValue: Math.min(...activations),
      })),
    })}\n`;
  });
  await writeWhole(file, lines);
  return { file, features: sae.features };
}
