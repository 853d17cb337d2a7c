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
  memory: {
    name: "Memory graph",
    shows:
      "Records (what was told or seen), experiences (how a goal was reached), thoughts drawn from several records, entities with their relations, and communities of entities. A line is a relation, a mention or what a thought rests on.",
    means:
      "What is highlighted as read was put before the model for the last answer, for the reason beside it. What you edit, merge, pin or forget here is obeyed from the next question on.",
    not: "Places on the map have no meaning of their own: what lies near belongs together, but distances are not measurements. That something was read does not prove that the answer used it.",
  },
};
