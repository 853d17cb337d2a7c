import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { EditBenchParams, EditBenchResult, EditFactParams } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { Progressing } from "../directions/extract";
import { neutralText } from "../directions/neutralText";
import type { Lab } from "../lab";
import { mean } from "../maths/statistics";
import { costOf, neutralTokens } from "../measures/neutral";
import { makeEdit, writeEdit } from "./editFact";
import { answered, factTokens, say } from "./facts";
import { outcomeOf, ratesOf, type FactOutcome } from "./testEdit";

/** Edits each fact alone over the untouched model and gives the rates over all that the model knew. */
export async function benchEdits(lab: Lab, params: EditBenchParams, run: Progressing): Promise<EditBenchResult> {
  if (params.facts.length === 0) fail("badArgument", "There is no fact to edit.");
  const started = performance.now();
  const own = params.folder === undefined;
  const folder = params.folder ?? (await mkdtemp(path.join(tmpdir(), "vitrine-edits-")));
  const passages = neutralTokens(lab, neutralText, 6);
  const outcomes: FactOutcome[] = [];
  const kls: number[] = [];
  const facts: EditBenchResult["facts"] = [];
  const subjects = params.facts.map(({ subject }) => subject);
  let unknown = 0;
  try {
    for (const [i, fact] of params.facts.entries()) {
      if (run.signal.aborted) break;
      run.progress(i, params.facts.length, `editing ${fact.subject}`);
      const tokens = await factTokens(lab, fact);
      const [knew] = await answered(lab, [{ prompt: tokens.prompt, answer: tokens.from }], { signal: run.signal });
      if (!knew) {
        unknown++;
        continue;
      }
      const edit: EditFactParams = {
        ...fact,
        method: params.method,
        out: path.join(folder, `${i}.gguf`),
        donors: subjects.filter((subject) => subject !== fact.subject),
        ...(params.corpus ? { corpus: params.corpus } : {}),
      };
      const made = await makeEdit(lab, edit, tokens, { signal: run.signal, progress: () => undefined });
      await writeEdit(lab, edit, made);
      const edits = [{ file: edit.out }];
      const outcome = await outcomeOf(lab, tokens, edits, run.signal);
      outcomes.push(outcome);
      kls.push((await costOf(lab, passages, { edits }, run.signal)).kl);
      facts.push({
        prompt: fact.prompt,
        from: fact.from,
        to: fact.to,
        answer: (await say(lab, tokens.prompt, { edits, signal: run.signal })).trim(),
        layer: made.layer,
        success: outcome.success,
        change: outcome.change,
      });
    }
  } catch (error) {
    // What was measured before a cancel is given, and said to be partial.
    if (!run.signal.aborted) throw error;
  } finally {
    if (own) await rm(folder, { recursive: true, force: true });
  }
  return {
    method: params.method,
    ...ratesOf(outcomes),
    kl: mean(kls),
    unknown,
    seconds: (performance.now() - started) / 1000,
    facts,
    partial: run.signal.aborted,
  };
}
