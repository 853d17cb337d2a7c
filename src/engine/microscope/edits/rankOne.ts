import type { EditFactParams } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { Progressing } from "../directions/extract";
import { downProjection } from "../architecture";
import type { LoraDelta } from "../files/lora";
import type { Lab } from "../lab";
import { mean } from "../maths/statistics";
import { norm } from "../maths/vectors";
import { inGroups } from "../measures/passes";
import { requireLayer, requireSite } from "../probe";
import { contextsOf, essencesOf, type Context } from "./contexts";
import { donorPool, statesAt, valueBasis } from "./donors";
import type { FactTokens } from "./facts";
import { keySamples } from "./keys";
import { searchValue, type FoundValue } from "./search";
import { subjectLayers } from "./subjectLayers";
import { keyRow } from "./whiten";

export interface MadeEdit {
  layer: number;
  neurons: string[];
  deltas: LoraDelta[];
  details: Record<string, number | string>;
  warnings: string[];
}

const ridge = 0.02;

/**
 * A rank-one edit of one down projection (ROME; Meng et al. 2022, 2202.05262): W + v r, where r answers 1 to the subject's key and, by the
 * covariance of keys, next to nothing to others, and v is what the MLP has to add there so that the new answer comes.
 */
export async function rankOneEdit(
  lab: Lab,
  params: EditFactParams,
  fact: FactTokens,
  run: Progressing,
): Promise<MadeEdit> {
  requireSite(lab.info, "mlp_post");
  requireSite(lab.info, "mlp_out");
  const contexts = await contextsOf(lab, params);
  const essences = await essencesOf(lab, params);
  if (params.layer !== undefined) requireLayer(lab.info, params.layer);
  const layers = params.layer === undefined ? await subjectLayers(lab, params, fact, run.signal) : [params.layer];
  const pool = await donorPool(lab, params, fact.to, params.donors ?? [], run.signal);
  let best: { layer: number; found: FoundValue } | undefined;
  for (const [i, layer] of layers.entries()) {
    run.progress(i, layers.length + 1, `searching the value at layer ${layer}`);
    const own = contexts[0]!;
    const basis = await valueBasis(lab, fact, own, layer, pool, run.signal);
    const [state] = await statesAt(lab, [own], layer, run.signal);
    const search = { contexts: contexts.slice(0, 2), essences, to: fact.to, layer, basis, scale: norm(state!) };
    const found = await searchValue(lab, search, run.signal);
    if (!best || found.loss < best.found.loss) best = { layer, found };
    // Good enough: later layers would cost another search for little.
    if (found.logProbability > Math.log(0.9) && found.essenceKl < 0.5) break;
  }
  if (!best) fail("noSuchSite", "There is no layer to edit.");
  const { layer, found } = best;
  run.progress(layers.length, layers.length + 1, "statistics of the keys");
  const { name, experts } = downProjection(lab.weights, layer);
  if (experts > 0) {
    fail("unsupportedModel", "Layers of experts cannot be edited: a LoRA acts on a whole matrix.", {
      remedy: "Use a dense model.",
    });
  }
  const samples = await keySamples(lab, layer, params.corpus, run.signal);
  const key = await meanKey(lab, contexts, layer, run.signal);
  const warnings: string[] = [];
  if (found.logProbability < Math.log(0.5))
    warnings.push("The search did not find a value that makes the new answer likely.");
  return {
    layer,
    neurons: [],
    deltas: [
      {
        tensor: name,
        inputs: key.length,
        outputs: found.value.length,
        rank: 1,
        a: keyRow(samples, key, ridge),
        b: found.value,
      },
    ],
    details: {
      donor: pool.names[0] ?? "",
      donorProbability: Math.exp(pool.logProbabilities[0] ?? -Infinity),
      searchRounds: found.steps,
      logProbability: found.logProbability,
      essenceKl: found.essenceKl,
      valueNorm: norm(found.value),
      keySamples: samples.count,
    },
    warnings,
  };
}

/** Mean input of the down projection at the subject's last token. */
async function meanKey(lab: Lab, contexts: Context[], layer: number, signal: AbortSignal): Promise<Float32Array> {
  const rows: Float32Array[] = [];
  const sequences = contexts.map(({ ids, at }) => ids.slice(0, at + 1));
  await inGroups(lab, sequences, [{ site: "mlp_post", layer, positions: [-1] }], { signal }, (_s, _r, _p, row) => {
    rows.push(row.slice());
  });
  return rows[0]!.map((_, i) => mean(rows.map((row) => row[i]!)));
}
