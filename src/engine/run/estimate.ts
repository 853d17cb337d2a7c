import os from "node:os";
import { readFileSync } from "node:fs";
import { fail } from "../../contract/errors";
import type { LoadParams, MemoryEstimate } from "../../contract/model";
import { numberIn, readGguf, textIn } from "../llama/gguf";
import type { Gguf } from "../llama/gguf";

const defaultContext = 4096;
/** What llama.cpp takes beside weights and cache: graphs, the vocabulary, this process. */
const overhead = 96 << 20;

/**
 * What loading a file would take, from its header alone, before any library is loaded. Keys and values are counted in F16,
 * the working buffers of a graph as one batch of the widest layer; a test holds it against node-llama-cpp's GGUF insights.
 */
export function estimate(params: LoadParams): MemoryEstimate {
  return estimateOf(readGguf(params.file), params.context);
}

/** `more`: bytes that are free elsewhere, on a GPU. */
export function estimateOf(gguf: Gguf, asked: number | undefined, more = 0): MemoryEstimate {
  const architecture = textIn(gguf, "general.architecture") ?? "";
  const of = (key: string): number => numberIn(gguf, `${architecture}.${key}`) ?? 0;
  const weights = gguf.tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  const trained = of("context_length") || defaultContext;
  const context = asked ?? Math.min(defaultContext, trained);
  const perToken = bytesPerToken(of);
  const working = overhead + batchBuffer(of, gguf);
  const free = freeMemory() + more;
  const needed = weights + context * perToken + working;
  const room = free - weights - working;
  return {
    weights,
    context: context * perToken,
    needed,
    free,
    fits: needed <= free,
    largestContext: perToken === 0 ? trained : Math.max(0, Math.min(trained, Math.floor(room / perToken))),
  };
}

/** Keys and values of one token in all layers. */
function bytesPerToken(of: (key: string) => number): number {
  const heads = of("attention.head_count");
  const kvHeads = of("attention.head_count_kv") || heads;
  const width = heads === 0 ? 0 : of("embedding_length") / heads;
  const key = of("attention.key_length") || width;
  const value = of("attention.value_length") || width;
  return of("block_count") * kvHeads * (key + value) * 2;
}

function batchBuffer(of: (key: string) => number, gguf: Gguf): number {
  const tokens = gguf.metadata.get("tokenizer.ggml.tokens");
  const vocabulary = typeof tokens === "object" ? tokens.length : 0;
  const widest = Math.max(of("feed_forward_length"), of("embedding_length"));
  return 512 * (4 * widest + vocabulary) * 4;
}

/** Throws `tooLarge` with what is needed, what is free, and what would fit. */
export function checkMemory(gguf: Gguf, params: LoadParams, more: number): MemoryEstimate {
  const found = estimateOf(gguf, params.context, more);
  if (found.fits) return found;
  const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const remedy =
    found.largestContext >= 512
      ? `A context of ${found.largestContext} tokens would fit.`
      : `A model of at most about ${gigabytes(Math.max(0, found.free * 0.8))} would fit.`;
  fail("tooLarge", `The model needs ${gigabytes(found.needed)} of memory, and ${gigabytes(found.free)} are free.`, {
    remedy,
    details: { ...found },
  });
}

/** Layers that fit a GPU of `free` bytes, of `layers`; some is left for what else the GPU does. */
export function gpuLayers(estimate: MemoryEstimate, layers: number, free: number): number {
  const room = free * 0.9 - overhead;
  const each = (estimate.weights + estimate.context) / (layers + 1);
  return Math.max(0, Math.min(layers + 1, Math.floor(room / each)));
}

/** Memory a new model can have: on Linux what the kernel says is available, which os.freemem does not count. */
export function freeMemory(): number {
  if (process.platform === "linux") {
    try {
      const line = /MemAvailable:\s+(\d+) kB/.exec(readFileSync("/proc/meminfo", "utf8"));
      if (line) return Number(line[1]) * 1024;
    } catch {
      return os.freemem(); // no /proc here
    }
  }
  return os.freemem();
}
