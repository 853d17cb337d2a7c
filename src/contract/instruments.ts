import type { EditUse, Input, LensCell } from "./verbs";
import type { Intervention, Site, SiteAt } from "./sites";
import type { Token } from "./token";

/** A prompt as an instrument takes it, with the interventions that are switched on. */
export interface Probe {
  input: Input;
  interventions?: Intervention[];
  edits?: EditUse[];
}

export interface TextScore {
  text: string;
  id: number;
  value: number;
}

// --- lens (nostalgebraist 2020, "interpreting GPT: the logit lens"; tuned: Belrose et al. 2023, 2303.08112)

export interface LensParams extends Probe {
  sites: Site[];
  top: number;
  /** Text of one token whose probability and rank are followed. */
  target?: string;
  /** File of a tuned lens; the plain logit lens when absent. */
  tuned?: string;
}

export interface LensRow {
  site: Site;
  layer?: number;
  cells: LensCell[];
}

export interface LensResult {
  tokens: Token[];
  rows: SiteAt[];
  /** cells[row][position] */
  cells: LensCell[][];
  target?: Token;
  /** True when the run was cancelled and rows are missing. */
  partial: boolean;
}

/** Rows arrive as they are computed, a chunk of positions at a time. */
export interface LensProgress {
  tokens?: Token[];
  rows?: SiteAt[];
  chunk?: { row: number; from: number; cells: LensCell[] };
  fraction: number;
}

export interface TunedLensFitParams {
  texts: string[];
  /** Ridge penalty relative to the mean eigenvalue of the covariance. */
  ridge: number;
  out: string;
}

export interface TunedLensFitResult {
  file: string;
  tokens: number;
  /** Mean KL from the model's output a layer, on held-out positions, nats. */
  layers: { layer: number; plain: number; tuned: number }[];
}

// --- layers

export interface LayersParams extends Probe {
  /** -1 is the last. */
  position: number;
  top: number;
}

export interface BlockEffect {
  /** KL(after || before), nats. */
  kl: number;
  promoted: Promoted[];
  suppressed: Promoted[];
  before: { id: number; text: string; p: number }[];
  after: { id: number; text: string; p: number }[];
}

export interface Promoted {
  id: number;
  text: string;
  /** Change of log-probability. */
  delta: number;
  /** Change of the (normed) logit. */
  logitDelta: number;
}

export interface LayersResult {
  tokens: Token[];
  position: number;
  layers: { layer: number; attn?: BlockEffect; mlp?: BlockEffect; whole?: BlockEffect }[];
}

// --- attribution (direct logit attribution; Elhage et al. 2021)

export interface AttributionParams extends Probe {
  position: number;
  target: string;
  foil?: string;
}

export interface AttributionPart {
  kind: "embed" | "head" | "attn" | "mlp" | "bias";
  layer?: number;
  head?: number;
  contribution: number;
}

export interface AttributionResult {
  tokens: Token[];
  position: number;
  target: Token;
  foil?: Token;
  /** The model's own logit (or difference). */
  logit: number;
  /** Sum of the parts, with the final norm's scale frozen. */
  sum: number;
  remainder: number;
  parts: AttributionPart[];
}

// --- neurons (Geva et al. 2020, 2012.14913)

export interface NeuronsParams extends Probe {
  layer?: number;
  position: number;
  target?: string;
  count: number;
}

export interface NeuronScore {
  /** `layer.neuron`, for a mixture `layer.expert.neuron`. */
  id: string;
  activation: number;
  /** To the target's logit; without a target, activation times the value vector's norm. */
  contribution: number;
  promotes: { text: string; id: number; logit: number }[];
  suppresses: { text: string; id: number; logit: number }[];
  expert?: number;
  slot?: number;
}

export interface NeuronsResult {
  tokens: Token[];
  position: number;
  neurons: NeuronScore[];
}

export interface NeuronExamplesParams {
  layer: number;
  texts: { source: string; text: string }[];
  /** Contexts kept a neuron. */
  count: number;
  /** Continue this state file, or begin it. */
  state?: string;
}

export interface NeuronExample {
  activation: number;
  source: string;
  tokens: string[];
  /** Activation at each token shown, same length. */
  activations: number[];
  /** Index of the strongest among `tokens`. */
  at: number;
}

export interface NeuronExamplesResult {
  layer: number;
  tokensSeen: number;
  done: boolean;
  /** By neuron. */
  neurons: { neuron: number; examples: NeuronExample[] }[];
}

export interface Fraction {
  done: number;
  total: number;
  message?: string;
}

/** How a behaviour is recognised in an answer. Any entry that matches is enough. */
export interface Behaviour {
  startsWith?: string[];
  contains?: string[];
  firstToken?: string[];
}

export interface NeuronExperimentParams {
  /** `layer.neuron` */
  id: string;
  positive: Input[];
  negative: Input[];
  behaviour?: Behaviour;
  /** Neutral text for KL. */
  neutral?: string[];
  doses?: number[];
}

export interface Removal {
  /** Rate of the behaviour on the positive prompts, before and after. */
  before: number;
  after: number;
  /** On the negative prompts. */
  negativeBefore: number;
  negativeAfter: number;
  /** KL(plain || removed) on neutral text, nats a token. */
  kl: number;
}

export interface NeuronExperimentResult {
  id: string;
  /** How the behaviour was recognised: as asked, or found from the plain model's first tokens. */
  behaviour: Behaviour;
  correlation: {
    auc: number;
    meanPositive: number;
    meanNegative: number;
    histogram: { edges: number[]; positive: number[]; negative: number[] };
  };
  ablation: { zero: Removal; mean: Removal };
  dose: { activation: number; rate: number; kl: number }[];
  n: { positive: number; negative: number };
}

export interface NeuronCandidatesParams {
  positive: Input[];
  negative: Input[];
  count: number;
}

export interface NeuronCandidatesResult {
  neurons: { id: string; auc: number; meanPositive: number; meanNegative: number }[];
}

// --- attention

export interface AttentionParams extends Probe {
  layer: number;
  head?: number;
}

export interface AttentionResult {
  tokens: Token[];
  layer: number;
  heads: { head: number; pattern: number[][]; /** Weight on the first token, mean over queries. */ sink: number }[];
  mean: number[][];
}

// --- embeddings

export interface EmbeddingParams {
  token?: string;
  /** `king - man + woman` */
  expression?: string;
  count: number;
}

export interface EmbeddingResult {
  tokens: Token[];
  input: { text: string; id: number; cosine: number }[];
  output: { text: string; id: number; cosine: number }[];
  /** The two tables are one. */
  tied: boolean;
}

export interface EmbeddingMapParams {
  texts: string[];
  table: "input" | "output";
}

export interface EmbeddingMapResult {
  points: { text: string; tokens: Token[]; x: number; y: number }[];
  /** Share of variance on the two axes. */
  explained: [number, number];
}

// --- surprisal

export interface SurprisalParams {
  text: string;
  top?: number;
  /** Only tokens from this UTF-16 offset on are wanted (an edited document). */
  from?: number;
}

export interface SurprisalToken extends Token {
  /** UTF-16 offsets. */
  start: number;
  end: number;
  /** -ln p, nats. The first token of a text has none when the model has no beginning token. */
  surprisal: number | null;
  entropy: number | null;
  /** 0 is likeliest. */
  rank: number | null;
  top: { id: number; text: string; p: number }[];
}

export interface SurprisalResult {
  tokens: SurprisalToken[];
  /** exp of the mean surprisal. */
  perplexity: number;
  /** Texts longer than the context are read in overlapping windows; this is the overlap in tokens. */
  overlap: number;
}
