import { createHash } from "node:crypto";
import { fail } from "../../contract/errors";
import type { Fraction, NeuronExamplesParams, NeuronExamplesResult } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import { downProjection } from "./architecture";
import { emptyHeaps, examplesOf, offerSequence } from "./exampleHeaps";
import { loadExampleState, saveExampleState, type ExampleState } from "./files/exampleState";
import type { Lab } from "./lab";
import { requireCount, requireLayer, requireSite } from "./probe";

/** A long text is read in pieces of this many tokens; each is one candidate context a neuron. */
const sequenceLength = 256;
/**
 * Tokens run together: one batch. Sequences share one cache, and attention walks over all of it, so more of them at once
 * would only cost more.
 */
const tokensAtOnce = 512;
/** The state is saved no more often than this many sequences. */
const saveEvery = 64;

/**
 * For every neuron of a layer the contexts of a corpus in which it is most active, in one pass with memory that does not
 * grow with the corpus. With `state`, progress is kept in that file: a run that was stopped goes on where it was, if
 * model, layer and texts are the same. A cancelled run saves what it has and gives it, `done` false.
 * In a mixture the neurons of a layer are expert after expert: number = expert * neurons + neuron.
 */
export async function neuronExamples(
  lab: Lab,
  params: NeuronExamplesParams,
  context: CallContext<Fraction>,
): Promise<NeuronExamplesResult> {
  const { info } = lab;
  requireSite(info, "mlp_post");
  requireLayer(info, params.layer);
  requireCount(params.count, "The number of contexts a neuron", 1, 100);
  const sequences = cutTexts(lab, params.texts);
  if (sequences.length === 0)
    fail("badArgument", "The texts are empty.", { remedy: "Choose files with text in them." });
  const { name, experts } = downProjection(lab.weights, params.layer);
  const each = lab.weights.shape(name)[0]!;
  const neurons = each * Math.max(1, experts);
  const state = resume(lab, params, sequences, neurons);

  let done = state.sequencesDone;
  let saved = done;
  const save = () => {
    if (params.state !== undefined && done !== saved) saveExampleState(params.state, state);
    saved = done;
  };
  for (; done < sequences.length && !context.signal.aborted;) {
    const group = nextGroup(sequences, done);
    const found = await activations(lab, params.layer, group, { each, experts }, context.signal);
    if (!found) break;
    group.forEach(({ ids, source }, i) => offerSequence(state.heaps, { ids, source, data: found[i]! }));
    state.tokensSeen += group.reduce((sum, { ids }) => sum + ids.length, 0);
    done += group.length;
    state.sequencesDone = done;
    context.progress({ done, total: sequences.length, message: `${state.tokensSeen} tokens` });
    if (done - saved >= saveEvery) save();
  }
  save();
  return {
    layer: params.layer,
    tokensSeen: state.tokensSeen,
    done: done === sequences.length,
    neurons: Array.from({ length: neurons }, (_, neuron) => ({
      neuron,
      examples: examplesOf(state.heaps, neuron, state.sources, (id) => lab.token(id)),
    })),
  };
}

interface Piece {
  ids: number[];
  source: number;
}

function cutTexts(lab: Lab, texts: NeuronExamplesParams["texts"]): Piece[] {
  const size = Math.min(sequenceLength, lab.info.context);
  return texts.flatMap(({ text }, source) => {
    const ids = lab.tokenize(text, false).map(({ id }) => id);
    const out: Piece[] = [];
    for (let from = 0; from < ids.length; from += size) out.push({ ids: ids.slice(from, from + size), source });
    return out;
  });
}

/** As many of the next sequences as make one batch. */
export function nextGroup<T extends { ids: readonly number[] }>(sequences: readonly T[], from: number): T[] {
  let to = from + 1;
  let tokens = sequences[from]!.ids.length;
  while (to < sequences.length && tokens + sequences[to]!.ids.length <= tokensAtOnce)
    tokens += sequences[to++]!.ids.length;
  return sequences.slice(from, to);
}

function resume(lab: Lab, params: NeuronExamplesParams, sequences: Piece[], neurons: number): ExampleState {
  const hash = createHash("sha256").update(`${params.layer} ${params.count} ${neurons}\n`);
  for (const { ids, source } of sequences) hash.update(`${source}:${ids.join(",")}\n`);
  const corpus = hash.digest("hex");
  const found = params.state === undefined ? undefined : loadExampleState(params.state);
  if (found && found.fingerprint !== lab.info.fingerprint)
    fail("wrongModel", `'${params.state}' belongs to a search on another model.`, { remedy: "Choose another file." });
  if (found && found.corpus !== corpus)
    fail("badArgument", `'${params.state}' belongs to a search in other texts or another layer.`, {
      remedy: "Choose another file, or delete it to begin anew.",
    });
  return (
    found ?? {
      fingerprint: lab.info.fingerprint,
      layer: params.layer,
      corpus,
      sequencesDone: 0,
      tokensSeen: 0,
      sources: params.texts.map(({ source }) => source),
      heaps: emptyHeaps(neurons, params.count),
    }
  );
}

/** [tokens, neurons] of each sequence, or undefined when the caller has gone. */
async function activations(
  lab: Lab,
  layer: number,
  group: Piece[],
  shape: { each: number; experts: number },
  signal: AbortSignal,
): Promise<Float32Array[] | undefined> {
  const neurons = shape.each * Math.max(1, shape.experts);
  const out = group.map(({ ids }) => new Float32Array(ids.length * neurons));
  try {
    await lab.pass({
      sequences: group.map(({ ids }) => ids),
      reads: [{ site: "mlp_post", layer, positions: "all" }],
      signal,
      onChunk: ({ sequence, from, states }) => {
        const state = states[0]!;
        if (!state.experts) return out[sequence]!.set(state.data, from * neurons);
        const used = state.width / shape.each;
        for (let slot = 0; slot < state.experts.length; slot++) {
          const row = from + Math.floor(slot / used);
          const piece = state.data.subarray(slot * shape.each, (slot + 1) * shape.each);
          out[sequence]!.set(piece, row * neurons + state.experts[slot]! * shape.each);
        }
      },
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
  return out;
}
