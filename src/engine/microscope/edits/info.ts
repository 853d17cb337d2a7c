import type { EditInfo, Fact } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { ModelInfo } from "../../../contract/model";
import type { EditUse } from "../../../contract/verbs";
import { deltaNorm, readLora } from "../files/lora";
import type { Lab } from "../lab";

/** What an adapter's file says of itself, and whether it fits the loaded model. */
export function editInfo(file: string, model?: ModelInfo): EditInfo {
  const lora = readLora(file);
  const { notes } = lora;
  const warnings: string[] = [];
  if (model && lora.architecture !== model.architecture) {
    warnings.push(`Made for '${lora.architecture}', the model is '${model.architecture}'.`);
  }
  const matches = model && notes["fingerprint"] ? notes["fingerprint"] === model.fingerprint : undefined;
  if (matches === false) warnings.push("Made for another model: it would change it at random.");
  const scaleOf = (rank: number) => (lora.alpha === 0 ? 1 : lora.alpha / rank);
  const method = notes["method"];
  const fact = parseFact(notes["fact"]);
  return {
    file,
    architecture: lora.architecture,
    fingerprint: notes["fingerprint"] ?? "",
    ...(matches === undefined ? {} : { matches }),
    rank: Math.max(...lora.deltas.map(({ rank }) => rank)),
    tensors: lora.deltas.map((delta) => ({
      name: delta.tensor,
      rank: delta.rank,
      norm: scaleOf(delta.rank) * deltaNorm(delta),
    })),
    ...(fact ? { fact } : {}),
    ...(method === "neurons" || method === "rank-one" ? { method } : {}),
    ...(notes["layer"] === undefined ? {} : { layer: Number(notes["layer"]) }),
    ...(notes["neurons"] ? { neurons: notes["neurons"].split(" ") } : {}),
    warnings,
  };
}

function parseFact(text: string | undefined): Fact | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<Fact> | null;
    const texts = [value?.prompt, value?.subject, value?.from, value?.to];
    return texts.every((each) => typeof each === "string") ? (value as Fact) : undefined;
  } catch {
    return undefined; // a note that is no JSON is no fact
  }
}

/**
 * Checks that edits can be used on the loaded model, by running one token under them. One made here for another model is refused: it would fit
 * by its shapes and change the model at random.
 */
export async function loadEdits(lab: Lab, edits: readonly EditUse[], signal: AbortSignal): Promise<EditInfo[]> {
  const infos = edits.map(({ file }) => editInfo(file, lab.info));
  const wrong = infos.find(({ matches }) => matches === false);
  if (wrong) {
    fail("wrongModel", `'${wrong.file}' was made for another model.`, { remedy: "Make the edit again on this model." });
  }
  const ids = lab
    .tokenize("a", false)
    .slice(0, 1)
    .map(({ id }) => id);
  await lab.pass({ sequences: [ids], reads: [], edits: [...edits], signal, onChunk: () => undefined });
  return infos;
}
