import { VitrineError, fail } from "../../contract/errors";
import type { Door } from "./door";
import { enums } from "./layouts";
import type { Model } from "./model";
import { allocate, copyFloats, offsetOf, release, writeBytes } from "./native";
import type { Pointer } from "./native";
import koffi from "koffi";

export interface ContextOptions {
  /** Tokens it holds, shared by all its sequences. */
  size: number;
  sequences: number;
  threads: number;
  /** Flash attention hides the attention patterns; off where they are wanted. */
  flash: "auto" | "off";
  /** F32 keys and values: states that are exact to float precision. */
  exact: boolean;
  /** Address of an evaluation callback; none leaves the graph alone. */
  callback?: Pointer;
}

/** Tokens for one call of the model: parallel arrays. `outputs[i]` is 1 where logits are wanted. */
export interface Batch {
  count: number;
  tokens: Int32Array;
  positions: Int32Array;
  sequences: Int32Array;
  outputs: Int8Array;
}

/** Tokens llama.cpp takes at once; a call is never more than one of its inner batches. */
export const batchSize = 512;
/**
 * Above this product of parameters and tokens a call goes to another thread. A watched call does so later: each of its
 * callbacks then has to come back to this thread.
 */
const longCall = { plain: 5e7, watched: 2e9 };

export function makeBatch(capacity: number): Batch {
  return {
    count: 0,
    tokens: new Int32Array(capacity),
    positions: new Int32Array(capacity),
    sequences: new Int32Array(capacity),
    outputs: new Int8Array(capacity),
  };
}

export function addToken(batch: Batch, token: number, position: number, sequence: number, output: boolean): void {
  const at = batch.count++;
  batch.tokens[at] = token;
  batch.positions[at] = position;
  batch.sequences[at] = sequence;
  batch.outputs[at] = output ? 1 : 0;
}

/** One llama.cpp context over a model: a cache of keys and values, and the right to run the graph. */
export class Context {
  readonly size: number;
  private readonly pointer: Pointer;
  private readonly memory: Pointer | null;
  private readonly native: NativeBatch;
  private readonly stop: StopFlag;
  private threads: number;
  private running = false;

  constructor(
    private readonly door: Door,
    private readonly model: Model,
    readonly options: ContextOptions,
  ) {
    const { api } = door;
    const size = Math.max(options.size, 8);
    this.stop = new StopFlag();
    this.threads = options.threads;
    const f32 = enums.ggml_type.GGML_TYPE_F32;
    door.clearComplaints();
    const pointer = api.llama_init_from_model(model.pointer, {
      ...api.llama_context_default_params(),
      n_ctx: size,
      n_batch: batchSize,
      n_ubatch: batchSize,
      n_seq_max: options.sequences,
      n_outputs_max: batchSize,
      n_outputs_max_per_seq: batchSize,
      n_threads: options.threads,
      n_threads_batch: options.threads,
      flash_attn_type: options.flash === "off" ? 0 : -1,
      kv_unified: true,
      ...(options.exact ? { type_k: f32, type_v: f32 } : {}),
      ...(options.callback === undefined ? {} : { cb_eval: options.callback }),
      abort_callback: door.stopFunction,
      abort_callback_data: this.stop.pointer,
    });
    if (pointer === null) {
      this.stop.close();
      fail("tooLarge", `A context of ${size} tokens could not be made: ${door.complaints().at(-1) ?? "no memory"}.`, {
        remedy: "Choose a shorter context, or close other programs.",
        details: { context: size },
      });
    }
    this.pointer = pointer;
    this.size = api.llama_n_ctx(pointer);
    this.memory = api.llama_get_memory(pointer);
    this.native = new NativeBatch(batchSize);
  }

  setThreads(threads: number): void {
    if (threads === this.threads) return;
    this.threads = threads;
    this.door.api.llama_set_n_threads(this.pointer, threads, threads);
  }

  /**
   * Runs a batch of at most `batchSize` tokens. A long call goes to another thread, and the signal stops it between two
   * nodes; what the batch had put in the cache is then taken out again. Throws `contextFull`, `cancelled` or `nativeFailure`.
   */
  async decode(batch: Batch, signal?: AbortSignal): Promise<void> {
    if (this.running) throw new Error("a context runs one batch at a time");
    signal?.throwIfAborted();
    const struct = this.native.fill(batch);
    const { api } = this.door;
    const limit = this.options.callback === undefined ? longCall.plain : longCall.watched;
    if (this.model.parameters * batch.count < limit) {
      this.finish(api.llama_decode(this.pointer, struct), batch);
      return;
    }
    const onAbort = (): void => this.stop.set(true);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.running = true;
    try {
      const code = await new Promise<number>((resolve, reject) => {
        api.llama_decode.async(this.pointer, struct, (error, result) =>
          error ? reject(error instanceof Error ? error : new Error(String(error))) : resolve(result),
        );
      });
      this.finish(code, batch);
    } finally {
      this.running = false;
      signal?.removeEventListener("abort", onAbort);
      this.stop.set(false);
    }
  }

  private finish(code: number, batch: Batch): void {
    if (code === 0) return;
    this.takeOut(batch);
    if (code === 1) {
      fail("contextFull", `There is no room for ${batch.count} more tokens in the context of ${this.size}.`, {
        details: { context: this.size, tokens: batch.count },
      });
    }
    if (code === 2) throw new VitrineError({ code: "cancelled", message: "Cancelled." });
    fail(
      "nativeFailure",
      `llama.cpp could not run the model (${code}): ${this.door.complaints().at(-1) ?? "no reason"}.`,
    );
  }

  private takeOut(batch: Batch): void {
    const first = new Map<number, number>();
    for (let index = 0; index < batch.count; index++) {
      const sequence = batch.sequences[index]!;
      first.set(sequence, Math.min(first.get(sequence) ?? Infinity, batch.positions[index]!));
    }
    for (const [sequence, position] of first) this.cut(sequence, position);
  }

  /** Copies the logits of the batch's token `index` (one that asked for them). */
  logits(index: number, into?: Float32Array): Float32Array {
    const found = this.logitsPointer(index);
    return copyFloats(found, this.model.vocabulary.size, into);
  }

  /** Where those logits are, until the next call. */
  logitsPointer(index: number): Pointer {
    const found = this.door.api.llama_get_logits_ith(this.pointer, index);
    if (found === null) fail("nativeFailure", `llama.cpp has no logits for token ${index} of the batch.`);
    return found;
  }

  /** Forgets everything. */
  clear(): void {
    if (this.memory !== null) this.door.api.llama_memory_clear(this.memory, false);
  }

  /** Forgets a sequence from a position on. False where the model's memory cannot be cut there. */
  cut(sequence: number, from: number): boolean {
    return this.memory === null || this.door.api.llama_memory_seq_rm(this.memory, sequence, from, -1);
  }

  /** Lets sequence `to` share the first `length` positions of `from`; nothing is copied. */
  share(from: number, to: number, length: number): void {
    if (this.memory !== null) this.door.api.llama_memory_seq_cp(this.memory, from, to, 0, length);
  }

  /** Adds `data` (a row of the model's width for each layer from 1 on) to the output of layers `first`..`last`; null takes it away. */
  controlVector(data: Float32Array | null, first: number, last: number): void {
    const { api } = this.door;
    const length = data?.length ?? 0;
    if (api.llama_set_adapter_cvec(this.pointer, data, length, this.model.embedding, first, last) !== 0) {
      fail("nativeFailure", "llama.cpp refused the control vector.");
    }
  }

  /** Switches LoRA adapters on, each with its scale; an empty list takes them away. */
  adapters(adapters: { pointer: Pointer; scale: number }[]): void {
    const { api } = this.door;
    const pointers = BigUint64Array.from(adapters, ({ pointer }) => pointer);
    const scales = Float32Array.from(adapters, ({ scale }) => scale);
    if (api.llama_set_adapters_lora(this.pointer, pointers, adapters.length, scales) !== 0) {
      fail("nativeFailure", "llama.cpp refused the adapters.");
    }
  }

  close(): void {
    this.door.api.llama_free(this.pointer);
    this.native.close();
    this.stop.close();
  }
}

/** The memory a `llama_batch` points to. */
class NativeBatch {
  private readonly memory: Pointer;
  private readonly at: { token: Pointer; pos: Pointer; counts: Pointer; lists: Pointer; ids: Pointer; logits: Pointer };

  constructor(capacity: number) {
    this.memory = allocate(capacity * (4 * 4 + 8 + 1));
    const lists = this.memory;
    const token = lists + BigInt(capacity * 8);
    const step = BigInt(capacity * 4);
    this.at = {
      lists,
      token,
      pos: token + step,
      counts: token + 2n * step,
      ids: token + 3n * step,
      logits: token + 4n * step,
    };
    const { ids } = this.at;
    writeBytes(
      lists,
      BigUint64Array.from({ length: capacity }, (_, index) => ids + BigInt(index * 4)),
    );
    writeBytes(this.at.counts, new Int32Array(capacity).fill(1));
  }

  fill({ count, tokens, positions, sequences, outputs }: Batch): Record<string, number | bigint | null> {
    if (count < 1 || count > batchSize) throw new Error(`a batch of ${count} tokens`);
    writeBytes(this.at.token, tokens.subarray(0, count));
    writeBytes(this.at.pos, positions.subarray(0, count));
    writeBytes(this.at.ids, sequences.subarray(0, count));
    writeBytes(this.at.logits, outputs.subarray(0, count));
    return {
      n_tokens: count,
      token: this.at.token,
      embd: null,
      pos: this.at.pos,
      n_seq_id: this.at.counts,
      seq_id: this.at.lists,
      logits: this.at.logits,
    };
  }

  close(): void {
    release(this.memory);
  }
}

/**
 * Stops a running graph from outside its thread. llama.cpp asks an abort callback before each node; ours is a C function
 * of ggml itself, `ggml_is_empty(tensor)`, over a tensor of our own whose first dimension is set to 0 to stop. No
 * JavaScript runs, so nothing waits for the event loop.
 */
class StopFlag {
  readonly pointer: Pointer;
  constructor() {
    this.pointer = allocate(512);
    writeBytes(this.pointer, new Uint8Array(512));
    writeBytes(this.pointer + BigInt(offsetOf("ggml_tensor", "ne")), new BigInt64Array([1n, 1n, 1n, 1n]));
  }
  set(stop: boolean): void {
    koffi.encode(this.pointer, offsetOf("ggml_tensor", "ne"), "int64_t", stop ? 0 : 1);
  }
  close(): void {
    release(this.pointer);
  }
}
