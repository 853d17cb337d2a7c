import type { ChatMessage, ToolSpec } from "./chat";
import type { JsonSchema } from "./json";
import type { Intervention, Read, Site } from "./sites";
import type { GeneratedToken, Token } from "./token";

/** What a model is given: raw text, a conversation through its own chat template, or tokens as they are. */
export type Input =
  | { kind: "prompt"; text: string }
  | {
      kind: "chat";
      messages: ChatMessage[];
      tools?: ToolSpec[];
      /** Text the reply is made to begin with. */
      prefill?: string;
    }
  | { kind: "tokens"; ids: number[] };

export interface Sampling {
  /** 0 is greedy. */
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
  repeatPenalty: number;
  frequencyPenalty: number;
  presencePenalty: number;
  /** How many of the last tokens the penalties look at. */
  penaltyWindow: number;
  /** Absent: a fresh seed a run, told in the result. */
  seed?: number;
  /** Added to the logit of a token id before anything else. */
  logitBias?: { id: number; bias: number }[];
}

export const greedy: Sampling = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repeatPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  penaltyWindow: 64,
};

/** `off` writes the empty thinking block, `auto` leaves it to the model, a number ends the thought after so many tokens. */
export type Think = "off" | "auto" | number;

/** A LoRA adapter over the untouched weights. Several stack. */
export interface EditUse {
  file: string;
  /** 1 unless given; 0 switches it off. */
  scale?: number;
}

/** The form a reply must have. */
export type Form = { kind: "gbnf"; grammar: string } | { kind: "schema"; schema: JsonSchema };

/** One continuation of the input. Several share the input's states and are decoded in one batch. */
export interface Fork {
  /** Tokens of the reply that are already decided: generation goes on after them. */
  prefix: number[];
  seed?: number;
}

export interface GenerateParams {
  input: Input;
  sampling: Sampling;
  /** Tokens at most; up to the context's end when absent. */
  max?: number;
  stop?: string[];
  form?: Form;
  think?: Think;
  /** How often a thought that would end before its budget is made to go on with "Wait," (s1, arXiv 2501.19393). */
  extend?: number;
  /**
   * Ends a thought once the answer is settled: every `every` thought tokens it is looked at how sure the answer would
   * begin if the thought ended there, and it ends when the entropy is below `nats` twice in a row.
   */
  settle?: { nats: number; every: number };
  /** Alternatives kept a token (0..100). */
  top?: number;
  /** One fork with an empty prefix when absent. */
  forks?: Fork[];
  /**
   * Names a conversation, so that its states in the cache are found again. Whatever the name, the longest common prefix
   * with what the cache holds is reused.
   */
  session?: string;
  /** Sites to keep for each generated token (the live lens); runs in the hooked context. */
  reads?: Read[];
  /**
   * Lens of each new token. The states are kept as generation goes on, and as many rows unembedded as a small share of its
   * time allows; `lensRest` gives the others.
   */
  lens?: { sites: Site[]; top: number };
  interventions?: Intervention[];
  edits?: EditUse[];
  /** Directions whose projection is reported for each token. Unit vectors of the model's width. */
  meters?: Meter[];
}

export interface Meter {
  name: string;
  layer: number;
  vector: Float32Array;
  /** Mean norm of the layer's residual, so that projections read in its units. */
  scale: number;
}

/** A streamed event of a generation. */
export type GenerateProgress =
  | { kind: "prompt"; done: number; total: number; reused: number }
  | {
      kind: "token";
      fork: number;
      index: number;
      token: GeneratedToken;
      lens?: TokenLens;
      /** What `reads` asked for, at the position that predicted this token. */
      states?: State[];
    }
  | { kind: "lens"; pieces: LensPiece[] };

/** The lens of one generated token: a row a site, in depth order. Cells that are still to come are null. */
export interface TokenLens {
  rows: { site: Site; layer?: number }[];
  cells: (LensCell | null)[];
}

/** Cells of a token's lens that have come since its event. */
export interface LensPiece {
  fork: number;
  /** The token's index among those of its fork's events. */
  index: number;
  rows: number[];
  /** One a row. */
  cells: LensCell[];
}

/** Cells that have come after the answer; `done` of `total` that were left. */
export interface LensRestProgress {
  pieces: LensPiece[];
  done: number;
  total: number;
}

export interface LensCell {
  top: { id: number; text: string; p: number }[];
  entropy: number;
  /** KL(model's output || this cell), nats. */
  kl: number;
  /** The target's probability and rank (0 is likeliest); -1 when no target was asked. */
  p: number;
  rank: number;
}

export type StopReason = "eos" | "max" | "stop" | "form" | "context" | "cancelled";

export interface Generated {
  /** The whole reply, the fork's decided tokens included; `tokens` holds the new ones alone. */
  text: string;
  thought: string;
  stop: StopReason;
  /** The stop string that ended it. */
  stopText?: string;
  tokens: GeneratedToken[];
  seed: number;
  /** Under interventions or edits: the reply has collapsed (a loop, or noise); the mean entropy of its tokens, nats. */
  collapsed?: { entropy: number };
}

export interface Timings {
  promptTokens: number;
  reusedTokens: number;
  promptMs: number;
  tokens: number;
  generateMs: number;
}

export interface GenerateResult {
  forks: Generated[];
  timings: Timings;
  /** The interventions acted: the answer is not the plain model's. */
  altered: boolean;
  /** Cells of the lens that are still to come, and the name under which `lensRest` gives them. */
  lensLeft?: { id: string; cells: number };
}

export interface ObserveParams {
  sequences: Input[];
  reads: Read[];
  interventions?: Intervention[];
  edits?: EditUse[];
  /** Positions whose logits are wanted. */
  logits?: "none" | "last" | "all";
  /** Attention patterns need flash attention off; exact states an F32 cache. Both are the observing context's own. */
}

/** A kept state. `data` holds `positions.length` rows of `width` numbers (for `pattern`: heads x queries x keys). */
export interface State {
  site: Site;
  layer?: number;
  positions: number[];
  width: number;
  data: Float32Array;
  /** For a mixture of experts at `mlp_post`: the chosen expert a slot, `positions.length` rows. */
  experts?: Int32Array;
}

export interface Observed {
  tokens: Token[];
  states: State[];
  /** Rows of `vocabulary` numbers for the positions asked. */
  logits?: { positions: number[]; data: Float32Array };
}

export interface ObserveResult {
  sequences: Observed[];
}

export interface UnembedParams {
  /** `count` rows of the model's width. */
  vectors: Float32Array;
  count: number;
  /** Apply the model's final norm first. True for states of the stream, false for what is normed already. */
  norm: boolean;
  /** Apply no softmax: `top` then holds logits. Used for value vectors. */
  raw?: boolean;
  top: number;
  /** Also the k lowest. */
  bottom?: number;
  /** Tokens whose log-probability and rank are wanted in each row. */
  targets?: number[];
  /** One token a row, in place of `targets`: what came next there. `logProbs` and `ranks` then hold one number a row. */
  rowTargets?: Int32Array;
  /** Rows (of the same call) against which KL(reference || row) is measured: index of a row for each row, -1 for none. */
  reference?: Int32Array;
}

/** Row-major: `top` numbers a row in `ids`, `values`; `targets.length` a row in `logProbs`, `ranks`. */
export interface UnembedResult {
  ids: Int32Array;
  /** Probabilities, or logits when `raw`. */
  values: Float32Array;
  bottomIds?: Int32Array;
  bottomValues?: Float32Array;
  entropy: Float32Array;
  kl: Float32Array;
  logProbs: Float32Array;
  ranks: Int32Array;
}

export interface EmbedTextParams {
  texts: string[];
}

/** Mean-pooled final states of the chat model (or an embedding model's own pooling), unit length, `width` a row. */
export interface EmbedTextResult {
  width: number;
  data: Float32Array;
}
