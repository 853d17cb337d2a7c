import type { ActingMethods } from "../../contract/acting";
import type { Fraction } from "../../contract/instruments";
import type { CallContext, Handlers } from "../../contract/method";
import { extractDirection, type Progressing } from "./directions/extract";
import { promptSets } from "./directions/sets";
import { directionInfo, directionInterventions, directionMeter } from "./directions/use";
import { testDirection } from "./directions/validate";
import { benchEdits } from "./edits/bench";
import { editFact } from "./edits/editFact";
import { editInfo, loadEdits } from "./edits/info";
import { locateFact } from "./edits/locateFact";
import { proposeTests } from "./edits/propose";
import { testEdit } from "./edits/testEdit";
import { browseFeatures } from "./features/browse";
import { evaluateSae } from "./features/evaluate";
import { checkFits, featuresInfo, writeLabel } from "./features/info";
import type { Products, Shape } from "./features/products";
import {
  exportNeuronpedia,
  featureInterventions,
  featuresOfTokens,
  listFeatures,
  proposeLabel,
  showFeature,
} from "./features/show";
import { windowsOf } from "./features/stream";
import { trainFeatures } from "./features/train";
import { loadSae } from "./files/saelens";
import type { Lab } from "./lab";
import { patch } from "./patching/patch";
import { patchscope } from "./patching/patchscope";
import { trace } from "./patching/trace";
import { steerGrid } from "./steering/grid";

/** What the acting instruments need of the engine beside the lab. */
export interface ActingEngine {
  /** Throws `noModel`. */
  lab(): Lab;
  /** Matrix products on the model's devices. */
  products(shape: Shape): Products;
  /** The loaded model's card, or nothing: files can be looked at without a model. */
  model(): Lab["info"] | undefined;
}

/** The acting half of the microscope as methods: directions, steering, patching, features, edits. */
export function acting({ lab, products, model }: ActingEngine): Handlers<ActingMethods> {
  return {
    promptSets: () => Promise.resolve({ sets: promptSets() }),
    directionExtract: async (params, call) => extractDirection(lab(), params, progressing(call)),
    directionTest: async (params, call) => testDirection(lab(), params, progressing(call)),
    directionInfo: async ({ file }) => Promise.resolve(directionInfo(file, model())),
    directionInterventions: async (use, { signal }) => ({
      interventions: await directionInterventions(lab(), use, signal),
    }),
    directionMeter: async ({ file, layer }, { signal }) => directionMeter(lab(), file, layer, signal),
    steerGrid: async (params, call) => steerGrid(lab(), params, progressing(call)),

    patch: async (params, call) => patch(lab(), params, progressing(call)),
    trace: async (params, call) => trace(lab(), params, progressing(call)),
    patchscope: async (params, call) => patchscope(lab(), params, progressing(call)),

    featuresTrain: async (params, { signal, progress }) => trainFeatures(lab(), params, { signal, progress, products }),
    featuresEvaluate: async ({ folder, texts }, call) => {
      const { signal, progress } = progressing(call);
      const sae = await loadSae(folder);
      checkFits(lab(), sae);
      return evaluateSae(
        lab(),
        sae,
        windowsOf(
          lab(),
          texts.map((text) => ({ text })),
        ),
        signal,
        progress,
      );
    },
    featuresInfo: async ({ folder }) => featuresInfo(folder, model()),
    featuresBrowse: async (params, call) => browseFeatures(lab(), params, progressing(call)),
    featuresList: async (params) => listFeatures(lab(), params),
    featureShow: async ({ folder, feature }) => showFeature(lab(), folder, feature),
    featureLabel: async ({ folder, feature, label }) => {
      await writeLabel(folder, feature, label);
      return null;
    },
    featureProposeLabel: async ({ folder, feature }, { signal }) => ({
      label: await proposeLabel(lab(), folder, feature, signal),
    }),
    featuresOfTokens: async (params, { signal }) => featuresOfTokens(lab(), params, signal),
    featureInterventions: async (use) => ({ interventions: await featureInterventions(lab(), use) }),
    featuresExport: async ({ folder, file }) => exportNeuronpedia(lab(), folder, file),

    editFact: async (params, call) => editFact(lab(), params, progressing(call)),
    editTest: async (params, call) => testEdit(lab(), params, progressing(call)),
    editBench: async (params, call) => benchEdits(lab(), params, progressing(call)),
    editInfo: async ({ file }) => Promise.resolve(editInfo(file, model())),
    editLocate: async (params, call) => locateFact(lab(), params, progressing(call)),
    editPropose: async (params, call) => proposeTests(lab(), params, progressing(call)),
    editLoad: async ({ edits }, { signal }) => ({ edits: await loadEdits(lab(), edits, signal) }),
  };
}

function progressing({ signal, progress }: CallContext<Fraction>): Progressing {
  return { signal, progress: (done, total, message) => progress({ done, total, message }) };
}
