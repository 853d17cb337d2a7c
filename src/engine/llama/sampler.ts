import { fail } from "../../contract/errors";
import type { Sampling } from "../../contract/verbs";
import type { Door } from "./door";
import { structs } from "./layouts";
import { allocate, copyBytes, offsetOf, release, writeBytes } from "./native";
import type { Pointer } from "./native";
import type { Vocabulary } from "./vocabulary";

const entry = structs.llama_token_data.size;

/**
 * Tokens with their logits as llama.cpp's samplers take and change them. One of the vocabulary's size serves all sequences.
 */
export class Candidates {
  readonly pointer: Pointer;
  private readonly data: Pointer;
  private readonly buffer: ArrayBuffer;
  private readonly ids: Int32Array;
  private readonly floats: Float32Array;

  constructor(private readonly capacity: number) {
    this.pointer = allocate(structs.llama_token_data_array.size);
    this.data = allocate(capacity * entry);
    this.buffer = new ArrayBuffer(capacity * entry);
    this.ids = new Int32Array(this.buffer);
    this.floats = new Float32Array(this.buffer);
  }

  /** Fills it with logits of the tokens `ids`, or of the whole vocabulary. */
  fill(logits: Float32Array, ids?: Int32Array): void {
    const count = Math.min(logits.length, this.capacity);
    for (let index = 0, at = 0; index < count; index++, at += 3) {
      this.ids[at] = ids ? ids[index]! : index;
      this.floats[at + 1] = logits[index]!;
      this.floats[at + 2] = 0;
    }
    writeBytes(this.data, new Uint8Array(this.buffer, 0, count * entry));
    const head = new DataView(new ArrayBuffer(structs.llama_token_data_array.size));
    head.setBigUint64(offsetOf("llama_token_data_array", "data"), this.data, true);
    head.setBigUint64(offsetOf("llama_token_data_array", "size"), BigInt(count), true);
    head.setBigInt64(offsetOf("llama_token_data_array", "selected"), -1n, true);
    head.setUint8(offsetOf("llama_token_data_array", "sorted"), 0);
    writeBytes(this.pointer, head);
  }

  /** The token a chain has chosen, or undefined where it left none. */
  selected(): number | undefined {
    const head = new DataView(copyBytes(this.pointer, structs.llama_token_data_array.size).buffer);
    const at = Number(head.getBigInt64(offsetOf("llama_token_data_array", "selected"), true));
    const size = Number(head.getBigUint64(offsetOf("llama_token_data_array", "size"), true));
    if (at < 0 || at >= size) return undefined;
    const data = head.getBigUint64(offsetOf("llama_token_data_array", "data"), true);
    const found = new DataView(copyBytes(data + BigInt(at * entry), entry).buffer);
    const logit = found.getFloat32(offsetOf("llama_token_data", "logit"), true);
    return logit === -Infinity ? undefined : found.getInt32(0, true);
  }

  /** Logit of the first entry: what a grammar left of a single token. */
  firstLogit(): number {
    return new DataView(copyBytes(this.data, entry).buffer).getFloat32(offsetOf("llama_token_data", "logit"), true);
  }

  close(): void {
    release(this.data);
    release(this.pointer);
  }
}

/** Throws `badArgument` or `notFinite` for settings no sampler can take. */
export function checkSampling(sampling: Sampling, vocabulary: Vocabulary): void {
  const { logitBias, seed, ...numbers } = sampling;
  for (const [name, value] of Object.entries(numbers)) {
    if (typeof value !== "number" || !Number.isFinite(value))
      fail("notFinite", `The sampling setting ${name} is ${String(value)}.`);
  }
  const refuse = (name: string, value: number): never =>
    fail("badArgument", `The sampling setting ${name} cannot be ${value}.`);
  const { temperature, topK, topP, minP, repeatPenalty, penaltyWindow } = sampling;
  if (temperature < 0) refuse("temperature", temperature);
  if (topK < 0 || !Number.isInteger(topK)) refuse("topK", topK);
  if (topP <= 0 || topP > 1) refuse("topP", topP);
  if (minP < 0 || minP > 1) refuse("minP", minP);
  if (repeatPenalty <= 0) refuse("repeatPenalty", repeatPenalty);
  if (penaltyWindow < 0 || !Number.isInteger(penaltyWindow)) refuse("penaltyWindow", penaltyWindow);
  if (seed !== undefined && (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)) refuse("seed", seed);
  for (const { id, bias } of logitBias ?? []) {
    vocabulary.check(id);
    if (Number.isNaN(bias)) fail("notFinite", `The bias of token ${id} is not a number.`);
  }
}

/** Whether logits have to be changed before the likeliest token is taken. */
export function changesLogits({
  logitBias,
  repeatPenalty,
  frequencyPenalty,
  presencePenalty,
  penaltyWindow,
}: Sampling): boolean {
  const penalised = penaltyWindow > 0 && (repeatPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0);
  return penalised || (logitBias?.length ?? 0) > 0;
}

/**
 * Chooses tokens as llama.cpp's own chain does: bias, penalties, top-k, top-p, min-p, temperature, then a draw with the seed
 * (or the likeliest at temperature 0).
 */
export class Sampler {
  private readonly chain: Pointer;

  constructor(
    private readonly door: Door,
    vocabulary: Vocabulary,
    sampling: Sampling,
    seed: number,
  ) {
    const { api } = door;
    const chain = api.llama_sampler_chain_init({ no_perf: true });
    const add = (sampler: Pointer): void => api.llama_sampler_chain_add(chain, sampler);
    const { temperature, topK, topP, minP, repeatPenalty, frequencyPenalty, presencePenalty, penaltyWindow } = sampling;
    const bias = sampling.logitBias ?? [];
    if (bias.length > 0) add(api.llama_sampler_init_logit_bias(vocabulary.size, bias.length, biasList(bias)));
    if (changesLogits({ ...sampling, logitBias: [] })) {
      const { size } = vocabulary;
      add(api.llama_sampler_init_penalties(size, penaltyWindow, repeatPenalty, frequencyPenalty, presencePenalty));
    }
    if (temperature === 0) add(api.llama_sampler_init_greedy());
    else {
      if (topK > 0) add(api.llama_sampler_init_top_k(topK));
      if (topP < 1) add(api.llama_sampler_init_top_p(topP, 1));
      if (minP > 0) add(api.llama_sampler_init_min_p(minP, 1));
      add(api.llama_sampler_init_temp(temperature));
      add(api.llama_sampler_init_dist(seed));
    }
    this.chain = chain;
  }

  /** Takes the candidates through the chain. */
  choose(candidates: Candidates): number | undefined {
    this.door.api.llama_sampler_apply(this.chain, candidates.pointer);
    return candidates.selected();
  }

  /** Tells the chain of a token that is now part of the text. */
  accept(token: number): void {
    this.door.api.llama_sampler_accept(this.chain, token);
  }

  close(): void {
    this.door.api.llama_sampler_free(this.chain);
  }
}

function biasList(biases: readonly { id: number; bias: number }[]): Uint8Array {
  const { size } = structs.llama_logit_bias;
  const view = new DataView(new ArrayBuffer(biases.length * size));
  biases.forEach(({ id, bias }, index) => {
    view.setInt32(index * size, id, true);
    view.setFloat32(index * size + offsetOf("llama_logit_bias", "bias"), bias, true);
  });
  return new Uint8Array(view.buffer);
}

/** A GBNF grammar on its way through a reply. */
export class Grammar {
  private readonly pointer: Pointer;

  constructor(
    private readonly door: Door,
    vocabulary: Vocabulary,
    grammar: string,
  ) {
    door.clearComplaints();
    const pointer = /(^|\n)\s*root\s*::=/.test(grammar)
      ? door.api.llama_sampler_init_grammar(vocabulary.native, grammar, "root")
      : null;
    if (pointer === null) {
      const why = door.complaints().at(-1);
      fail("badArgument", `The grammar cannot be read${why ? `: ${why}` : "; it needs a rule 'root'"}.`);
    }
    this.pointer = pointer;
  }

  /** Takes away what the grammar does not allow next. */
  filter(candidates: Candidates): void {
    this.door.api.llama_sampler_apply(this.pointer, candidates.pointer);
  }

  accept(token: number): void {
    this.door.api.llama_sampler_accept(this.pointer, token);
  }

  close(): void {
    this.door.api.llama_sampler_free(this.pointer);
  }
}
