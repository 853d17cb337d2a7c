import type { Site } from "./sites";

/** How a model is loaded. */
export interface LoadParams {
  file: string;
  /** `auto` lets node-llama-cpp choose the back end (CUDA, Metal, Vulkan, CPU); `off` is the CPU alone. */
  gpu: "auto" | "off";
  /** Tokens of context; the smaller of 4,096 and what the model was trained for when absent. */
  context?: number;
  /** Threads; chosen by model size and free cores when absent. */
  threads?: number;
}

export interface LoadProgress {
  /** 0..1 of the weights. */
  fraction: number;
}

export interface ModelInfo {
  file: string;
  name: string;
  architecture: string;
  parameters: number;
  layers: number;
  embedding: number;
  heads: number;
  kvHeads: number;
  /** Width of the MLP (per expert for a mixture). */
  neurons: number;
  experts: number;
  vocabulary: number;
  /** Tokens of the open context, and what the model was trained for. */
  context: number;
  trainedContext: number;
  quantisation: string;
  /** Bytes of weights. */
  size: number;
  /** The Jinja source, empty where the file has none. */
  chatTemplate: string;
  /** The template has thinking marks. */
  thinks: boolean;
  /** SHA-256 over the file's metadata and tensor table and samples of its data: names a model in files made for it. */
  fingerprint: string;
  llamaVersion: string;
  devices: string[];
  threads: number;
  /** Sites of this architecture that can be read and written; empty where the table does not know it. */
  sites: Site[];
  /** Why sites are missing, in sentences. */
  missingSites: string[];
  /** GGUF metadata whose keys begin with `vitrine.` (the specimen's own). */
  metadata: Record<string, string>;
}

/** What loading would take, before anything is allocated. Bytes. */
export interface MemoryEstimate {
  weights: number;
  context: number;
  needed: number;
  free: number;
  fits: boolean;
  /** The largest context that would fit, 0 when even the weights do not. */
  largestContext: number;
}

/** A model a person can choose: the specimen, a file of theirs, or one of the catalogue. */
export interface ModelEntry {
  id: string;
  name: string;
  kind: "specimen" | "file" | "catalogue";
  /** Absolute path when the file is on this machine. */
  file?: string;
  /** Where a catalogue entry is downloaded from, as node-llama-cpp's model URI. */
  uri?: string;
  /** Bytes of the file. */
  size: number;
  parameters?: string;
  licence?: string;
  description?: string;
  /** Bytes of memory to run it with 4,096 tokens. */
  memory?: number;
  sha256?: string;
}

export interface DownloadProgress {
  received: number;
  total: number;
}
