import type { Lab } from "../lab";
import { inGroups } from "../measures/passes";
import { ownText } from "../measures/ownText";
import type { KeySamples } from "./whiten";

const known = new WeakMap<Lab["weights"], Map<string, KeySamples>>();
/** Bytes of samples kept a layer. */
const limit = 128 * 2 ** 20;

/**
 * States of the down projection's input over a corpus, or over the model's own text: small models are sampled longer, because
 * it costs them nothing. Kept for the model's life.
 */
export async function keySamples(
  lab: Lab,
  layer: number,
  corpus: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<KeySamples> {
  const kept = known.get(lab.weights) ?? new Map<string, KeySamples>();
  known.set(lab.weights, kept);
  const name = `${layer}:${corpus ? corpus.length + ":" + corpus.join("").length : "own"}`;
  const found = kept.get(name);
  if (found) return found;
  const tokens = lab.info.parameters < 100e6 ? 3000 : 600;
  const sequences = corpus
    ? corpus
        .map((text) =>
          lab
            .tokenize(text, true)
            .slice(0, Math.min(256, lab.info.context))
            .map(({ id }) => id),
        )
        .filter((ids) => ids.length > 1)
    : await ownText(lab, tokens, signal);
  const width = lab.info.neurons;
  const most = Math.max(64, Math.floor(limit / (4 * width)));
  const rows: Float32Array[] = [];
  await inGroups(
    lab,
    sequences,
    [{ site: "mlp_post", layer, positions: "all" }],
    { signal },
    (_s, _r, position, row) => {
      if (position > 0 && rows.length < most) rows.push(row.slice());
    },
  );
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => data.set(row, i * width));
  const samples = { count: rows.length, width, data };
  kept.set(name, samples);
  return samples;
}
