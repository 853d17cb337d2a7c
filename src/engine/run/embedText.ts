import { fail } from "../../contract/errors";
import type { Fraction } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { EmbedTextParams, EmbedTextResult } from "../../contract/verbs";
import { runPass } from "./pass";
import type { Session } from "./session";

/**
 * Vectors of texts for retrieval: the mean over positions of the stream after the last norm, of unit length. Texts longer
 * than the context are taken up to its end.
 */
export async function embedText(
  session: Session,
  { texts }: EmbedTextParams,
  { signal, progress }: CallContext<Fraction>,
): Promise<EmbedTextResult> {
  const { model, options } = session;
  const width = model.embedding;
  const data = new Float32Array(texts.length * width);
  if (texts.length === 0) return { width, data };
  const sequences = texts.map((text) => {
    const ids = [...model.vocabulary.encode(text, { special: false, frame: true })];
    // A text of no token still needs a place: the beginning token, or the first of the vocabulary.
    return ids.length > 0 ? ids.slice(0, options.context) : [Math.max(0, model.vocabulary.bos)];
  });
  if (!session.sites.known.includes("final_norm")) {
    fail("unsupportedModel", `Texts cannot be embedded with '${model.architecture}' here.`, {
      remedy: "Load an architecture whose sites are known.",
    });
  }
  const sums = new Float64Array(data.length);
  let done = 0;
  await runPass(session, {
    sequences,
    reads: [{ site: "final_norm", positions: "all" }],
    signal,
    onPart: ({ sequence, from, count, states }) => {
      const [state] = states;
      for (let row = 0; row < count; row++) {
        for (let index = 0; index < width; index++)
          sums[sequence * width + index]! += state!.data[row * width + index]!;
      }
      if (from + count === sequences[sequence]!.length) progress({ done: ++done, total: texts.length });
    },
  });
  for (let text = 0; text < texts.length; text++) {
    const row = sums.subarray(text * width, (text + 1) * width);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)) || 1;
    for (let index = 0; index < width; index++) data[text * width + index] = row[index]! / norm;
  }
  return { width, data };
}
