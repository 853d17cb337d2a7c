import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { VitrineError } from "../../../src/contract/errors";
import type { Input } from "../../../src/contract/verbs";
import type { Progressing } from "../../../src/engine/microscope/directions/extract";
import type { Lab } from "../../../src/engine/microscope/lab";
import { writeRandomModel } from "../../fixtures/models/randomModel";
import { openModel, type Opened } from "../open";

/** A small model of random weights: what holds on it does not hang on what a model knows. */
export interface RandomLab {
  lab: Lab;
  opened: Opened;
  folder: string;
  file(name: string): string;
  close(): Promise<void>;
}

export async function openRandom(seed = 1): Promise<RandomLab> {
  const folder = mkdtempSync(path.join(tmpdir(), "vitrine-acting-"));
  const opened = await openModel(writeRandomModel("llama", folder, { seed }), { context: 256 });
  return {
    lab: opened.engine.lab(),
    opened,
    folder,
    file: (name) => path.join(folder, name),
    async close() {
      await opened.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export const run: Progressing = { signal: new AbortController().signal, progress: () => undefined };
export const prompt = (text: string): Input => ({ kind: "prompt", text });
export const idsOf = (lab: Lab, text: string) => lab.tokenize(text, false).map(({ id }) => id);

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof VitrineError) return error.code;
    throw error;
  }
  return "nothing";
}
