import type { DirectionCandidate, DirectionExtractParams, DirectionExtractResult } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { Input } from "../../../contract/verbs";
import { writeControlVector, type LayerDirection } from "../files/controlVector";
import type { Lab } from "../lab";
import { auc, mean } from "../maths/statistics";
import { dot, norm } from "../maths/vectors";
import { openings, openingScores, requireBehaviour } from "../measures/behaviour";
import { neutralTokens } from "../measures/neutral";
import { statesFromEnd } from "../measures/passes";
import { layersOf, probeTokens, requireLayer, requireSite } from "../probe";
import { streamSites } from "./act";
import { chooseByEffect, type Found } from "./choose";
import { neutralText } from "./neutralText";
import { differenceOfMeans, meanOf, pairedComponent, unit } from "./vectors";

export interface Progressing {
  signal: AbortSignal;
  progress(done: number, total: number, message: string): void;
}

/** Prompts of both sides as tokens. */
export interface Sides {
  positive: number[][];
  negative: number[][];
}

/**
 * Finds a direction: states at the chosen layers' outputs at the last positions, their difference, and a choice by its effect
 * on prompts that were kept apart (Arditi et al. 2024, 2406.11717). Writes a control vector.
 */
export async function extractDirection(
  lab: Lab,
  params: DirectionExtractParams,
  run: Progressing,
): Promise<DirectionExtractResult> {
  requireSite(lab.info, "resid_post");
  const positions = params.positions ?? [-1, -2, -3, -4, -5];
  if (positions.length === 0 || positions.some((at) => !Number.isInteger(at) || at >= 0)) {
    fail("badArgument", "Positions are counted from the prompt's end: -1 is the last.");
  }
  const warnings: string[] = [];
  const opened = params.behaviour ? (requireBehaviour(params.behaviour), openings(lab, params.behaviour)) : [];
  const sides = await fitting(lab, await tokensOf(lab, params), opened, warnings, run);
  const { training, validation } = split(sides, params.validation ?? 0.2);
  const layers = wantedLayers(lab, params.layer);
  const found = await differences(lab, training, layers, positions, params.method, run);
  const scored = await separations(lab, validation, found, positions, run);

  let chosen: Found;
  let removal: "zero" | "mean" = "zero";
  if (opened.length > 0) {
    const neutral = neutralTokens(lab, params.neutral ?? neutralText, 8);
    const choice = await chooseByEffect(lab, scored, validation, training.negative, opened, neutral, run);
    ({ chosen, removal } = choice);
    warnings.push(...choice.warnings);
  } else {
    warnings.push(
      params.behaviour
        ? "The behaviour cannot be told from an answer's first tokens: the choice is by separation alone."
        : "No behaviour was given: the choice is by separation alone, not by what the direction does.",
    );
    chosen = bestSeparation(scored, lab.info.layers);
  }

  const same = scored.filter(({ candidate }) => candidate.position === chosen.candidate.position);
  const written = params.layer === "all" ? same : [chosen];
  const profile = await profileOf(lab, training.negative, unit(chosen.difference.vector), run.signal);
  await writeControlVector(params.out, {
    name: params.name,
    modelHint: lab.info.architecture,
    fingerprint: lab.info.fingerprint,
    width: lab.info.embedding,
    method: params.method,
    convention: "vitrine",
    chosen: { layer: chosen.candidate.layer, position: chosen.candidate.position },
    profile,
    removal,
    ...(chosen.candidate.where ? { where: chosen.candidate.where } : {}),
    strength: chosen.candidate.strength ?? chosen.candidate.norm / chosen.candidate.scale,
    layers: written.map(layerDirection),
  });
  const { layer, position, norm: length, scale } = chosen.candidate;
  return {
    file: params.out,
    name: params.name,
    layer,
    position,
    norm: length,
    scale,
    meanPositive: chosen.meanPositive,
    meanNegative: chosen.meanNegative,
    strength: chosen.candidate.strength ?? length / scale,
    removal,
    candidates: scored.map(({ candidate }) => candidate),
    n: {
      positive: params.positive.length,
      negative: params.negative.length,
      validation: validation.positive.length + validation.negative.length,
    },
    warnings,
  };
}

const least = 4;

/** Both sides as tokens. Refuses sets that are tiny or the same. */
async function tokensOf(lab: Lab, params: DirectionExtractParams): Promise<Sides> {
  const tokens = async (inputs: Input[]) =>
    Promise.all(inputs.map(async (input) => (await probeTokens(lab, input, params.think)).map(({ id }) => id)));
  const positive = await tokens(params.positive);
  const negative = await tokens(params.negative);
  if (positive.length < least || negative.length < least) {
    fail(
      "badArgument",
      `A direction needs at least ${least} prompts a side; there are ${positive.length} and ${negative.length}.`,
    );
  }
  const seen = new Set(positive.map(String));
  const shared = negative.filter((ids) => seen.has(String(ids))).length;
  if (shared === negative.length || shared === positive.length) {
    fail("badArgument", "Both sides hold the same prompts: there is no difference to find.");
  }
  return { positive, negative };
}

/**
 * Only prompts on which the model behaves as their side says are learnt from (as in Arditi et al. 2024): the others would blur
 * the means. A side of which too few are left stays whole, and that is said.
 */
async function fitting(
  lab: Lab,
  sides: Sides,
  opened: number[][],
  warnings: string[],
  run: Progressing,
): Promise<Sides> {
  if (opened.length === 0) return sides;
  run.progress(0, 3, "looking how the prompts are answered");
  const kept = async (side: keyof Sides, fits: (score: number) => boolean) => {
    const scores = await openingScores(lab, sides[side], opened, run);
    const good = sides[side].filter((_, i) => fits(scores[i]!));
    const share = `${good.length} of ${sides[side].length} ${side} prompts`;
    if (good.length < 2 * least) {
      const shows = side === "positive" ? "show the behaviour" : "do without the behaviour";
      warnings.push(`Only ${share} ${shows} on their own: a one-sided behaviour; all were used.`);
      return sides[side];
    }
    if (good.length < sides[side].length)
      warnings.push(`${share} were used: on the others the model does not behave as their side says.`);
    return good;
  };
  return {
    positive: await kept("positive", (score) => score > 0),
    negative: await kept("negative", (score) => score < 0),
  };
}

/** The last part of each set is kept for validation. */
function split({ positive, negative }: Sides, share: number): { training: Sides; validation: Sides } {
  if (!(share > 0 && share < 1)) fail("badArgument", "The share kept for validation lies between 0 and 1.");
  const cut = (list: number[][]) =>
    list.length - Math.max(1, Math.min(list.length - 2, Math.round(list.length * share)));
  return {
    training: { positive: positive.slice(0, cut(positive)), negative: negative.slice(0, cut(negative)) },
    validation: { positive: positive.slice(cut(positive)), negative: negative.slice(cut(negative)) },
  };
}

/** Layers whose output may carry the direction. Layer 0 is left out: llama.cpp has no control vector there. */
function wantedLayers(lab: Lab, layer: DirectionExtractParams["layer"]): number[] {
  if (typeof layer === "number") {
    requireLayer(lab.info, layer);
    if (layer === 0) fail("badArgument", "llama.cpp has no control vector at layer 0; choose a later one.");
    return [layer];
  }
  return layersOf(lab.info).slice(1);
}

async function differences(
  lab: Lab,
  training: Sides,
  layers: number[],
  positions: number[],
  method: DirectionExtractParams["method"],
  run: Progressing,
): Promise<Found[]> {
  const sites = layers.map((layer) => ({ site: "resid_post" as const, layer }));
  run.progress(0, 3, "reading the positive prompts");
  const positive = await statesFromEnd(lab, training.positive, sites, positions, run);
  run.progress(1, 3, "reading the negative prompts");
  const negative = await statesFromEnd(lab, training.negative, sites, positions, run);
  const build = method === "pairedPca" ? pairedComponent : differenceOfMeans;
  return layers.flatMap((layer, l) =>
    positions.flatMap((position, p) => {
      const a = pick(positive, l, p);
      const b = pick(negative, l, p);
      if (a.length < 2 || b.length < 2) return [];
      const difference = build(a, b);
      if (!(difference.norm > 0)) return [];
      const direction = unit(difference.vector);
      const scale = mean([...a, ...b].map((row) => norm(row)));
      return [
        {
          difference,
          meanPositive: dot(meanOf(a), direction),
          meanNegative: dot(meanOf(b), direction),
          candidate: { layer, position, norm: difference.norm, scale, auc: 0.5 },
        },
      ];
    }),
  );
}

/** States of one site and position, of the prompts that are long enough to have it. */
function pick(states: Float32Array[][][], site: number, position: number): Float32Array[] {
  return states.flatMap((of) => of[site]?.[position] ?? []);
}

/** Adds to each candidate how well it separates the validation sets. */
async function separations(
  lab: Lab,
  validation: Sides,
  found: Found[],
  positions: number[],
  run: Progressing,
): Promise<Found[]> {
  if (found.length === 0) {
    fail("badArgument", "The two sides do not differ at any layer and position looked at.", {
      remedy: "Give prompts that differ before the positions looked at.",
    });
  }
  const layers = [...new Set(found.map(({ candidate }) => candidate.layer))];
  const sites = layers.map((layer) => ({ site: "resid_post" as const, layer }));
  const positive = await statesFromEnd(lab, validation.positive, sites, positions, run);
  const negative = await statesFromEnd(lab, validation.negative, sites, positions, run);
  run.progress(3, 3, "validating");
  return found.map((each) => {
    const { layer, position } = each.candidate;
    const [l, p] = [layers.indexOf(layer), positions.indexOf(position)];
    const project = (row: Float32Array) => dot(row, each.difference.vector);
    const candidate: DirectionCandidate = {
      ...each.candidate,
      auc: auc(pick(positive, l, p).map(project), pick(negative, l, p).map(project)),
    };
    return { ...each, candidate };
  });
}

function bestSeparation(found: Found[], layers: number): Found {
  const early = found.filter(({ candidate }) => candidate.layer < Math.floor(0.8 * layers));
  const pool = early.length > 0 ? early : found;
  // Of equal separation the widest gap in units of the stream wins.
  const gap = ({ candidate }: Found) => candidate.auc + 1e-3 * (candidate.norm / candidate.scale);
  return pool.reduce((best, each) => (gap(each) > gap(best) ? each : best));
}

function layerDirection({ candidate, difference, meanPositive, meanNegative }: Found): LayerDirection {
  return { layer: candidate.layer, vector: difference.vector, scale: candidate.scale, meanPositive, meanNegative };
}

/** Mean projection of the negative set's last position on a unit vector, at every site of the stream. */
export async function profileOf(
  lab: Lab,
  negative: number[][],
  vector: Float32Array,
  signal: AbortSignal,
): Promise<number[]> {
  const sites = streamSites(lab.info.layers);
  const states = await statesFromEnd(lab, negative, sites, [-1], { signal });
  return sites.map((_, i) => mean(pick(states, i, 0).map((row) => dot(row, vector))));
}
