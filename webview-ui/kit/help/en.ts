import type { HelpText, HelpTopic } from "./texts";

export const helpEn: Record<HelpTopic, HelpText> = {
  confidence: {
    name: "Confidence",
    shows:
      "Each token is shaded by the probability the model gave it, from the full distribution before any sampling filter.",
    means:
      "A shaded word is one the model could easily have written otherwise: there were other tokens nearly as likely.",
    not: "It is not the chance that a statement is true: a model can be sure of a falsehood, and unsure only about its wording.",
  },
  liveLens: {
    name: "Live lens",
    shows:
      "While the answer is written, each layer's state is read through the model's own final norm and output table: a column is a token, a row a layer, the last layer on top. Chequered cells follow once the answer is written; a band marks tokens of the thought.",
    means:
      "Where a column turns bright early, the choice was made early; long thoughts are many columns, so work that does not fit into one pass through the layers is done along the strip.",
    not: "A layer's guess is what its state looks like to the output table, not proof that the layer uses it, and early layers may hold what this view cannot read.",
  },
  lens: {
    name: "Logit lens",
    shows:
      "For each position (column) and each place in the network (row), the state is passed through the model's final norm and output table, as if the model stopped there; the last row is the model's own output, exactly.",
    means:
      "Reading upwards shows when a prediction appears, how sure it is, and how far it still is from the final one (KL divergence, in nats).",
    not: "It assumes that early layers speak the last layer's language, which they need not: an unreadable row does not mean that nothing is there, and a readable one does not mean that it is used.",
  },
  tunedLens: {
    name: "Tuned lens",
    shows:
      "The same picture, but each layer's state first goes through an affine map that was fitted, by ridge regression, to turn it into the last layer's state.",
    means:
      "It takes away the differences in language between layers, so that early layers read more like the output; the chart says how much KL divergence each layer's map removes on text it was not fitted on.",
    not: "The map is fitted to correlate: it may show what could be worked out from a state rather than what the model does with it, and it is only as good as the text it was fitted on.",
  },
  layers: {
    name: "Layers",
    shows:
      "For each attention and MLP block, the lens distribution before and after it: the KL divergence between the two in nats, and the tokens whose log-probability rose and fell most.",
    means: "A long bar is a block that changed the prediction much at this position; the lists say in which direction.",
    not: "It is read through the output table with the norm of that place, so a block that prepares something for later blocks can look idle, and effects of blocks do not add up.",
  },
  attribution: {
    name: "Direct logit attribution",
    shows:
      "The target's logit (or target minus foil) is split exactly over the embedding, every attention head, every MLP and the biases, with the final norm's scale held at its value in this run.",
    means:
      "A part's bar is what it wrote into the stream in the direction of the target; all bars and the remainder together are the logit.",
    not: "It counts direct effects alone: a head that another head depends on gets no credit here, and a frozen scale means that removing a part would not change the logit by exactly its bar.",
  },
  neurons: {
    name: "Neurons",
    shows:
      "The MLP neurons at one position, ranked by activation times what their value vector (a column of the down projection) does to the target's logit; beside each, the tokens its value vector raises and lowers.",
    means: "A neuron that is active here and whose vector promotes a word pushes the answer towards that word.",
    not: "One neuron usually takes part in many functions and one function uses many neurons, so a readable list does not make a neuron 'the' neuron for anything.",
  },
  examples: {
    name: "Strongest contexts",
    shows: "The places of a corpus where this neuron was most active, with the activation at each token.",
    means: "What the contexts share is a guess at what the neuron responds to.",
    not: "The strongest contexts are the tip of its behaviour: at medium activations it may respond to something else altogether, and another corpus gives other contexts.",
  },
  experiment: {
    name: "Three-step experiment",
    shows:
      "Correlation: is the neuron more active on prompts with the behaviour (AUC, histogram); removal: what changes when it is set to zero or to its mean; dose: how often the behaviour appears as its activation is set along a range.",
    means:
      "Only removal and dose act on the model, so only they speak of causes; the KL divergence on neutral text says what else they broke.",
    not: "A high AUC alone proves nothing, a removal without effect does not prove that the neuron is idle (others can stand in), and a few prompts give wide margins.",
  },
  candidates: {
    name: "Candidates",
    shows:
      "All neurons ranked by how well their activation at the last token tells the two groups of prompts apart (AUC: 0.5 is chance, 1 is perfect).",
    means: "These are neurons worth putting through the experiment.",
    not: "With thousands of neurons and few prompts some reach a high AUC by luck, and those that differ for a side reason (length, topic) rank just as high.",
  },
  attention: {
    name: "Attention",
    shows:
      "For each head of a layer, how the weight of every position (row) is spread over the positions before it (columns); each row adds up to 1.",
    means:
      "A bright cell is a position that the head copies from: its value vector enters the row's state with that weight.",
    not: "Weight is not influence: what is copied may be nearly nothing, and much weight on the first token is a place to rest (a sink), not a reading of it.",
  },
  embeddings: {
    name: "Embeddings",
    shows:
      "The tokens whose vectors point in nearly the same direction (cosine), in the table that reads tokens and in the table that writes them.",
    means:
      "Near tokens are treated alike when they enter the model, or are predicted in like places when they leave it.",
    not: "A token's meaning is made in the layers above: these vectors know nothing of context, and expressions such as king − man + woman work for some words by chance of the corpus.",
  },
  embeddingMap: {
    name: "Map",
    shows:
      "The chosen texts' vectors on the two directions in which they differ most (PCA); the axes say what share of the variance they hold.",
    means: "Texts that lie together differ little along these two directions.",
    not: "Everything along the other directions is left out: when the shares are small, nearness on the map says little.",
  },
  directions: {
    name: "Directions",
    shows:
      "The states at each block's output at the end of two sets of prompts: the difference of their means (or the first principal component of the paired differences) is one vector a layer and position, and the table says how well each separates the sides and what adding it and taking it away does.",
    means:
      "Where one vector calls a behaviour forth when added and stills it when taken away, at little cost on other text, the model carries that behaviour along it.",
    not: "It is not proof that the model uses nothing else, and a behaviour that is recognised by its first words may be a way of speaking: prove it on prompts it was not found on, and read the answers.",
  },
  proof: {
    name: "Proof of a direction",
    shows:
      "How often answers show the behaviour, plain and with the direction added, projected out, or set to the other side's mean, with 95 % intervals; and what that costs on neutral text in KL divergence and perplexity.",
    means:
      "A direction is proved where adding lifts the rate on prompts without the behaviour, taking away lowers it on those with it, and the cost is small.",
    not: "A rate counts texts that match, not what was meant; a collapsed model matches nothing and proves nothing, and a small set of prompts gives a wide interval.",
  },
  steering: {
    name: "Layers × strengths",
    shows:
      "The direction is added at one layer at a time with each strength, in units of that layer's mean residual norm: the rate of the behaviour, and beside it the KL divergence from the plain model on neutral text.",
    means: "Good places are bright on the left and dark on the right: the behaviour comes, and little else changes.",
    not: "A bright cell with a high cost is a broken model, not a steered one; and the same vector at several layers at once acts differently than the single cells say.",
  },
  meter: {
    name: "Meter",
    shows:
      "The projection of the state that each token was predicted from on a saved direction, at the direction's layer, in units of that layer's mean residual norm.",
    means: "Above the line the state leans towards the behaviour, below it away from it, as the answer goes on.",
    not: "Zero is the origin of the stream and not the border between the behaviours, so compare answers with each other; a state that leans towards a behaviour need not show it.",
  },
  patching: {
    name: "Activation patching",
    shows:
      "Two prompts of as many tokens lead to different answers. The corrupt one is run once a cell, with that one state taken from the clean run; the colour is the share of the logit difference (target minus foil) that comes back.",
    means:
      "A cell near 100 % holds, at that layer and position, what makes the two answers differ; a cell below zero works against it.",
    not: "It speaks of the difference between these two prompts alone: what both share cannot show, places that only work together each look idle, and another pair may give another map.",
  },
  tracing: {
    name: "Causal tracing",
    shows:
      "The subject's embeddings are noised until the answer is lost; then one state at a time gets its clean value back, and the colour is the share of the answer's probability that returns (mean over draws of the noise).",
    means:
      "Bright cells at the subject's last token are where the model looks the fact up; bright ones at the end are where it has it ready.",
    not: "That a place brings a fact back does not mean the fact is stored there, nor that an edit works best there (Hase et al.); the noise takes the model off the texts it knows.",
  },
  patchscopes: {
    name: "Patchscopes",
    shows:
      "The state of one token, after each block, is put in the place of the last token of another prompt that asks for a repetition; the table is what the model then says.",
    means:
      "A layer whose row names the token, or something about it, holds that in a form that the model itself can read.",
    not: "The model may say what the asking prompt suggests rather than what the state holds; a row of nonsense does not mean that nothing is there.",
  },
  features: {
    name: "Features",
    shows:
      "A sparse auto-encoder writes each state as a sum of few directions out of many. For each: how often it is active, the contexts where it is most so, the tokens its direction raises, and those features that point nearly the same way.",
    means:
      "Contexts that have one thing in common are evidence that the feature stands for it; steering with it is the test.",
    not: "Features are what this training found, not parts the model is made of: another seed or size finds others, the strongest contexts are the tip, labels are guesses, and what the reconstruction misses is not shown at all.",
  },
  featuresTrain: {
    name: "Training a sparse auto-encoder",
    shows:
      "The states of one site over the chosen text are written as e = W alpha + b with few alphas above zero: by a penalty on their sum (L1), by keeping the k greatest (TopK), or by a learnt threshold (JumpReLU). Explained variance, active features a token (L0) and dead features are drawn as it learns.",
    means:
      "High explained variance at a low L0 means that few features suffice; the share of cross-entropy recovered says how well the model goes on when it is given the reconstruction.",
    not: "A good reconstruction does not make the features mean anything, and features of one text may not be those of another; a training on little text repeats it.",
  },
  edits: {
    name: "Edits",
    shows:
      "One fact is changed, as a small adapter beside the untouched weights: in the neurons that carry the old answer, or by one rank in one layer, where the key is the subject (whitened by the covariance of keys) and the value is searched so that the new answer comes.",
    means:
      "The figures are over the prompts given here: success is the new answer, paraphrase the new answer to other wordings, neighbourhood other facts that stay as they were.",
    not: "What the model concludes from the old fact elsewhere is not changed with it, other facts than those tested may be, and where a fact is located says little about where it is best edited.",
  },
};
