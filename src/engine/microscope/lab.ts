import type { ModelInfo } from "../../contract/model";
import type { Intervention, Read } from "../../contract/sites";
import type { Token } from "../../contract/token";
import type {
  EditUse,
  GenerateParams,
  GenerateResult,
  Input,
  State,
  UnembedParams,
  UnembedResult,
} from "../../contract/verbs";

/**
 * What an instrument needs of the engine: the three verbs, the tokenizer and the weights. The engine gives it; nothing
 * here opens a file or calls llama.cpp.
 */
export interface Lab {
  readonly info: ModelInfo;
  readonly weights: Weights;
  /** The tokens an input becomes, its chat template applied. */
  render(input: Input, think?: "off" | "auto"): Promise<Token[]>;
  tokenize(text: string, special: boolean): Token[];
  token(id: number): Token;
  /** Runs sequences through the model and hands their states over, a chunk of positions at a time. */
  pass(request: Pass): Promise<void>;
  unembed(params: UnembedParams): Promise<UnembedResult>;
  generate(params: GenerateParams, signal: AbortSignal): Promise<GenerateResult>;
  /** a^T b of two sets of rows, [width of a, width of b]: what regressions are made of, too heavy for JavaScript. */
  gram(a: Float32Array, b: Float32Array, rows: number): Promise<Float32Array>;
}

export interface Pass {
  sequences: number[][];
  /** How many tokens of each sequence are its prompt; all of them when absent. */
  prompts?: number[];
  reads: Read[];
  interventions?: Intervention[];
  /** Adapters over the weights for this pass. */
  edits?: EditUse[];
  /** Positions handed over at once, at most; the engine's own choice when absent. */
  chunk?: number;
  /** Sequences that begin alike have their beginning run once, up to where they differ, are read or are acted on alone. */
  share?: boolean;
  signal: AbortSignal;
  /** `states` come in the order of `reads`, each for the positions of this chunk that were asked. */
  onChunk(part: StatePart): void | Promise<void>;
}

export interface StatePart {
  sequence: number;
  from: number;
  count: number;
  states: State[];
}

/** The model's weights as numbers, whatever their type in the file. Never the whole model at once. */
export interface Weights {
  has(name: string): boolean;
  /** ggml order: inputs, outputs, experts. */
  shape(name: string): number[];
  /** Dequantised rows [from, from + count); a three-dimensional tensor counts its rows through all experts. */
  rows(name: string, from: number, count: number): Float32Array;
  /** A number of the file's metadata. */
  metadata(key: string): number | undefined;
}
