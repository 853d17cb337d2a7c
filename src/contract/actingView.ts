import type {
  EditFactParams,
  EditFactResult,
  EditInfo,
  EditTestResult,
  Fact,
  FeaturesInfo,
  FeaturesMeasures,
  FeaturesTrainParams,
  FeaturesTrainProgress,
  FeaturesTrainResult,
  FeatureUse,
} from "./acting";
import type { ErrorData } from "./errors";
import type { Fraction } from "./instruments";
import type { Method } from "./method";

/** Text that an instrument learns from or looks through. A folder is one that a person chose; the host knows where it lies. */
export type Corpus =
  { kind: "workspace" } | { kind: "folder"; id: string; title: string } | { kind: "text"; text: string };

/** A folder below `.vitrine/features`. */
export interface FeatureFolder {
  name: string;
  /** A training was stopped there and can be taken up again. */
  checkpoint: boolean;
  info?: FeaturesInfo;
  /** Why it cannot be read. */
  error?: ErrorData;
}

/** A file of `.vitrine/edits`, with whether it acts on answers now. */
export interface EditFile {
  name: string;
  on: boolean;
  info?: EditInfo;
  error?: ErrorData;
}

export type FeaturesTrainForm = Omit<FeaturesTrainParams, "texts" | "out"> & { name: string; corpus: Corpus };
export type EditForm = Omit<EditFactParams, "out" | "corpus"> & { name: string };

/**
 * What the panels that change a model ask of the host: they name files of the workspace, and the host says where those
 * lie, what text is read, and puts what is switched on into the list of interventions.
 */
export interface ActingViewMethods {
  /** Asks a person for a folder of text; null when they chose none. */
  pickCorpus: Method<object, { corpus: Corpus | null }>;
  featureFolders: Method<object, { folders: FeatureFolder[] }>;
  /** Copies a folder in SAELens' or Gemma Scope's layout into the workspace; null when none was chosen. */
  importFeatures: Method<object, { name: string | null }>;
  trainFeatures: Method<FeaturesTrainForm, FeaturesTrainResult, FeaturesTrainProgress>;
  evaluateFeatures: Method<{ folder: string; corpus: Corpus }, FeaturesMeasures, Fraction>;
  browseFeatures: Method<
    { folder: string; corpus: Corpus; count: number },
    { tokens: number; features: number; partial: boolean },
    Fraction
  >;
  labelFeature: Method<{ folder: string; feature: number; label: string }, null>;
  /** Saves what is known of the features as JSON Lines in Neuronpedia's form. */
  exportFeatures: Method<{ folder: string }, { saved: boolean }>;
  /** Puts a feature into the list of interventions, switched on. */
  useFeature: Method<FeatureUse, { name: string }>;
  editFiles: Method<object, { edits: EditFile[] }>;
  makeEdit: Method<EditForm, EditFactResult & { name: string }, Fraction>;
  testEdit: Method<{ name: string; facts: Fact[] }, EditTestResult, Fraction>;
  switchEdit: Method<{ name: string; on: boolean }, null>;
  /** Asks first; false when the person kept it. */
  deleteEdit: Method<{ name: string }, { deleted: boolean }>;
}
