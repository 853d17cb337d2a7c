import type { EngineMethods } from "../../contract/engine";
import type { Handlers } from "../../contract/method";
import { attention } from "./attention";
import { attribution } from "./attribution";
import { editedLab } from "./editedLab";
import { embedding, embeddingMap } from "./embeddings";
import type { Lab } from "./lab";
import { layers } from "./layers";
import { lens } from "./lens";
import { neuronCandidates } from "./neuronCandidates";
import { neuronExamples } from "./neuronExamples";
import { neuronExperiment } from "./neuronExperiment";
import { neurons } from "./neurons";
import { surprisal } from "./surprisal";
import { tunedLensFit } from "./tunedLens";
import { neuronValue } from "./valueVectors";

/** The instruments as methods of the engine. `lab` gives the loaded model, or throws `noModel`. */
export function instruments(lab: () => Lab) {
  return {
    lens: async (params, context) => lens(editedLab(lab(), params.edits), params, context),
    tunedLensFit: async (params, context) => tunedLensFit(lab(), params, context),
    layers: async (params, context) => layers(editedLab(lab(), params.edits), params, context),
    attribution: async (params, context) => attribution(editedLab(lab(), params.edits), params, context),
    neurons: async (params, context) => neurons(editedLab(lab(), params.edits), params, context),
    neuronValue: async (params) => neuronValue(lab(), params),
    neuronExamples: async (params, context) => neuronExamples(lab(), params, context),
    neuronExperiment: async (params, context) => neuronExperiment(lab(), params, context),
    neuronCandidates: async (params, context) => neuronCandidates(lab(), params, context),
    attention: async (params, context) => attention(editedLab(lab(), params.edits), params, context),
    embedding: async (params, context) => embedding(lab(), params, context),
    embeddingMap: async (params) => embeddingMap(lab(), params),
    surprisal: async (params, context) => surprisal(lab(), params, context),
  } satisfies Partial<Handlers<EngineMethods>>;
}
