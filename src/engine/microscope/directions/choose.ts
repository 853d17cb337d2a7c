import type { DirectionCandidate } from "../../../contract/acting";
import type { Intervention } from "../../../contract/sites";
import type { Lab } from "../lab";
import { mean } from "../maths/statistics";
import { openingScores } from "../measures/behaviour";
import { costsOf } from "../measures/neutral";
import { adding, levelling, zeroing, type Acting } from "./act";
import { profileOf, type Progressing, type Sides } from "./extract";
import { unit, type Difference } from "./vectors";

/** A candidate with its vector. */
export interface Found {
  difference: Difference;
  meanPositive: number;
  meanNegative: number;
  candidate: DirectionCandidate;
}

export const klLimit = 0.1;
/** Of all candidates, how many of the best separating are run: the effect of each costs several passes. */
const tried = 16;
const prompts = 16;

/**
 * Chooses by effect (Arditi et al. 2024, 2406.11717, section C): of the candidates that leave neutral text alone (KL < 0.1), that call
 * the behaviour forth when added, and that do not lie in the last fifth of the layers, the one that takes most of the
 * behaviour away. "Away" is measured for projecting out to zero and for setting to the negative set's mean; the better counts.
 */
export async function chooseByEffect(
  lab: Lab,
  found: Found[],
  validation: Sides,
  trainingNegative: number[][],
  opened: number[][],
  neutral: number[][],
  run: Progressing,
): Promise<{ chosen: Found; removal: "zero" | "mean"; warnings: string[] }> {
  const warnings: string[] = [];
  const { layers } = lab.info;
  const positive = validation.positive.slice(0, prompts);
  const negative = validation.negative.slice(0, prompts);
  const score = async (list: number[][], interventions: Intervention[]) =>
    mean(await openingScores(lab, list, opened, { interventions, signal: run.signal }));
  const base = { positive: await score(positive, []), negative: await score(negative, []) };
  if (base.positive < 0)
    warnings.push("The positive prompts do not show the behaviour on their own: nothing can be taken away there.");
  if (base.negative > 0)
    warnings.push("The negative prompts show the behaviour already: adding it can prove nothing there.");

  const late = Math.floor(0.8 * layers);
  const order = [...found].sort((a, b) => b.candidate.auc - a.candidate.auc);
  const pool: Found[] = [];
  for (const each of order) {
    if (each.candidate.layer >= late) each.candidate.rejected = "in the last fifth of the layers";
    else if (each.candidate.auc < 0.6) each.candidate.rejected = "does not separate the two sides";
    else if (pool.length >= tried) each.candidate.rejected = "separates less than others; not run";
    else pool.push(each);
  }
  for (const [i, each] of pool.entries()) {
    run.progress(i, pool.length, "trying candidates");
    const { candidate } = each;
    const vector = unit(each.difference.vector);
    const profile = await profileOf(lab, trainingNegative.slice(0, 24), vector, run.signal);
    const acting: Acting = { vector, layer: candidate.layer, scale: candidate.scale, profile };
    const zero = zeroing(acting, layers, 1, "all");
    const level = levelling(acting, layers, 1, "lastPrompt");
    candidate.ablated = await score(positive, zero);
    candidate.levelled = await score(positive, level);
    // The difference itself often suffices; where it does not, more of it is tried.
    // Added to every token it may spoil what follows the opening, so that the last prompt token alone is tried too.
    candidate.added = -Infinity;
    search: for (const times of [1, 2, 3]) {
      for (const where of ["lastPrompt", "all"] as const) {
        const strength = (times * candidate.norm) / candidate.scale;
        const added = await score(negative, [adding(acting, candidate.layer, strength, where)]);
        if (added > candidate.added) Object.assign(candidate, { added, strength, where });
        if (added > 1) break search;
      }
    }
    // Neutral text has no last prompt token of its own: levelling is measured as if every token were one.
    const [costZero, costLevel] = await costsOf(
      lab,
      neutral,
      [{ interventions: zero }, { interventions: levelling(acting, layers, 1, "all") }],
      run.signal,
    );
    candidate.kl = costZero!.kl;
    candidate.klLevelled = costLevel!.kl;
    if ((candidate.added ?? 0) <= 0) candidate.rejected = "adding it does not call the behaviour forth";
    else if (candidate.kl > klLimit) candidate.rejected = `costs more than ${klLimit} nats on neutral text`;
  }
  const remaining = ({ candidate }: Found) => Math.min(candidate.ablated ?? Infinity, candidate.levelled ?? Infinity);
  const admitted = pool.filter(({ candidate }) => candidate.rejected === undefined);
  if (admitted.length === 0) {
    warnings.push(
      `No candidate calls the behaviour forth within ${klLimit} nats on neutral text: the one that takes most away was kept.`,
    );
  }
  const from = admitted.length > 0 ? admitted : pool.length > 0 ? pool : found;
  const chosen = from.reduce((best, each) => (remaining(each) < remaining(best) ? each : best));
  const { ablated = Infinity, levelled = Infinity } = chosen.candidate;
  return { chosen, removal: levelled < ablated ? "mean" : "zero", warnings };
}
