import type { ActingMethods } from "./acting";
import type {
  AttentionParams,
  AttentionResult,
  AttributionParams,
  AttributionResult,
  EmbeddingMapParams,
  EmbeddingMapResult,
  EmbeddingParams,
  EmbeddingResult,
  Fraction,
  LayersParams,
  LayersResult,
  LensParams,
  LensProgress,
  LensResult,
  NeuronCandidatesParams,
  NeuronCandidatesResult,
  NeuronExamplesParams,
  NeuronExamplesResult,
  NeuronExperimentParams,
  NeuronExperimentResult,
  NeuronsParams,
  NeuronsResult,
  SurprisalParams,
  SurprisalResult,
  TunedLensFitParams,
  TunedLensFitResult,
} from "./instruments";
import type { Method } from "./method";
import type { DownloadProgress, LoadParams, LoadProgress, MemoryEstimate, ModelEntry, ModelInfo } from "./model";
import type { Token } from "./token";
import type {
  EmbedTextParams,
  EmbedTextResult,
  GenerateParams,
  GenerateProgress,
  GenerateResult,
  Input,
  LensRestProgress,
  ObserveParams,
  ObserveResult,
  UnembedParams,
  UnembedResult,
} from "./verbs";

/** The boundary between whoever asks and the engine's process. */
export interface EngineMethods extends ActingMethods {
  // the model
  load: Method<LoadParams, ModelInfo, LoadProgress>;
  unload: Method<object, null>;
  info: Method<object, ModelInfo>;
  estimate: Method<LoadParams, MemoryEstimate>;
  /** The catalogue with what is on disk already in `folder`. */
  catalogue: Method<{ folder: string }, { models: ModelEntry[] }>;
  /** Downloads (and resumes) a model into `folder`, checks its checksum where one is known. */
  download: Method<{ uri: string; folder: string; sha256?: string }, { file: string }, DownloadProgress>;

  // the verbs
  tokenize: Method<{ text: string; special?: boolean }, { tokens: Token[] }>;
  /** The tokens an input becomes, the chat template applied. */
  render: Method<{ input: Input; think?: "off" | "auto" }, { text: string; tokens: Token[] }>;
  generate: Method<GenerateParams, GenerateResult, GenerateProgress>;
  /** The cells of a generation's lens that were left when it ended; gives way to other generations. Once for each. */
  lensRest: Method<{ id: string }, { cells: number }, LensRestProgress>;
  observe: Method<ObserveParams, ObserveResult, Fraction>;
  unembed: Method<UnembedParams, UnembedResult>;
  embedText: Method<EmbedTextParams, EmbedTextResult, Fraction>;

  // the instruments
  lens: Method<LensParams, LensResult, LensProgress>;
  tunedLensFit: Method<TunedLensFitParams, TunedLensFitResult, Fraction>;
  layers: Method<LayersParams, LayersResult>;
  attribution: Method<AttributionParams, AttributionResult>;
  neurons: Method<NeuronsParams, NeuronsResult>;
  neuronValue: Method<
    { id: string; top: number },
    {
      promotes: { text: string; id: number; logit: number }[];
      suppresses: { text: string; id: number; logit: number }[];
      norm: number;
    }
  >;
  neuronExamples: Method<NeuronExamplesParams, NeuronExamplesResult, Fraction>;
  neuronExperiment: Method<NeuronExperimentParams, NeuronExperimentResult, Fraction>;
  neuronCandidates: Method<NeuronCandidatesParams, NeuronCandidatesResult, Fraction>;
  attention: Method<AttentionParams, AttentionResult>;
  embedding: Method<EmbeddingParams, EmbeddingResult>;
  embeddingMap: Method<EmbeddingMapParams, EmbeddingMapResult>;
  surprisal: Method<SurprisalParams, SurprisalResult, Fraction>;

  // the process
  ping: Method<object, { uptimeMs: number; memory: number; pid: number }>;
}
