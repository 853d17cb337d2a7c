import type { NeuronExample } from "../../contract/instruments";
import type { Token } from "../../contract/token";

/** Tokens of context kept before and after the strongest one. */
export const contextBefore = 16;
export const contextAfter = 8;
export const contextWidth = contextBefore + 1 + contextAfter;

/**
 * The strongest contexts of every neuron of a layer, in flat arrays of fixed size: memory is
 * neurons x kept x contextWidth numbers, however long the corpus. Entries of a neuron are sorted, strongest first.
 */
export interface ExampleHeaps {
  neurons: number;
  kept: number;
  /** Entries in use, a neuron. */
  used: Int32Array;
  /** [neurons, kept] */
  activation: Float32Array;
  source: Int32Array;
  /** Index of the strongest token within its context, and how many tokens the context has. */
  at: Int32Array;
  length: Int32Array;
  /** [neurons, kept, contextWidth] */
  ids: Int32Array;
  values: Float32Array;
}

export function emptyHeaps(neurons: number, kept: number): ExampleHeaps {
  const entries = neurons * kept;
  return {
    neurons,
    kept,
    used: new Int32Array(neurons),
    activation: new Float32Array(entries),
    source: new Int32Array(entries),
    at: new Int32Array(entries),
    length: new Int32Array(entries),
    ids: new Int32Array(entries * contextWidth),
    values: new Float32Array(entries * contextWidth),
  };
}

/** Activations of one sequence that are complete: [tokens, neurons]. */
export interface SequenceActivations {
  ids: ArrayLike<number>;
  source: number;
  data: Float32Array;
}

/**
 * Takes a sequence in: for each neuron its strongest token, with the context around it. One context a sequence, so that a
 * text that repeats itself does not fill the list.
 */
export function offerSequence(heaps: ExampleHeaps, sequence: SequenceActivations): void {
  const { neurons, kept } = heaps;
  const count = sequence.ids.length;
  const best = new Float32Array(neurons).fill(-Infinity);
  const where = new Int32Array(neurons);
  for (let t = 0; t < count; t++) {
    const row = sequence.data.subarray(t * neurons, (t + 1) * neurons);
    for (let n = 0; n < neurons; n++) {
      if (row[n]! > best[n]!) {
        best[n] = row[n]!;
        where[n] = t;
      }
    }
  }
  for (let n = 0; n < neurons; n++) {
    const used = heaps.used[n]!;
    const last = n * kept + used - 1;
    if (!(best[n]! > 0) || (used === kept && best[n]! <= heaps.activation[last]!)) continue;
    insert(heaps, n, best[n]!, where[n]!, sequence);
  }
}

function insert(
  heaps: ExampleHeaps,
  neuron: number,
  activation: number,
  at: number,
  sequence: SequenceActivations,
): void {
  const { kept, neurons } = heaps;
  const base = neuron * kept;
  const used = Math.min(heaps.used[neuron]! + 1, kept);
  heaps.used[neuron] = used;
  let slot = base + used - 1;
  for (; slot > base && heaps.activation[slot - 1]! < activation; slot--) moveEntry(heaps, slot - 1, slot);
  const from = Math.max(0, at - contextBefore);
  const to = Math.min(sequence.ids.length, at + contextAfter + 1);
  heaps.activation[slot] = activation;
  heaps.source[slot] = sequence.source;
  heaps.at[slot] = at - from;
  heaps.length[slot] = to - from;
  for (let t = from; t < to; t++) {
    heaps.ids[slot * contextWidth + t - from] = sequence.ids[t]!;
    heaps.values[slot * contextWidth + t - from] = sequence.data[t * neurons + neuron]!;
  }
}

function moveEntry(heaps: ExampleHeaps, from: number, to: number): void {
  for (const list of [heaps.activation, heaps.source, heaps.at, heaps.length]) list[to] = list[from]!;
  const span = from * contextWidth;
  heaps.ids.copyWithin(to * contextWidth, span, span + contextWidth);
  heaps.values.copyWithin(to * contextWidth, span, span + contextWidth);
}

/** One neuron's contexts as they are shown. */
export function examplesOf(
  heaps: ExampleHeaps,
  neuron: number,
  sources: readonly string[],
  token: (id: number) => Token,
): NeuronExample[] {
  return Array.from({ length: heaps.used[neuron]! }, (_, k) => {
    const slot = neuron * heaps.kept + k;
    const span = slot * contextWidth;
    const length = heaps.length[slot]!;
    return {
      activation: heaps.activation[slot]!,
      source: sources[heaps.source[slot]!] ?? "",
      tokens: Array.from(heaps.ids.subarray(span, span + length), (id) => token(id).text),
      activations: [...heaps.values.subarray(span, span + length)],
      at: heaps.at[slot]!,
    };
  });
}
