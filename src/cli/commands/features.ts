import path from "node:path";
import type { FeaturesTrainResult, FeatureShown, FeatureSummary } from "../../contract/acting";
import { allSites } from "../../contract/sites";
import { UsageError, type Command, type CommandContext } from "../command";
import { readTexts } from "../corpus";
import { inputOptions, readInput } from "../inputs";
import { figure, table, visible } from "../output";
import { onlyPlace, runAction, watched } from "../subcommands";

export const features: Command = {
  name: "features",
  summary: "sparse auto-encoders: train, evaluate, browse, list, show, label, tokens, export",
  usage: "train --corpus FILE|DIR --layer L --out DIR | evaluate|browse|list|info DIR | show|label DIR N",
  options: {
    ...inputOptions,
    corpus: { type: "string", help: "text to learn from, to measure on or to browse", value: "FILE|DIR" },
    site: { type: "string", help: "resid_post (the default), mlp_out, mlp_post, ...", value: "SITE" },
    layer: { type: "string", help: "the layer", value: "L" },
    kind: { type: "string", help: "topk (the default), l1 or jumprelu", value: "KIND" },
    features: { type: "string", help: "how many (8 times the width)", value: "N" },
    lambda: { type: "string", help: "weight of the sparsity (l1, jumprelu)", value: "X" },
    k: { type: "string", help: "active features a token (topk: 24)", value: "N" },
    rows: { type: "string", help: "states seen in training", value: "N" },
    batch: { type: "string", help: "states a step (1024)", value: "N" },
    rate: { type: "string", help: "learning rate (0.001)", value: "X" },
    fresh: { type: "boolean", help: "start anew although there is a checkpoint" },
    out: { type: "string", help: "train: the folder; export: the file", value: "DIR|FILE" },
    search: { type: "string", help: "list: a text in labels or promoted tokens", value: "TEXT" },
    count: { type: "string", help: "rows, contexts or features shown", value: "N" },
    label: { type: "string", help: "label: the text; proposed by the model when absent", value: "TEXT" },
  },
  run: (context) =>
    runAction("features", { train, evaluate, browse, list, info, show, label, tokens, export: exportTo }, context),
  table(result: FeaturesTrainResult | { features: FeatureSummary[] } | FeatureShown) {
    if ("explainedVariance" in result) {
      const { l0, explainedVariance, ceRecovered, dead, tokens: seen } = result;
      return `L0 ${figure(l0)}, explained variance ${figure(explainedVariance)}, cross-entropy recovered ${figure(ceRecovered)}, dead ${dead}; on ${seen} tokens`;
    }
    if ("contexts" in result) return shown(result);
    if ("features" in result && Array.isArray(result.features)) {
      const rows = result.features.map((each) => [
        each.feature,
        each.density,
        each.maxActivation,
        each.label,
        promoted(each),
      ]);
      return table(["feature", "density", "greatest", "label", "promotes"], rows);
    }
    return JSON.stringify(result, null, 2);
  },
};

async function train(context: CommandContext): Promise<FeaturesTrainResult> {
  const { options } = context;
  const layer = options.integer("layer");
  if (layer === undefined) throw new UsageError("--layer is missing");
  const out = path.resolve(options.required("out"));
  const texts = await readTexts(options.required("corpus"));
  const { caller, info: model } = await context.engine();
  const optional = {
    lambda: options.number("lambda"),
    k: options.integer("k"),
    rows: options.integer("rows"),
    batch: options.integer("batch"),
    learningRate: options.number("rate"),
    seed: options.integer("seed"),
  };
  const params = {
    texts,
    site: options.choice("site", allSites) ?? ("resid_post" as const),
    layer,
    kind: options.choice("kind", ["topk", "l1", "jumprelu"]) ?? ("topk" as const),
    features: options.integer("features") ?? 8 * model.embedding,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ...(options.flag("fresh") ? { fresh: true } : {}),
    out,
  };
  const json = options.flag("json") || !process.stdout.isTTY;
  return caller.call("featuresTrain", params, {
    signal: context.signal,
    onProgress(progress) {
      context.progress(
        progress.step,
        progress.steps,
        `EV ${figure(progress.explainedVariance)}, L0 ${figure(progress.l0)}, dead ${progress.dead}`,
      );
      if (json) context.line({ type: "progress", ...progress });
    },
  });
}

async function evaluate(context: CommandContext, rest: string[]): Promise<unknown> {
  const folder = path.resolve(onlyPlace(rest, "folder"));
  const texts = (await readTexts(context.options.required("corpus"))).map(({ text }) => text);
  const { caller } = await context.engine();
  return caller.call("featuresEvaluate", { folder, texts }, watched(context));
}

async function browse(context: CommandContext, rest: string[]): Promise<unknown> {
  const folder = path.resolve(onlyPlace(rest, "folder"));
  const texts = await readTexts(context.options.required("corpus"));
  const { caller } = await context.engine();
  return caller.call(
    "featuresBrowse",
    { folder, texts, count: context.options.integer("count") ?? 12 },
    watched(context),
  );
}

async function list(context: CommandContext, rest: string[]): Promise<unknown> {
  const folder = path.resolve(onlyPlace(rest, "folder"));
  const search = context.options.text("search");
  const { caller } = await context.engine();
  return caller.call("featuresList", {
    folder,
    count: context.options.integer("count") ?? 50,
    ...(search === undefined ? {} : { search }),
  });
}

async function info(context: CommandContext, rest: string[]): Promise<unknown> {
  return (await context.bareEngine()).call("featuresInfo", { folder: path.resolve(onlyPlace(rest, "folder")) });
}

/** `DIR N`: a folder and a feature's number. */
function place(rest: string[]): { folder: string; feature: number } {
  const [folder, number, ...more] = rest;
  if (folder === undefined || number === undefined || more.length > 0)
    throw new UsageError("which feature? write DIR N");
  if (!/^\d+$/.test(number)) throw new UsageError(`'${number}' is no feature`);
  return { folder: path.resolve(folder), feature: Number(number) };
}

async function show(context: CommandContext, rest: string[]): Promise<FeatureShown> {
  const at = place(rest);
  const { caller } = await context.engine();
  return caller.call("featureShow", at);
}

async function label(context: CommandContext, rest: string[]): Promise<{ label: string }> {
  const at = place(rest);
  const given = context.options.text("label");
  const { caller } = await context.engine();
  if (given === undefined) return caller.call("featureProposeLabel", at, { signal: context.signal });
  await caller.call("featureLabel", { ...at, label: given });
  return { label: given };
}

async function tokens(context: CommandContext, rest: string[]): Promise<unknown> {
  const folder = path.resolve(onlyPlace(rest, "folder"));
  const input = await readInput(context);
  const { caller } = await context.engine();
  return caller.call(
    "featuresOfTokens",
    { folder, input, count: context.options.integer("count") ?? 8 },
    { signal: context.signal },
  );
}

async function exportTo(context: CommandContext, rest: string[]): Promise<unknown> {
  const folder = path.resolve(onlyPlace(rest, "folder"));
  const file = path.resolve(context.options.required("out"));
  const { caller } = await context.engine();
  return caller.call("featuresExport", { folder, file });
}

function promoted({ promotes }: FeatureSummary): string {
  return promotes
    .slice(0, 6)
    .map(({ text }) => visible(text))
    .join(" ");
}

function shown(feature: FeatureShown): string {
  const contexts = feature.contexts.map(
    ({ tokens: texts, at, activations }) =>
      `${figure(activations[at] ?? 0).padStart(8)}  ${texts.map((text, i) => (i === at ? `[[${visible(text)}]]` : visible(text))).join("")}`,
  );
  return [
    `feature ${feature.feature}${feature.label ? ` (${feature.label})` : ""}: density ${figure(feature.density)}, greatest ${figure(feature.maxActivation)}`,
    `promotes ${promoted(feature)}`,
    "",
    ...contexts,
  ].join("\n");
}
