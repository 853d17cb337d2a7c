import type { Behaviour, Fraction } from "./instruments";
import type { Method } from "./method";
import type { Intervention, Site, Where } from "./sites";
import type { Token } from "./token";
import type { EditUse, Input } from "./verbs";

/** A rate with the count it was taken over and its 95 % interval (Wilson 1927). */
export interface Rate {
  rate: number;
  n: number;
  low: number;
  high: number;
}

// --- directions (difference of means: Marks & Tegmark 2023; choice: Arditi et al. 2024, 2406.11717)

/** A pair of prompt sets with the behaviour that tells them apart, as it ships or as a person made it. */
export interface PromptSet {
  id: string;
  title: string;
  /** One sentence: what is found with it. */
  about: string;
  positive: Input[];
  negative: Input[];
  behaviour?: Behaviour;
  /** Prompts kept apart from finding the direction, for its proof. */
  heldOut?: { positive: Input[]; negative: Input[] };
}

export interface DirectionExtractParams {
  /** Prompts where the behaviour appears, and prompts where it does not. */
  positive: Input[];
  negative: Input[];
  method: "meanDifference" | "pairedPca";
  /** `auto` chooses by validation, `all` writes one direction a layer, a number takes that layer (0-based block output). */
  layer: "auto" | "all" | number;
  /** Positions looked at, from the end of the prompt; -1..-5 when absent. */
  positions?: number[];
  /** Needed for the automatic choice by effect; without it the choice is by separation alone, and says so. */
  behaviour?: Behaviour;
  /** Neutral text for the KL limit; a shipped set when absent. */
  neutral?: string[];
  /** Share of each set kept for validation, 0.2 unless given. */
  validation?: number;
  name: string;
  /** The control-vector file to write. */
  out: string;
  think?: "off" | "auto";
}

export interface DirectionCandidate {
  layer: number;
  /** From the end of the prompt. */
  position: number;
  /** Length of the difference of means, and the layer's mean residual norm. */
  norm: number;
  scale: number;
  /** Separation of the validation sets by projection. */
  auc: number;
  /** Mean log-odds of the behaviour's first tokens on the positive side with the direction ablated (absent without a behaviour). */
  ablated?: number;
  /** The same with the projection set to the negative set's mean. */
  levelled?: number;
  /** ... and on the negative side with the direction added, at `strength` (units of the residual norm). */
  added?: number;
  strength?: number;
  /** Where adding did best: everywhere, or on the prompt's last token alone. */
  where?: "all" | "lastPrompt";
  /** KL(plain || ablated) on neutral text, nats a token, of zeroing and of levelling. */
  kl?: number;
  klLevelled?: number;
  /** Why it was left out of the choice; absent for one that was admitted. */
  rejected?: string;
}

export interface DirectionExtractResult {
  file: string;
  name: string;
  layer: number;
  position: number;
  /** Length of the raw difference, and the layer's mean residual norm: `norm / scale` is the strength that moves one set's mean onto the other's. */
  norm: number;
  scale: number;
  /** Mean projections of both sets on the unit vector, at the chosen layer and position. */
  meanPositive: number;
  meanNegative: number;
  /** What calls the behaviour forth when added, in units of the residual norm. */
  strength: number;
  /** Which way of taking it away did better on the validation prompts. */
  removal: "zero" | "mean";
  candidates: DirectionCandidate[];
  n: { positive: number; negative: number; validation: number };
  /** Sentences about what is doubtful: no behaviour given, baseline one-sided, no candidate within the KL limit. */
  warnings: string[];
}

/** What a direction file says of itself. */
export interface DirectionInfo {
  file: string;
  name: string;
  /** `vitrine` and `repeng`: `direction.N` belongs to block N's output. `cvector`: made one block earlier than it is applied. */
  convention: "vitrine" | "repeng" | "cvector" | "unknown";
  layers: number[];
  width: number;
  /** The layer that was chosen, where the file names one. */
  layer?: number;
  position?: number;
  /** What the file says of its use: strength and place for adding, and which way of taking it away did better. */
  strength?: number;
  where?: "all" | "lastPrompt";
  removal?: "zero" | "mean";
  method?: string;
  norms: { layer: number; norm: number; scale?: number }[];
  /** Fingerprint of the model it was made for; empty where unknown. */
  fingerprint: string;
  /** Made for the model that is loaded; undefined where the file does not say. */
  matches?: boolean;
  modelHint: string;
  warnings: string[];
}

/**
 * How a direction acts.
 * - `add`: strength x (the layer's mean residual norm) x unit vector
 * - `zero`: the projection is set to 0 at every site of the stream (directional ablation)
 * - `mean`: the projection is set to the negative set's mean
 */
export type DirectionMode = "add" | "zero" | "mean";

export interface DirectionUse {
  file: string;
  mode: DirectionMode;
  /**
   * For `add` in units of the layer's mean residual norm, the file's own when absent; for the others 0..1, the share taken
   * away, 1 unless given.
   */
  strength?: number;
  /** The file's own layer (or all of its layers) when absent. */
  layers?: number[];
  where?: Where;
}

export interface DirectionTestParams {
  file: string;
  positive: Input[];
  negative: Input[];
  behaviour: Behaviour;
  neutral?: string[];
  /** For adding; the file's own when absent. */
  strength?: number;
  max?: number;
  think?: "off" | "auto";
  /** Answers kept a row of the table. */
  examples?: number;
}

export interface BehaviourRates {
  positive: Rate;
  negative: Rate;
}

export interface Cost {
  /** KL(plain || altered), nats a token of neutral text. */
  kl: number;
  perplexity: { before: number; after: number };
}

export interface AnswerPair {
  prompt: string;
  set: "positive" | "negative";
  mode: DirectionMode;
  before: string;
  after: string;
  /** Mean entropy of the altered answer's tokens, nats, and whether it has collapsed (a loop, or noise). */
  entropy: number;
  collapsed: boolean;
}

export interface DirectionTestResult {
  baseline: BehaviourRates;
  added: BehaviourRates;
  /** Projection set to zero, and to the negative set's mean. */
  ablated: BehaviourRates;
  mean: BehaviourRates;
  n: { positive: number; negative: number };
  /** Share of altered answers that have collapsed, by mode. */
  collapsed: { added: number; ablated: number; mean: number };
  /** Cost of projecting out (zero); the others beside it. */
  kl: number;
  perplexity: { before: number; after: number };
  costs: { added: Cost; ablated: Cost; mean: Cost };
  strength: number;
  examples: AnswerPair[];
}

// --- steering

export interface SteerGridParams {
  file: string;
  prompts: Input[];
  behaviour: Behaviour;
  /** In units of the layer's mean residual norm. */
  strengths: number[];
  layers: "all" | number[];
  where?: Where;
  neutral?: string[];
  max?: number;
  think?: "off" | "auto";
}

export interface SteerGridCell {
  layer: number;
  strength: number;
  rate: Rate;
  kl: number;
  collapsed: number;
  answers: string[];
}

export interface SteerGridResult {
  layers: number[];
  strengths: number[];
  /** rate[layer][strength], kl likewise. */
  rate: number[][];
  kl: number[][];
  cells: SteerGridCell[];
  n: number;
  partial: boolean;
}

// --- patching (Vig et al. 2020; Meng et al. 2022, 2202.05262; Ghandeharioun et al. 2024, 2401.06102)

export interface PatchParams {
  clean: Input;
  corrupt: Input;
  target: string;
  foil: string;
  site: Site;
  /** A row a head (site `z`). */
  heads?: boolean;
  layers?: number[];
  positions?: number[];
}

export interface PatchResult {
  site: Site;
  rows: { layer: number; head?: number }[];
  positions: number[];
  /** [row][position]: 0 is the corrupt run, 1 the clean one, of the measure. */
  restored: number[][];
  /** The measure in both runs: logit(target) - logit(foil), or for a trace the target's probability. */
  clean: number;
  corrupt: number;
  tokens: { clean: Token[]; corrupt: Token[] };
  target: Token;
  foil?: Token;
  partial: boolean;
}

export interface TraceParams {
  input: Input;
  /** Text within the prompt whose embeddings are noised. */
  subject: string;
  target: string;
  site?: Site;
  /** Noise in standard deviations of the embedding table's entries; 3 unless given. */
  noise?: number;
  samples?: number;
  /** Layers restored together around each row, 1 unless given. */
  window?: number;
  seed?: number;
}

export interface TraceResult extends PatchResult {
  subject: { from: number; to: number };
}

export interface PatchscopeParams {
  input: Input;
  position: number;
  /** One layer, or every layer (the table) when absent. */
  layer?: number;
  /** The prompt that asks what the state is, and the position that receives it. */
  into?: Input;
  at?: number;
  /** Layer that receives it; the same as the source's when absent. */
  intoLayer?: number;
  max?: number;
}

export interface PatchscopeResult {
  source: Token;
  rows: { layer: number; text: string; tokens: Token[]; p: number }[];
  /** The answer with nothing patched. */
  plain: string;
}

// --- features (Bricken et al. 2023; TopK: Gao et al. 2024, 2406.04093; JumpReLU: Rajamanoharan et al. 2024, 2407.14435)

export type FeatureKind = "l1" | "topk" | "jumprelu";

export interface FeaturesTrainParams {
  texts: { source: string; text: string }[];
  site: Site;
  layer: number;
  kind: FeatureKind;
  features: number;
  /** Weight of sum |alpha| (l1), or of the L0 penalty (jumprelu). */
  lambda?: number;
  k?: number;
  /** Activation rows seen in training; 40 a feature when absent, at least one pass. */
  rows?: number;
  batch?: number;
  learningRate?: number;
  seed?: number;
  /** Folder of the SAE; a checkpoint there is continued. */
  out: string;
  /** Start anew although there is a checkpoint. */
  fresh?: boolean;
}

export interface FeaturesTrainProgress {
  step: number;
  steps: number;
  rows: number;
  loss: number;
  /** Of the batch, before anything held out. */
  explainedVariance: number;
  l0: number;
  dead: number;
  /** Nodes of the work: seconds so far, and the share of it spent in matrix products. */
  seconds: number;
  products: number;
}

export interface FeaturesMeasures {
  l0: number;
  explainedVariance: number;
  /** Share of the cross-entropy that zeroing the site costs which the reconstruction gives back. */
  ceRecovered: number;
  ce: { plain: number; reconstructed: number; zeroed: number };
  dead: number;
  /** Tokens it was measured on. */
  tokens: number;
}

export interface FeaturesTrainResult extends FeaturesMeasures {
  folder: string;
  rows: number;
  seconds: number;
  /** Seconds of the whole divided by seconds of the bare products (same shapes, same threads, taken in the run). */
  overhead: number;
  /** Stopped before the end; a checkpoint is kept. */
  partial: boolean;
}

export interface FeaturesInfo {
  folder: string;
  kind: FeatureKind;
  site: Site;
  layer: number;
  width: number;
  features: number;
  k?: number;
  fingerprint: string;
  matches?: boolean;
  measures?: FeaturesMeasures;
  labelled: number;
  warnings: string[];
}

export interface FeaturesBrowseParams {
  folder: string;
  texts: { source: string; text: string }[];
  /** Contexts kept a feature. */
  count: number;
}

export interface FeatureContext {
  source: string;
  tokens: string[];
  activations: number[];
  at: number;
}

export interface FeatureSummary {
  feature: number;
  /** Share of tokens on which it is active. */
  density: number;
  maxActivation: number;
  label: string;
  promotes: { text: string; id: number; logit: number }[];
}

export interface FeatureShown extends FeatureSummary {
  suppresses: { text: string; id: number; logit: number }[];
  contexts: FeatureContext[];
  nearest: { feature: number; cosine: number }[];
  histogram: { edges: number[]; counts: number[] };
}

export interface FeaturesOfTokenResult {
  tokens: Token[];
  /** By position: its strongest features. */
  positions: { position: number; features: { feature: number; activation: number; label: string }[] }[];
}

export interface FeatureUse {
  folder: string;
  feature: number;
  /**
   * - `steer`: adds `value` times the feature's decoder vector, in units of the feature's greatest activation seen
   * - `clamp`: sets the feature's activation to `value` (same units)
   * - `ablate`: sets it to 0
   */
  mode: "steer" | "clamp" | "ablate";
  value?: number;
  where?: Where;
}

// --- edits (Dai et al. 2021, 2104.08696; Meng et al. 2022, 2202.05262)

export interface Fact {
  /** Raw text that ends where the answer begins; the subject occurs in it. */
  prompt: string;
  subject: string;
  from: string;
  to: string;
  paraphrases?: string[];
  /** Facts that must stay as they are. */
  neighbours?: { prompt: string; answer: string }[];
  /** The prompts are questions of a person, put through the chat template. */
  chat?: boolean;
}

export type EditMethod = "neurons" | "rank-one";

export interface EditFactParams extends Fact {
  method: EditMethod;
  out: string;
  /** Layer of a rank-one edit; found by causal tracing when absent. */
  layer?: number;
  /** Text for the key statistics; the model's own samples when absent. */
  corpus?: string[];
  /** Subjects of the same kind, whose activations the new value may be made of; words of the vocabulary beside them. */
  donors?: string[];
  seed?: number;
}

/** What the model says to a fact's prompt. */
export interface FactState {
  /** Greedy continuation. */
  answer: string;
  /** Probabilities of the whole old and the whole new answer. */
  pFrom: number;
  pTo: number;
}

export interface EditFactResult {
  file: string;
  method: EditMethod;
  layer: number;
  /** `layer.neuron`, the edited neurons; empty for a rank-one edit. */
  neurons: string[];
  before: FactState;
  after: FactState;
  success: boolean;
  /** KL(plain || edited) on neutral text, nats a token, and perplexity there. */
  cost: Cost;
  /** Scales, search steps and the like, for the record. */
  details: Record<string, number | string>;
  warnings: string[];
}

export interface EditRates {
  /** Share whose answer is no longer the old one; whose answer is the new one; of paraphrases; of neighbours kept. */
  change: number;
  success: number;
  paraphrase: number;
  neighbourhood: number;
  n: number;
}

export interface EditTestParams {
  file: string;
  scale?: number;
  facts: Fact[];
  neutral?: string[];
}

export interface EditTestResult extends EditRates {
  rates: { change: Rate; success: Rate; paraphrase: Rate; neighbourhood: Rate };
  cost: Cost;
  facts: {
    before: FactState;
    after: FactState;
    paraphrases: { prompt: string; answer: string; kept: boolean }[];
    neighbours: { prompt: string; expected: string; answer: string; kept: boolean }[];
  }[];
  /** Sentences such as: the edit did nothing; it broke its neighbours. */
  warnings: string[];
}

export interface EditBenchParams {
  facts: Fact[];
  method: EditMethod;
  /** Folder for the adapters; a temporary one when absent. */
  folder?: string;
  corpus?: string[];
  seed?: number;
}

export interface EditBenchResult extends EditRates {
  method: EditMethod;
  rates: EditTestResult["rates"];
  kl: number;
  /** Facts that the untouched model does not answer with `from`: edited, but not counted in the rates. */
  unknown: number;
  seconds: number;
  facts: {
    prompt: string;
    from: string;
    to: string;
    answer: string;
    layer: number;
    success: boolean;
    change: boolean;
  }[];
  partial: boolean;
}

export interface EditInfo {
  file: string;
  architecture: string;
  fingerprint: string;
  matches?: boolean;
  rank: number;
  /** Tensors the adapter adds to, with the Frobenius norm of what it adds. */
  tensors: { name: string; rank: number; norm: number }[];
  /** The fact, where the file is one of ours. */
  fact?: Fact;
  method?: EditMethod;
  layer?: number;
  neurons?: string[];
  warnings: string[];
}

/** Where a fact is held: what an edit of it would act on. */
export interface EditLocateResult {
  tokens: Token[];
  subject: { from: number; to: number };
  /** The old answer's first token, and its probability. */
  answer: Token;
  p: number;
  /** How the model begins instead, where that is another token. */
  begins?: { token: Token; p: number };
  /** Neurons that carry that token at the last position, by what its log-probability loses when one is set to zero (nats). */
  neurons: { id: string; activation: number; contribution: number; drop: number }[];
  /** Causal trace of the MLPs' outputs at the subject's last token: share of the old answer's log-probability that comes back. */
  layers: { layer: number; restored: number }[];
  /** Layers a rank-one edit would try, in this order. */
  candidates: number[];
}

/** Test prompts for a fact, each checked on the untouched model. */
export interface EditProposal {
  /** Other wordings to which the model gives the old answer too. */
  paraphrases: string[];
  /** The same question about other subjects, with what the model says to it. */
  neighbours: { prompt: string; answer: string }[];
}

/** The acting half of the microscope, as methods of the engine. */
export interface ActingMethods {
  promptSets: Method<object, { sets: PromptSet[] }>;
  directionExtract: Method<DirectionExtractParams, DirectionExtractResult, Fraction>;
  directionTest: Method<DirectionTestParams, DirectionTestResult, Fraction>;
  directionInfo: Method<{ file: string }, DirectionInfo>;
  /** A direction as interventions of the loaded model, for `generate`, `observe` and every probe. */
  directionInterventions: Method<DirectionUse, { interventions: Intervention[] }>;
  /** A direction as a meter for `generate`. */
  directionMeter: Method<
    { file: string; layer?: number },
    { name: string; layer: number; vector: Float32Array; scale: number }
  >;
  steerGrid: Method<SteerGridParams, SteerGridResult, Fraction>;
  patch: Method<PatchParams, PatchResult, Fraction>;
  trace: Method<TraceParams, TraceResult, Fraction>;
  patchscope: Method<PatchscopeParams, PatchscopeResult, Fraction>;
  featuresTrain: Method<FeaturesTrainParams, FeaturesTrainResult, FeaturesTrainProgress>;
  featuresEvaluate: Method<{ folder: string; texts: string[] }, FeaturesMeasures, Fraction>;
  featuresInfo: Method<{ folder: string }, FeaturesInfo>;
  /** Runs text through the model and keeps densities and contexts beside the SAE. */
  featuresBrowse: Method<FeaturesBrowseParams, { tokens: number; features: number; partial: boolean }, Fraction>;
  featuresList: Method<
    { folder: string; search?: string; from?: number; count?: number },
    { total: number; features: FeatureSummary[] }
  >;
  featureShow: Method<{ folder: string; feature: number }, FeatureShown>;
  featureLabel: Method<{ folder: string; feature: number; label: string }, null>;
  /** A label proposed by the loaded model from the strongest contexts; nothing is written. */
  featureProposeLabel: Method<{ folder: string; feature: number }, { label: string }>;
  featuresOfTokens: Method<{ folder: string; input: Input; count: number }, FeaturesOfTokenResult>;
  featureInterventions: Method<FeatureUse, { interventions: Intervention[] }>;
  /** JSON Lines as Neuronpedia exports them. */
  featuresExport: Method<{ folder: string; file: string }, { file: string; features: number }>;
  editFact: Method<EditFactParams, EditFactResult, Fraction>;
  editTest: Method<EditTestParams, EditTestResult, Fraction>;
  editBench: Method<EditBenchParams, EditBenchResult, Fraction>;
  editInfo: Method<{ file: string }, EditInfo>;
  editLocate: Method<Fact, EditLocateResult, Fraction>;
  editPropose: Method<Fact, EditProposal, Fraction>;
  /** Checks that adapters can be used with the loaded model and loads them; the verbs name them in `edits`. */
  editLoad: Method<{ edits: EditUse[] }, { edits: EditInfo[] }>;
}
