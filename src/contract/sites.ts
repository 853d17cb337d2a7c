/**
 * Places in the network, in TransformerLens' words. With d = embedding width, n = positions:
 * - `embed` [n, d]: the token embedding as it enters block 0
 * - `resid_pre` [n, d]: what enters a block (the previous block's `resid_post`)
 * - `attn_out` [n, d]: what attention adds to the stream (after W_O, and after a post-norm where there is one)
 * - `resid_mid` [n, d]: between attention and MLP
 * - `mlp_post` [n, neurons]: neuron activations, the input of the down projection
 * - `mlp_out` [n, d]: what the MLP adds to the stream (after a post-norm where there is one)
 * - `resid_post` [n, d]: what leaves a block
 * - `z` [n, heads * d_head]: each head's mixed values before W_O
 * - `pattern` [heads, n, n]: attention weights, query by key
 * - `final_norm` [n, d]: the stream after the last norm
 * - `logits` [n, vocabulary]
 */
export type Site =
  | "embed"
  | "resid_pre"
  | "attn_out"
  | "resid_mid"
  | "mlp_post"
  | "mlp_out"
  | "resid_post"
  | "z"
  | "pattern"
  | "final_norm"
  | "logits";

export const allSites: readonly Site[] = [
  "embed",
  "resid_pre",
  "attn_out",
  "resid_mid",
  "mlp_post",
  "mlp_out",
  "resid_post",
  "z",
  "pattern",
  "final_norm",
  "logits",
];

/** Sites that exist once, not once a layer. */
export const layerlessSites: readonly Site[] = ["embed", "final_norm", "logits"];

/** A site at a layer (0-based); layerless sites carry no layer. */
export interface SiteAt {
  site: Site;
  layer?: number;
}

/** `all`, the last one, or a list; negative numbers count from the end (-1 is the last). */
export type Positions = "all" | "last" | number[];

/** A state to keep while the model runs. */
export interface Read extends SiteAt {
  positions: Positions;
}

/** Where in a run an intervention acts. `prompt` and `generated` are split where the prompt ends. */
export type Where = "all" | "prompt" | "generated" | "lastPrompt" | number[];

/**
 * What is done to a state x (a row of the site at one position).
 * - add: x + strength * values
 * - set: values (whole row, or only `indices`)
 * - scale: strength * x (at `indices`, or the whole row)
 * - zero: 0 (at `indices`, or the whole row)
 * - mean: set to `values`, named apart because values are a mean over a corpus (mean ablation)
 * - projectOut: x - strength * (x.u - target) u with u = values / |values|; target 0 unless given
 * - patch: set to `values` taken from another run (one row a position when `rows` > 1)
 * - clamp: each of `indices` limited to [low, high]
 * - feature: x + strength * (target - a) * values, where a is the activation of a sparse auto-encoder's feature at x:
 *   a = x.encoder + bias where that is above `low` (0 unless given), else 0; target 0 unless given
 */
export type Operation = "add" | "set" | "scale" | "zero" | "mean" | "projectOut" | "patch" | "clamp" | "feature";

export interface Intervention extends SiteAt {
  where: Where;
  operation: Operation;
  strength?: number;
  /** Width of the site, or of `indices`; `rows` rows of it for a patch of several positions. */
  values?: Float32Array;
  rows?: number;
  /** Neurons, or for site `z` whole heads when `unit` is "head". */
  indices?: number[];
  unit?: "element" | "head";
  target?: number;
  low?: number;
  high?: number;
  /** For `feature`: the encoder's row and its bias. */
  encoder?: Float32Array;
  bias?: number;
  /** Which sequences of an observed batch it acts on; all when absent. */
  sequences?: number[];
}
