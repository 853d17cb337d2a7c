import type { DirectionInfo, DirectionUse } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { ModelInfo } from "../../../contract/model";
import type { Intervention } from "../../../contract/sites";
import type { Meter } from "../../../contract/verbs";
import { readControlVector, type ControlVector, type LayerDirection } from "../files/controlVector";
import type { Lab } from "../lab";
import { mean } from "../maths/statistics";
import { norm } from "../maths/vectors";
import { statesFromEnd } from "../measures/passes";
import { adding, levelling, usualWhere, zeroing, type Acting } from "./act";
import { neutralText } from "./neutralText";
import { unit } from "./vectors";

/** What a direction file says of itself, and whether it fits the loaded model. */
export function directionInfo(file: string, model?: ModelInfo): DirectionInfo {
  const vector = readControlVector(file);
  const warnings: string[] = [];
  if (vector.convention === "cvector") {
    warnings.push("Made by llama-cvector-generator: each direction was read one block before the one it is added at.");
  }
  if (model && vector.width !== model.embedding)
    warnings.push(`Its width is ${vector.width}, the model's ${model.embedding}: it cannot act on it.`);
  const matches = model && vector.fingerprint ? vector.fingerprint === model.fingerprint : undefined;
  if (matches === false) warnings.push("Made for another model: its effect here is not known.");
  return {
    file,
    name: vector.name,
    convention: vector.convention,
    layers: vector.layers.map(({ layer }) => layer),
    width: vector.width,
    ...(vector.chosen ?? {}),
    ...(vector.strength === undefined ? {} : { strength: vector.strength }),
    ...(vector.where ? { where: vector.where } : {}),
    ...(vector.removal ? { removal: vector.removal } : {}),
    ...(vector.method ? { method: vector.method } : {}),
    norms: vector.layers.map((each) => ({
      layer: each.layer,
      norm: norm(each.vector),
      ...(each.scale === undefined ? {} : { scale: each.scale }),
    })),
    fingerprint: vector.fingerprint,
    ...(matches === undefined ? {} : { matches }),
    modelHint: vector.modelHint,
    warnings,
  };
}

/** A control vector that fits the model. Throws `wrongModel` for another width or layers the model lacks. */
export function openDirection(lab: Lab, file: string): ControlVector {
  const vector = readControlVector(file);
  const { embedding, layers } = lab.info;
  if (vector.width !== embedding) {
    fail("wrongModel", `'${vector.name}' has width ${vector.width}, the model ${embedding}.`, {
      remedy: "Use a direction that was made for this model.",
      details: { width: vector.width, embedding },
    });
  }
  if (vector.layers.length === 0 || vector.layers.every(({ layer }) => layer >= layers)) {
    fail("wrongModel", `'${vector.name}' has no layer that this model has.`);
  }
  return { ...vector, layers: vector.layers.filter(({ layer }) => layer < layers) };
}

/** The layer a direction was chosen at; of a file that names none, the longest vector's. */
export function mainLayer(vector: ControlVector): LayerDirection {
  const chosen = vector.layers.find(({ layer }) => layer === vector.chosen?.layer);
  return chosen ?? vector.layers.reduce((best, each) => (norm(each.vector) > norm(best.vector) ? each : best));
}

/** A direction ready to act. Files of others do not say how long the residual is: it is measured on neutral text. */
export async function actingOf(
  lab: Lab,
  vector: ControlVector,
  at: LayerDirection,
  signal: AbortSignal,
): Promise<Acting> {
  const scale = at.scale ?? (await residualNorm(lab, at.layer, signal));
  return { vector: unit(at.vector), layer: at.layer, scale, ...(vector.profile ? { profile: vector.profile } : {}) };
}

/** Mean norm of a block's output over neutral text. */
export async function residualNorm(lab: Lab, layer: number, signal: AbortSignal): Promise<number> {
  const sequences = neutralText.slice(0, 8).map((text) => lab.tokenize(text, false).map(({ id }) => id));
  const states = await statesFromEnd(lab, sequences, [{ site: "resid_post", layer }], [-1, -3, -5], { signal });
  return mean(states.flatMap((of) => of[0]!.map((row) => norm(row))));
}

/** The file's own strength; without one that which moves one set's mean onto the other's. In units of the residual norm. */
export function ownStrength(vector: ControlVector, at: LayerDirection, scale: number): number {
  return vector.strength ?? norm(at.vector) / scale;
}

/** A direction as interventions of the loaded model. */
export async function directionInterventions(
  lab: Lab,
  use: DirectionUse,
  signal: AbortSignal,
): Promise<Intervention[]> {
  const vector = openDirection(lab, use.file);
  const strength = use.strength ?? 1;
  if (!Number.isFinite(strength)) fail("notFinite", "The strength is no number.");
  const where = use.where ?? (use.mode === "add" ? (vector.where ?? "all") : usualWhere[use.mode]);
  if (use.mode !== "add") {
    const acting = await actingOf(lab, vector, mainLayer(vector), signal);
    if (use.mode === "zero") return onLayers(zeroing(acting, lab.info.layers, strength, where), use.layers);
    if (!acting.profile || acting.profile.length !== 2 * lab.info.layers + 1) {
      fail("badArgument", `'${vector.name}' does not say what the other side's mean is.`, {
        remedy: "Only directions extracted here can be set to the mean; use zero, or extract it again.",
      });
    }
    return onLayers(levelling(acting, lab.info.layers, strength, where), use.layers);
  }
  const layers = use.layers ?? (vector.chosen ? [mainLayer(vector).layer] : vector.layers.map(({ layer }) => layer));
  return Promise.all(
    layers.map(async (layer) => {
      if (layer < 0 || layer >= lab.info.layers) fail("noSuchSite", `There is no layer ${layer}.`);
      // A layer the file does not hold takes the main vector: one direction is tried along the whole stream.
      const held = vector.layers.find((each) => each.layer === layer) ?? mainLayer(vector);
      const scale =
        held.layer === layer && held.scale !== undefined ? held.scale : await residualNorm(lab, layer, signal);
      // A file of others says how far to go by its vectors' lengths; strength 1 is then that length.
      const own = ownStrength(vector, held, scale);
      const factor = vector.convention === "vitrine" ? (use.strength ?? own) : strength * own;
      return adding({ vector: unit(held.vector), layer, scale }, layer, factor, where);
    }),
  );
}

function onLayers(interventions: Intervention[], layers?: number[]): Intervention[] {
  return layers ? interventions.filter(({ layer }) => layer !== undefined && layers.includes(layer)) : interventions;
}

/** A direction as a meter: the projection of each token's state, in units of the layer's residual norm. */
export async function directionMeter(
  lab: Lab,
  file: string,
  layer: number | undefined,
  signal: AbortSignal,
): Promise<Meter> {
  const vector = openDirection(lab, file);
  const at = layer === undefined ? mainLayer(vector) : vector.layers.find((each) => each.layer === layer);
  if (!at) fail("noSuchSite", `'${vector.name}' holds no layer ${layer}.`);
  const acting = await actingOf(lab, vector, at, signal);
  return { name: vector.name, layer: at.layer, vector: acting.vector, scale: acting.scale };
}
