import { locale } from "../locale";
import { helpEn } from "./en";
import { helpZh } from "./zh-cn";

/** Three sentences (shown, means, does not mean) and where it comes from. */
export interface HelpText {
  name: string;
  shows: string;
  means: string;
  not: string;
}

export interface Paper {
  title: string;
  url: string;
}

export type HelpTopic =
  | "confidence"
  | "liveLens"
  | "lens"
  | "tunedLens"
  | "layers"
  | "attribution"
  | "neurons"
  | "examples"
  | "experiment"
  | "candidates"
  | "attention"
  | "embeddings"
  | "embeddingMap"
  | "directions"
  | "proof"
  | "steering"
  | "meter"
  | "patching"
  | "tracing"
  | "patchscopes"
  | "features"
  | "featuresTrain"
  | "edits";

const lensPost = {
  title: "nostalgebraist, interpreting GPT: the logit lens (2020)",
  url: "https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru/interpreting-gpt-the-logit-lens",
};
const tuned = {
  title: "Belrose et al., Eliciting Latent Predictions from Transformers with the Tuned Lens (2303.08112)",
  url: "https://arxiv.org/abs/2303.08112",
};
const keyValue = {
  title: "Geva et al., Transformer Feed-Forward Layers Are Key-Value Memories (2012.14913)",
  url: "https://arxiv.org/abs/2012.14913",
};
const framework = {
  title: "Elhage et al., A Mathematical Framework for Transformer Circuits (2021)",
  url: "https://transformer-circuits.pub/2021/framework/index.html",
};
const promotes = {
  title: "Geva et al., Transformer Feed-Forward Layers Build Predictions by Promoting Concepts (2203.14680)",
  url: "https://arxiv.org/abs/2203.14680",
};
const superposition = {
  title: "Elhage et al., Toy Models of Superposition (2209.10652)",
  url: "https://arxiv.org/abs/2209.10652",
};
const sinks = {
  title: "Xiao et al., Efficient Streaming Language Models with Attention Sinks (2309.17453)",
  url: "https://arxiv.org/abs/2309.17453",
};
const notExplanation = {
  title: "Jain and Wallace, Attention is not Explanation (1902.10186)",
  url: "https://arxiv.org/abs/1902.10186",
};
const regularities = {
  title: "Mikolov et al., Efficient Estimation of Word Representations in Vector Space (1301.3781)",
  url: "https://arxiv.org/abs/1301.3781",
};
const calibration = {
  title: "Kadavath et al., Language Models (Mostly) Know What They Know (2207.05221)",
  url: "https://arxiv.org/abs/2207.05221",
};

const refusal = {
  title: "Arditi et al., Refusal in Language Models Is Mediated by a Single Direction (2406.11717)",
  url: "https://arxiv.org/abs/2406.11717",
};
const truth = {
  title: "Marks and Tegmark, The Geometry of Truth (2310.06824)",
  url: "https://arxiv.org/abs/2310.06824",
};
const engineering = {
  title: "Zou et al., Representation Engineering (2310.01405)",
  url: "https://arxiv.org/abs/2310.01405",
};
const addition = {
  title: "Turner et al., Steering Language Models With Activation Engineering (2308.10248)",
  url: "https://arxiv.org/abs/2308.10248",
};
const mediation = {
  title: "Vig et al., Causal Mediation Analysis for Interpreting Neural NLP (2004.12265)",
  url: "https://arxiv.org/abs/2004.12265",
};
const patchingHow = {
  title: "Heimersheim and Nanda, How to use and interpret activation patching (2404.15255)",
  url: "https://arxiv.org/abs/2404.15255",
};
const rome = {
  title: "Meng et al., Locating and Editing Factual Associations in GPT (2202.05262)",
  url: "https://arxiv.org/abs/2202.05262",
};
const localising = {
  title: "Hase et al., Does Localization Inform Editing? (2301.04213)",
  url: "https://arxiv.org/abs/2301.04213",
};
const patchscopes = {
  title: "Ghandeharioun et al., Patchscopes (2401.06102)",
  url: "https://arxiv.org/abs/2401.06102",
};
const monosemanticity = {
  title: "Bricken et al., Towards Monosemanticity (2023)",
  url: "https://transformer-circuits.pub/2023/monosemantic-features/index.html",
};
const topk = {
  title: "Gao et al., Scaling and evaluating sparse autoencoders (2406.04093)",
  url: "https://arxiv.org/abs/2406.04093",
};
const jumpRelu = {
  title: "Rajamanoharan et al., Jumping Ahead: JumpReLU sparse autoencoders (2407.14435)",
  url: "https://arxiv.org/abs/2407.14435",
};
const knowledgeNeurons = {
  title: "Dai et al., Knowledge Neurons in Pretrained Transformers (2104.08696)",
  url: "https://arxiv.org/abs/2104.08696",
};

const papers: Record<HelpTopic, Paper[]> = {
  confidence: [calibration],
  liveLens: [lensPost],
  lens: [lensPost, tuned],
  tunedLens: [tuned],
  layers: [promotes, lensPost],
  attribution: [framework],
  neurons: [keyValue],
  examples: [keyValue, superposition],
  experiment: [keyValue, superposition],
  candidates: [superposition],
  attention: [notExplanation, sinks],
  embeddings: [regularities],
  embeddingMap: [regularities],
  directions: [refusal, truth, engineering],
  proof: [refusal],
  steering: [addition, engineering],
  meter: [engineering],
  patching: [mediation, patchingHow],
  tracing: [rome, localising],
  patchscopes: [patchscopes],
  features: [monosemanticity, topk],
  featuresTrain: [monosemanticity, topk, jumpRelu],
  edits: [rome, knowledgeNeurons, localising],
};

export function helpFor(topic: HelpTopic): HelpText & { papers: Paper[] } {
  const texts = locale.toLowerCase().startsWith("zh") ? helpZh : helpEn;
  return { ...texts[topic], papers: papers[topic] };
}
