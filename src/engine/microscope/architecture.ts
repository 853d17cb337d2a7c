import { fail } from "../../contract/errors";
import type { ModelInfo } from "../../contract/model";
import type { Weights } from "./lab";

/** How an architecture's blocks add to the stream, as far as a linear reading of the weights needs it. */
export interface Linearity {
  /** Names of norms applied to what attention and MLP give before it is added (Gemma). */
  attnPostNorm?: (layer: number) => string;
  mlpPostNorm?: (layer: number) => string;
}

const plain: Linearity = {};
const gemma: Linearity = {
  attnPostNorm: (layer) => `blk.${layer}.post_attention_norm.weight`,
  mlpPostNorm: (layer) => `blk.${layer}.post_ffw_norm.weight`,
};

const known: Record<string, Linearity> = {
  llama: plain,
  mistral3: plain,
  qwen2: plain,
  qwen3: plain,
  qwen3moe: plain,
  gemma2: gemma,
  gemma3: gemma,
  phi3: plain,
  "gpt-oss": plain,
};

/** Refuses an architecture whose stream is not known to be a plain sum of what its blocks write. */
export function linearityOf(info: ModelInfo): Linearity {
  const found = known[info.architecture];
  if (!found)
    fail("noSuchSite", `An exact split of a logit is not possible on '${info.architecture}'.`, {
      remedy:
        "Its blocks may scale the stream or run in parallel (a layer scalar, parallel attention and MLP), which would make the parts wrong. " +
        `It is known to be exact on ${Object.keys(known).join(", ")}.`,
    });
  return found;
}

/** The down projection of a layer: its name, and how many experts it holds (0 for a dense MLP). */
export function downProjection(weights: Weights, layer: number): { name: string; experts: number } {
  const dense = `blk.${layer}.ffn_down.weight`;
  if (weights.has(dense)) return { name: dense, experts: 0 };
  const mixture = `blk.${layer}.ffn_down_exps.weight`;
  if (weights.has(mixture)) return { name: mixture, experts: weights.shape(mixture)[2] ?? 1 };
  return fail("noSuchSite", `Layer ${layer} has no down projection that is known here.`);
}

/** The row of the unembedding for a token, and where it is. */
export function unembeddingName(weights: Weights): string {
  return weights.has("output.weight") ? "output.weight" : "token_embd.weight";
}
