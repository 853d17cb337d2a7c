import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Half a billion parameters in the shape of small models of today. */
export const shape = {
  width: 1024,
  layers: 16,
  heads: 16,
  kvHeads: 8,
  neurons: 4096,
  vocabulary: 128_256,
  context: 4096,
};

/** Folder that keeps what benchmarks make once. */
export function benchFolder(): string {
  const folder = process.env["VITRINE_BENCH_DIR"] ?? path.join(os.tmpdir(), "vitrine-bench");
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A llama model of random BF16 weights, written once. Its file's path. */
export function randomLlama(): string {
  const file = path.join(benchFolder(), "random-0.5b-BF16.gguf");
  if (!existsSync(file)) write(file);
  return file;
}

interface Tensor {
  name: string;
  shape: number[];
  /** Standard deviation; norms are ones. */
  scale: number | "ones";
}

function tensors(): Tensor[] {
  const { width: d, neurons: m, vocabulary, heads, kvHeads } = shape;
  const kv = (d / heads) * kvHeads;
  const matrix = (name: string, inputs: number, outputs: number): Tensor => ({
    name: `${name}.weight`,
    shape: [inputs, outputs],
    scale: 1 / Math.sqrt(inputs),
  });
  const norm = (name: string): Tensor => ({ name: `${name}.weight`, shape: [d], scale: "ones" });
  const blocks = Array.from({ length: shape.layers }, (_, layer) => {
    const blk = (part: string) => `blk.${layer}.${part}`;
    return [
      norm(blk("attn_norm")),
      matrix(blk("attn_q"), d, d),
      matrix(blk("attn_k"), d, kv),
      matrix(blk("attn_v"), d, kv),
      matrix(blk("attn_output"), d, d),
      norm(blk("ffn_norm")),
      matrix(blk("ffn_gate"), d, m),
      matrix(blk("ffn_up"), d, m),
      matrix(blk("ffn_down"), m, d),
    ];
  });
  return [
    { name: "token_embd.weight", shape: [d, vocabulary], scale: 1 },
    norm("output_norm"),
    matrix("output", d, vocabulary),
    ...blocks.flat(),
  ];
}

const bf16 = 30;
const f32 = 0;

function write(file: string): void {
  const part = `${file}.part`;
  const handle = openSync(part, "w");
  const all = tensors();
  const put = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at, bytes.length - at);
  };
  const header = headerOf(all);
  put(header);
  put(Buffer.alloc(padding(header.length)));
  const next = generator(1);
  for (const { shape: dims, scale } of all) {
    const count = dims.reduce((a, b) => a * b, 1);
    const block = scale === "ones" ? new Uint8Array(Float32Array.from({ length: count }, () => 1).buffer) : undefined;
    if (block) put(block);
    else for (let at = 0; at < count; at += piece) put(normals(Math.min(piece, count - at), scale as number, next));
    put(Buffer.alloc(padding(sizeOf(dims, scale))));
  }
  closeSync(handle);
  renameSync(part, file);
}

const piece = 1 << 22;
const sizeOf = (dims: number[], scale: Tensor["scale"]) => dims.reduce((a, b) => a * b, 1) * (scale === "ones" ? 4 : 2);
const padding = (size: number) => (32 - (size % 32)) % 32;

/** BF16 of roughly normal numbers: the upper halves of their F32 bits. */
function normals(count: number, scale: number, next: () => number): Uint8Array {
  const floats = new Float32Array(count);
  const factor = scale * Math.sqrt(6);
  for (let i = 0; i < count; i++) floats[i] = factor * (next() + next() - 1);
  const bits = new Uint32Array(floats.buffer);
  const out = new Uint16Array(count);
  for (let i = 0; i < count; i++) out[i] = bits[i]! >>> 16;
  return new Uint8Array(out.buffer);
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

function headerOf(all: Tensor[]): Buffer {
  const parts: Buffer[] = [];
  const u32 = (value: number) => parts.push(numberBytes(4, (b) => b.writeUInt32LE(value)));
  const u64 = (value: number) => parts.push(numberBytes(8, (b) => b.writeBigUInt64LE(BigInt(value))));
  const string = (text: string) => {
    const bytes = Buffer.from(text);
    u64(bytes.length);
    parts.push(bytes);
  };
  const entries: [string, () => void][] = [];
  const number = (key: string, value: number) => entries.push([key, () => (u32(4), u32(value))]);
  const text = (key: string, value: string) => entries.push([key, () => (u32(8), string(value))]);
  const strings = (key: string, list: string[]) =>
    entries.push([key, () => (u32(9), u32(8), u64(list.length), list.forEach(string))]);

  text("general.architecture", "llama");
  text("general.name", "random weights");
  number("llama.context_length", shape.context);
  number("llama.embedding_length", shape.width);
  number("llama.block_count", shape.layers);
  number("llama.feed_forward_length", shape.neurons);
  number("llama.attention.head_count", shape.heads);
  number("llama.attention.head_count_kv", shape.kvHeads);
  entries.push([
    "llama.attention.layer_norm_rms_epsilon",
    () => (u32(6), parts.push(numberBytes(4, (b) => b.writeFloatLE(1e-5)))),
  ]);
  text("tokenizer.ggml.model", "gpt2");
  text("tokenizer.ggml.pre", "gpt-2");
  strings("tokenizer.ggml.tokens", vocabulary());
  strings("tokenizer.ggml.merges", ["a b"]);

  parts.push(Buffer.from("GGUF"));
  u32(3);
  u64(all.length);
  u64(entries.length);
  for (const [key, value] of entries) {
    string(key);
    value();
  }
  let offset = 0;
  for (const { name, shape: dims, scale } of all) {
    string(name);
    u32(dims.length);
    dims.forEach(u64);
    u32(scale === "ones" ? f32 : bf16);
    u64(offset);
    const size = sizeOf(dims, scale);
    offset += size + padding(size);
  }
  return Buffer.concat(parts);
}

/** Bytes as GPT-2's alphabet spells them, then made-up tokens. */
function vocabulary(): string[] {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
  let next = 256;
  const bytes = Array.from({ length: 256 }, (_, b) => String.fromCodePoint(printable(b) ? b : next++));
  return [...bytes, "ab", ...Array.from({ length: shape.vocabulary - 257 }, (_, i) => `token${i}`)];
}

function numberBytes(length: number, fill: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(length);
  fill(buffer);
  return buffer;
}
