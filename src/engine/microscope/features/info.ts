import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { FeaturesInfo, FeaturesMeasures } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { ModelInfo } from "../../../contract/model";
import { writeWhole } from "../files/whole";
import type { Lab } from "../lab";
import { openSae } from "./opened";
import type { Sae } from "./sae";

export async function featuresInfo(folder: string, model?: ModelInfo): Promise<FeaturesInfo> {
  const sae = await openSae(folder);
  const matches = model && sae.fingerprint ? sae.fingerprint === model.fingerprint : undefined;
  const warnings: string[] = [];
  if (matches === false) warnings.push("Trained on another model: its features mean nothing here.");
  if (model && sae.site !== "mlp_post" && sae.width !== model.embedding)
    warnings.push("Its width is not this model's.");
  const measures = readMeasures(folder);
  return {
    folder,
    kind: sae.kind,
    site: sae.site,
    layer: sae.layer,
    width: sae.width,
    features: sae.features,
    ...(sae.k === undefined ? {} : { k: sae.k }),
    fingerprint: sae.fingerprint,
    ...(matches === undefined ? {} : { matches }),
    ...(measures ? { measures } : {}),
    labelled: Object.keys(readLabels(folder)).length,
    warnings,
  };
}

/** Refuses an SAE of another width, of a layer that is not there, or that says it belongs to another model. */
export function checkFits(lab: Lab, sae: Sae): void {
  const { info } = lab;
  const expected = sae.site === "mlp_post" ? info.neurons : sae.site === "z" ? sae.width : info.embedding;
  if (
    sae.width !== expected ||
    sae.layer >= info.layers ||
    (sae.fingerprint !== "" && sae.fingerprint !== info.fingerprint)
  ) {
    fail("wrongModel", "The features were learnt on another model.", {
      remedy: "Train them on this one, or load the model they belong to.",
      details: { width: sae.width, expected, layer: sae.layer, model: sae.modelName },
    });
  }
}

export function requireFeature(sae: Sae, feature: number): void {
  if (!Number.isInteger(feature) || feature < 0 || feature >= sae.features) {
    fail("badArgument", `There is no feature ${feature}; they are 0 to ${sae.features - 1}.`);
  }
}

function readMeasures(folder: string): FeaturesMeasures | undefined {
  const value = readJson(path.join(folder, "measures.json"));
  return typeof value?.["l0"] === "number" ? (value as unknown as FeaturesMeasures) : undefined;
}

const labelsFile = (folder: string) => path.join(folder, "labels.json");

/** Labels a person wrote or accepted, by feature. */
export function readLabels(folder: string): Record<string, string> {
  const value = readJson(labelsFile(folder)) ?? {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

export async function writeLabel(folder: string, feature: number, label: string): Promise<void> {
  requireFeature(await openSae(folder), feature);
  const labels = readLabels(folder);
  if (label.trim() === "") delete labels[feature];
  else labels[feature] = label.trim().slice(0, 200);
  await writeWhole(labelsFile(folder), [JSON.stringify(labels, null, 2)]);
}

function readJson(file: string): Record<string, unknown> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    fail("damagedFile", `'${file}' is not JSON.`, { cause });
  }
  return fail("damagedFile", `'${file}' is no table.`);
}
