import type { TraceParams, TraceResult } from "../../../contract/acting";
import type { Intervention } from "../../../contract/sites";
import type { Progressing } from "../directions/extract";
import { neutralText } from "../directions/neutralText";
import { fail } from "../../../contract/errors";
import type { Lab } from "../lab";
import { mean } from "../maths/statistics";
import { inGroups, lastLogits } from "../measures/passes";
import { logSumExp } from "../maths/distributions";
import { layersOf, oneToken, probeTokens, requireCount, requireSite } from "../probe";
import { cleanStates, spanOf } from "./patch";
import { normalNumbers } from "./random";

const together = 32;

/**
 * Causal tracing (Meng et al. 2022, 2202.05262, section 2): the subject's embeddings are noised, and one state at a time is
 * restored to its clean value. restored is (p - p_corrupt) / (p_clean - p_corrupt) with means over the noise samples.
 */
export async function trace(lab: Lab, params: TraceParams, run: Progressing): Promise<TraceResult> {
  const site = params.site ?? "resid_post";
  requireSite(lab.info, site);
  requireSite(lab.info, "embed");
  const samples = params.samples ?? 6;
  requireCount(samples, "The number of noise samples", 1, 100);
  const tokens = await probeTokens(lab, params.input);
  const ids = tokens.map(({ id }) => id);
  const target = oneToken(lab, params.target, "target");
  const subject = spanOf(tokens, params.subject, "subject");
  const layers = layersOf(lab.info);
  const half = Math.floor(((params.window ?? 1) - 1) / 2);
  const positions = ids.map((_, i) => i).slice(subject.from);
  const chance = (logits: Float32Array) => Math.exp(logits[target.id]! - logSumExp(logits));

  const spread = (params.noise ?? 3) * (await embeddingSpread(lab, run.signal));
  const next = normalNumbers(params.seed ?? 1);
  const noises = Array.from({ length: samples }, () => noiseOn(subject, lab.info.embedding, spread, next));
  const [plain] = await lastLogits(lab, [ids], run);
  const clean = chance(plain!);
  const corrupt = mean(
    await Promise.all(
      noises.map(async (interventions) =>
        chance((await lastLogits(lab, [ids], { interventions, signal: run.signal }))[0]!),
      ),
    ),
  );
  if (clean - corrupt < 1e-3) {
    fail(
      "badArgument",
      `Noising the subject does not take the answer away (${clean.toFixed(3)} to ${corrupt.toFixed(3)}).`,
      {
        remedy: "Check the subject and the target, or use more noise.",
      },
    );
  }

  const states = await cleanStates(lab, ids, site, layers, run.signal);
  const cells = layers.flatMap((layer) => positions.map((position, p) => ({ layer, position, p })));
  const restored = layers.map(() => positions.map(() => NaN));
  let partial = false;
  for (let from = 0; from < cells.length; from += together) {
    if (run.signal.aborted) {
      partial = true;
      break;
    }
    const group = cells.slice(from, from + together);
    const patches = group.flatMap(({ layer, position }, i) =>
      layers
        .filter((each) => Math.abs(each - layer) <= half)
        .map((each): Intervention => ({
          site,
          layer: each,
          where: [position],
          operation: "patch",
          values: states(each, position),
          sequences: [i],
        })),
    );
    const sums = group.map(() => 0);
    for (const noise of noises) {
      const logits = await lastLogits(
        lab,
        group.map(() => ids),
        { interventions: [...noise, ...patches], signal: run.signal },
      );
      logits.forEach((row, i) => (sums[i]! += chance(row) / samples));
    }
    group.forEach(({ layer, p }, i) => (restored[layer]![p] = (sums[i]! - corrupt) / (clean - corrupt)));
    run.progress(Math.min(cells.length, from + together), cells.length, "restoring");
  }
  return {
    site,
    rows: layers.map((layer) => ({ layer })),
    positions,
    restored,
    clean,
    corrupt,
    tokens: { clean: tokens, corrupt: tokens },
    target,
    subject,
    partial,
  };
}

function noiseOn(
  subject: { from: number; to: number },
  width: number,
  spread: number,
  next: () => number,
): Intervention[] {
  return Array.from({ length: subject.to - subject.from + 1 }, (_, i) => ({
    site: "embed",
    where: [subject.from + i],
    operation: "add",
    strength: 1,
    values: Float32Array.from({ length: width }, () => spread * next()),
  }));
}

/** Standard deviation of the entries of the embeddings as they enter block 0, over neutral text. */
export async function embeddingSpread(lab: Lab, signal: AbortSignal): Promise<number> {
  const sequences = neutralText.slice(0, 8).map((text) => lab.tokenize(text, false).map(({ id }) => id));
  let [count, sum, squares] = [0, 0, 0];
  await inGroups(lab, sequences, [{ site: "embed", positions: "all" }], { signal }, (_s, _r, _p, row) => {
    for (const value of row) {
      sum += value;
      squares += value * value;
    }
    count += row.length;
  });
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}
