import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";

/** The shape of the random model that speed is measured on: a Llama of 0.45 billion parameters with tied embeddings. */
export const largeShape = {
  width: 1024,
  layers: 24,
  heads: 16,
  kvHeads: 16,
  neurons: 4096,
  vocabulary: 49_152,
  context: 2048,
};

/**
 * Writes a Llama with random F16 weights, once, and gives its file. What it says means nothing; how fast it says it is that
 * of any model of the shape.
 */
export function largeModel(folder: string): string {
  const file = path.join(folder, "random-0.45b-f16.gguf");
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const draft = `${file}.${process.pid}`;
  const out = openSync(draft, "w");
  try {
    const tensors = tensorList();
    const head = header(tensors);
    writeSync(out, head);
    let at = head.length;
    const noise = halfNoise();
    for (const { elements, half } of tensors) {
      const padding = Buffer.alloc(alignedSize(at) - at);
      at += writeSync(out, padding);
      at += writeTensor(out, elements, half, noise);
    }
  } finally {
    closeSync(out);
  }
  renameSync(draft, file);
  return file;
}

interface Tensor {
  name: string;
  shape: number[];
  elements: number;
  /** F16; the others, of norms, are F32 ones. */
  half: boolean;
}

function tensorList(): Tensor[] {
  const { width, layers, neurons, vocabulary } = largeShape;
  const list: Tensor[] = [];
  const add = (name: string, shape: number[], half = true): void => {
    list.push({ name, shape, half, elements: shape.reduce((product, each) => product * each, 1) });
  };
  add("token_embd.weight", [width, vocabulary]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blk.${layer}`;
    add(`${block}.attn_norm.weight`, [width], false);
    for (const part of ["attn_q", "attn_k", "attn_v", "attn_output"]) add(`${block}.${part}.weight`, [width, width]);
    add(`${block}.ffn_norm.weight`, [width], false);
    add(`${block}.ffn_gate.weight`, [width, neurons]);
    add(`${block}.ffn_up.weight`, [width, neurons]);
    add(`${block}.ffn_down.weight`, [neurons, width]);
  }
  add("output_norm.weight", [width], false);
  return list;
}

const alignment = 32;

function alignedSize(size: number): number {
  return Math.ceil(size / alignment) * alignment;
}

function header(tensors: readonly Tensor[]): Buffer {
  const parts: Buffer[] = [];
  const u32 = (value: number): void => void parts.push(Buffer.from(Uint32Array.of(value).buffer));
  const u64 = (value: number): void => void parts.push(Buffer.from(BigUint64Array.of(BigInt(value)).buffer));
  const text = (value: string): void => {
    const bytes = Buffer.from(value);
    u64(bytes.length);
    parts.push(bytes);
  };
  const keys: (() => void)[] = [];
  const key = (name: string, type: number, write: () => void): void =>
    void keys.push(() => {
      text(name);
      u32(type);
      write();
    });
  const number = (name: string, value: number): void => key(name, 4, () => u32(value));
  const float = (name: string, value: number): void =>
    key(name, 6, () => parts.push(Buffer.from(Float32Array.of(value).buffer)));
  const string = (name: string, value: string): void => key(name, 8, () => text(value));
  string("general.architecture", "llama");
  string("general.name", "random 0.45 B");
  number("general.file_type", 1);
  number("llama.context_length", largeShape.context);
  number("llama.embedding_length", largeShape.width);
  number("llama.block_count", largeShape.layers);
  number("llama.feed_forward_length", largeShape.neurons);
  number("llama.attention.head_count", largeShape.heads);
  number("llama.attention.head_count_kv", largeShape.kvHeads);
  number("llama.rope.dimension_count", largeShape.width / largeShape.heads);
  float("llama.attention.layer_norm_rms_epsilon", 1e-5);
  number("llama.vocab_size", largeShape.vocabulary);
  string("tokenizer.ggml.model", "gpt2");
  string("tokenizer.ggml.pre", "gpt-2");
  const tokens = vocabulary();
  key("tokenizer.ggml.tokens", 9, () => {
    u32(8);
    u64(tokens.length);
    tokens.forEach(text);
  });
  key("tokenizer.ggml.token_type", 9, () => {
    u32(5);
    u64(tokens.length);
    parts.push(Buffer.from(Int32Array.from(tokens, (_, index) => (index === tokens.length - 1 ? 3 : 1)).buffer));
  });
  key("tokenizer.ggml.merges", 9, () => {
    u32(8);
    u64(1);
    text("a a");
  });
  number("tokenizer.ggml.eos_token_id", tokens.length - 1);
  parts.push(Buffer.from("GGUF"));
  u32(3);
  u64(tensors.length);
  u64(keys.length);
  for (const write of keys) write();
  let offset = 0;
  for (const { name, shape, elements, half } of tensors) {
    text(name);
    u32(shape.length);
    shape.forEach(u64);
    u32(half ? 1 : 0);
    u64(offset);
    offset = alignedSize(offset + elements * (half ? 2 : 4));
  }
  return Buffer.concat(parts);
}

/** The letters of GPT-2's byte alphabet, one merge, and names for the rest. The end of text comes last. */
function vocabulary(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const letters = Array.from({ length: 256 }, (_, byte) => byte)
    .filter(printable)
    .map((byte) => String.fromCodePoint(byte));
  for (let shift = 0; letters.length < 256; shift++) letters.push(String.fromCodePoint(256 + shift));
  const tokens = [...letters, "aa"];
  while (tokens.length < largeShape.vocabulary - 1) tokens.push(`<word ${tokens.length}>`);
  return [...tokens, "<end>"];
}

const noiseLength = 1 << 20;

/** Bits of normal numbers as halves, with a deviation of 0.02, from a fixed seed. */
function halfNoise(): Uint16Array {
  let state = 12345;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Uint16Array.from({ length: noiseLength }, () => {
    const value = 0.02 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    return toHalf(value);
  });
}

function toHalf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign | Math.round(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  const fraction = Math.round((size / 2 ** exponent - 1) * 1024);
  return sign | (((exponent + 15) << 10) + fraction);
}

/** Tensors take the noise from where they come to it, so that no two rows are alike in a row. */
function writeTensor(out: number, elements: number, half: boolean, noise: Uint16Array): number {
  if (!half) return writeSync(out, Buffer.from(new Float32Array(elements).fill(1).buffer));
  let written = 0;
  let from = (elements * 7919) % (noiseLength / 2);
  while (written < elements) {
    const count = Math.min(elements - written, noiseLength - from);
    const piece = noise.subarray(from, from + count);
    writeSync(out, Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    written += count;
    from = (from + 104_729) % (noiseLength / 2);
  }
  return elements * 2;
}
