import type { EditFactParams, EditFactResult } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { Progressing } from "../directions/extract";
import { neutralText } from "../directions/neutralText";
import { writeLora } from "../files/lora";
import type { Lab } from "../lab";
import { costOf, neutralTokens } from "../measures/neutral";
import { answered, factState, factTokens, type FactTokens } from "./facts";
import { neuronsEdit } from "./neuronsEdit";
import { rankOneEdit, type MadeEdit } from "./rankOne";

/** Edits one fact and writes the change as a LoRA adapter over the untouched model; then says what the model answers with it. */
export async function editFact(lab: Lab, params: EditFactParams, run: Progressing): Promise<EditFactResult> {
  const fact = await factTokens(lab, params);
  const before = await factState(lab, fact, { signal: run.signal });
  const [said] = await answered(lab, [{ prompt: fact.prompt, answer: fact.to }], { signal: run.signal });
  if (said) {
    fail("badArgument", `The model says '${params.to}' already.`, {
      remedy: "Choose another new answer.",
      details: { ...before },
    });
  }
  const made = await makeEdit(lab, params, fact, run);
  await writeEdit(lab, params, made);
  const edits = [{ file: params.out }];
  const after = await factState(lab, fact, { edits, signal: run.signal });
  const [success] = await answered(lab, [{ prompt: fact.prompt, answer: fact.to }], { edits, signal: run.signal });
  const cost = await costOf(lab, neutralTokens(lab, neutralText), { edits }, run.signal);
  const warnings = [...made.warnings];
  const [knew] = await answered(lab, [{ prompt: fact.prompt, answer: fact.from }], { signal: run.signal });
  if (!knew) warnings.unshift(`The untouched model does not say '${params.from}' but '${before.answer}'.`);
  if (!success)
    warnings.push(
      after.answer === before.answer ? "The edit did nothing." : "The answer changed, but not to the new one.",
    );
  if (cost.kl > 0.1) warnings.push(`The edit disturbs neutral text: ${cost.kl.toFixed(2)} nats a token.`);
  return {
    file: params.out,
    method: params.method,
    layer: made.layer,
    neurons: made.neurons,
    before,
    after,
    success: success!,
    cost,
    details: made.details,
    warnings,
  };
}

export async function makeEdit(
  lab: Lab,
  params: EditFactParams,
  fact: FactTokens,
  run: Progressing,
): Promise<MadeEdit> {
  if (params.method === "neurons") return neuronsEdit(lab, params, fact, run);
  if (params.method === "rank-one") return rankOneEdit(lab, params, fact, run);
  fail("badArgument", `There is no method '${String(params.method)}'; there are neurons and rank-one.`);
}

export async function writeEdit(lab: Lab, params: EditFactParams, made: MadeEdit): Promise<void> {
  const { prompt, subject, from, to, paraphrases, neighbours, chat } = params;
  await writeLora(params.out, {
    architecture: lab.info.architecture,
    deltas: made.deltas,
    notes: {
      method: params.method,
      fingerprint: lab.info.fingerprint,
      layer: String(made.layer),
      neurons: made.neurons.join(" "),
      fact: JSON.stringify({ prompt, subject, from, to, paraphrases, neighbours, chat }),
    },
  });
}
