import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import koffi from "koffi";
import { VitrineError, fail } from "../../contract/errors";
import type { Door } from "./door";
import { numberIn, textIn } from "./gguf";
import type { Gguf } from "./gguf";
import { allocate, release, writeBytes } from "./native";
import type { Pointer } from "./native";
import { Vocabulary } from "./vocabulary";

export interface ModelOptions {
  /** Keep the weights off every GPU. */
  cpuOnly: boolean;
  /** Layers that go to a GPU; all of them when absent. */
  gpuLayers?: number;
  /** 0..1; return false to give up. */
  onProgress?: (fraction: number) => boolean;
}

/** A loaded model: its weights are in memory once, whatever contexts look at them. */
export interface Model {
  pointer: Pointer;
  gguf: Gguf;
  vocabulary: Vocabulary;
  architecture: string;
  layers: number;
  embedding: number;
  heads: number;
  kvHeads: number;
  headWidth: number;
  neurons: number;
  experts: number;
  expertsUsed: number;
  parameters: number;
  size: number;
  trainedContext: number;
  quantisation: string;
  chatTemplate: string;
  /** llama.cpp keeps a cache of keys and values for it, which can be cut and shared. */
  cacheable: boolean;
  close(): void;
}

/** Loads the weights on another thread. Throws `unsupportedModel`, `nativeFailure` or `cancelled`. */
export async function loadModel(door: Door, gguf: Gguf, options: ModelOptions): Promise<Model> {
  const { api } = door;
  refuseWhatCannotGenerate(gguf);
  let cancelled = false;
  const type = koffi.pointer(koffi.proto("bool", ["float", "void *"]));
  const progress = koffi.register((fraction: number) => {
    cancelled ||= options.onProgress?.(fraction) === false;
    return !cancelled;
  }, type);
  // A list that holds only its end: no device beside the CPU.
  const noDevices = allocate(8);
  writeBytes(noDevices, new BigUint64Array(1));
  const params = { ...api.llama_model_default_params(), progress_callback: progress };
  if (options.gpuLayers !== undefined) Object.assign(params, { n_gpu_layers: options.gpuLayers });
  if (options.cpuOnly) Object.assign(params, { devices: noDevices, n_gpu_layers: 0 });
  door.clearComplaints();
  try {
    const pointer = await new Promise<Pointer | null>((resolve, reject) => {
      api.llama_model_load_from_file.async(gguf.file, params, (error, result) =>
        error ? reject(error instanceof Error ? error : new Error(String(error))) : resolve(result),
      );
    });
    if (cancelled) {
      if (pointer !== null) api.llama_model_free(pointer);
      throw new VitrineError({ code: "cancelled", message: "Loading was cancelled." });
    }
    if (pointer === null) refused(door, gguf);
    return describe(door, pointer, gguf);
  } finally {
    koffi.unregister(progress);
    release(noDevices);
  }
}

function refuseWhatCannotGenerate(gguf: Gguf): void {
  const kind = textIn(gguf, "general.type");
  if (kind !== undefined && kind !== "model") {
    fail("unsupportedModel", `${gguf.file} holds a ${kind}, not a model.`);
  }
  const architecture = textIn(gguf, "general.architecture");
  if (architecture === undefined) fail("notGguf", `${gguf.file} does not say which architecture it is.`);
  checkShape(gguf, architecture);
  if (gguf.tensors.length === 0) {
    fail("unsupportedModel", `${gguf.file} holds a vocabulary alone, with no weights to run.`, {
      remedy: "Choose a file that holds the whole model.",
    });
  }
}

/** Bounds that llama.cpp asserts: outside them it would end the process. */
const bounds: Record<string, [least: number, most: number]> = {
  block_count: [1, 512],
  expert_count: [0, 512],
  embedding_length: [1, 1 << 24],
  "attention.head_count": [1, 1 << 16],
  "attention.head_count_kv": [1, 1 << 16],
};

function checkShape(gguf: Gguf, architecture: string): void {
  for (const [key, [least, most]] of Object.entries(bounds)) {
    const value = numberIn(gguf, `${architecture}.${key}`);
    if (value !== undefined && (value < least || value > most)) {
      fail("notGguf", `${gguf.file} is damaged: its ${key} is ${value}.`, { remedy: "Download the file again." });
    }
  }
}

function refused(door: Door, gguf: Gguf): never {
  const why = door.complaints().filter((line) => /error|fail|unknown|missing|invalid|unsupported/i.test(line));
  const text = why.at(-1) ?? door.complaints().at(-1) ?? "llama.cpp gave no reason";
  const unknown = /unknown model architecture|unknown pre-tokenizer/i.exec(why.join("\n"));
  if (unknown) {
    const architecture = textIn(gguf, "general.architecture") ?? "?";
    fail("unsupportedModel", `llama.cpp ${door.version} does not know how to run the architecture '${architecture}'.`, {
      remedy: "Choose a model of an architecture it knows, or update.",
      details: { why },
    });
  }
  fail("unsupportedModel", `llama.cpp could not load ${gguf.file}: ${reason(text)}.`, {
    remedy: "Choose another file.",
    details: { why },
  });
}

function reason(line: string): string {
  return line
    .replace(/^\w+:\s*/, "")
    .replace(/^error loading model:\s*/, "")
    .replace(/\.+$/, "");
}

function describe(door: Door, pointer: Pointer, gguf: Gguf): Model {
  const { api } = door;
  const continues = api.llama_model_has_decoder(pointer) && !api.llama_model_has_encoder(pointer);
  if (!continues || api.llama_model_is_diffusion(pointer)) {
    api.llama_model_free(pointer);
    fail("unsupportedModel", `${gguf.file} is not a model that continues text.`);
  }
  const architecture = textIn(gguf, "general.architecture")!;
  const of = (key: string): number => numberIn(gguf, `${architecture}.${key}`) ?? 0;
  const embedding = api.llama_model_n_embd(pointer);
  const heads = api.llama_model_n_head(pointer);
  const ftype = api.llama_model_ftype(pointer);
  return {
    pointer,
    gguf,
    vocabulary: new Vocabulary(api, api.llama_model_get_vocab(pointer)),
    architecture,
    layers: api.llama_model_n_layer(pointer),
    embedding,
    heads,
    kvHeads: api.llama_model_n_head_kv(pointer),
    headWidth: of("attention.value_length") || Math.floor(embedding / Math.max(heads, 1)),
    neurons: of("expert_feed_forward_length") || of("feed_forward_length"),
    experts: of("expert_count"),
    expertsUsed: of("expert_used_count"),
    parameters: Number(api.llama_model_n_params(pointer)),
    size: Number(api.llama_model_size(pointer)),
    trainedContext: api.llama_model_n_ctx_train(pointer),
    quantisation: api.llama_ftype_name(ftype),
    chatTemplate: textIn(gguf, "tokenizer.chat_template") ?? "",
    cacheable: !api.llama_model_is_recurrent(pointer) && !api.llama_model_is_hybrid(pointer),
    close: () => api.llama_model_free(pointer),
  };
}

const sample = 1 << 16;

/** SHA-256 over the header and the beginning, middle and end of the data: names a model in files made for it. */
export function fingerprint(gguf: Gguf): string {
  const hash = createHash("sha256");
  const descriptor = openSync(gguf.file, "r");
  try {
    const piece = Buffer.alloc(1 << 20);
    const add = (from: number, to: number): void => {
      for (let at = from; at < to;) {
        const got = readSync(descriptor, piece, 0, Math.min(piece.length, to - at), at);
        if (got === 0) return;
        hash.update(piece.subarray(0, got));
        at += got;
      }
    };
    hash.update(`${gguf.size}\n`);
    add(0, gguf.headerEnd);
    for (const { offset, bytes } of gguf.tensors) {
      add(offset, offset + Math.min(bytes, 256));
    }
    const middle = Math.floor((gguf.dataOffset + gguf.size) / 2);
    for (const at of [gguf.dataOffset, middle, Math.max(gguf.dataOffset, gguf.size - sample)]) {
      add(at, Math.min(at + sample, gguf.size));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}
