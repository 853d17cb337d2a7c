import { existsSync, statSync } from "node:fs";
import path from "node:path";
import type { ModelEntry } from "../../contract/model";

interface Known {
  id: string;
  name: string;
  uri: string;
  /** The file's name once downloaded. */
  file: string;
  parameters: string;
  licence: string;
  description: string;
  /** Bytes, as published; the download tells the exact number. */
  size: number;
}

const million = 1e6;

/** Well-known small instruct models whose sites are known here. */
const known: readonly Known[] = [
  {
    id: "qwen3-0.6b",
    name: "Qwen3 0.6B",
    uri: "hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf",
    file: "Qwen3-0.6B-Q8_0.gguf",
    parameters: "0.6 B",
    licence: "Apache-2.0",
    description: "Small, with thinking that can be switched off.",
    size: 639 * million,
  },
  {
    id: "qwen2.5-0.5b",
    name: "Qwen2.5 0.5B Instruct",
    uri: "hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf",
    file: "qwen2.5-0.5b-instruct-q4_k_m.gguf",
    parameters: "0.5 B",
    licence: "Apache-2.0",
    description: "The smallest that holds a conversation.",
    size: 491 * million,
  },
  {
    id: "llama-3.2-1b",
    name: "Llama 3.2 1B Instruct",
    uri: "hf:bartowski/Llama-3.2-1B-Instruct-GGUF/Llama-3.2-1B-Instruct-Q4_K_M.gguf",
    file: "Llama-3.2-1B-Instruct-Q4_K_M.gguf",
    parameters: "1.2 B",
    licence: "Llama 3.2 Community License",
    description: "Often used in interpretability work.",
    size: 808 * million,
  },
  {
    id: "gemma-3-1b",
    name: "Gemma 3 1B",
    uri: "hf:bartowski/google_gemma-3-1b-it-GGUF/google_gemma-3-1b-it-Q4_K_M.gguf",
    file: "google_gemma-3-1b-it-Q4_K_M.gguf",
    parameters: "1.0 B",
    licence: "Gemma Terms of Use",
    description: "Many languages; features of its larger kin are published as Gemma Scope.",
    size: 806 * million,
  },
  {
    id: "qwen3-1.7b",
    name: "Qwen3 1.7B",
    uri: "hf:Qwen/Qwen3-1.7B-GGUF/Qwen3-1.7B-Q8_0.gguf",
    file: "Qwen3-1.7B-Q8_0.gguf",
    parameters: "1.7 B",
    licence: "Apache-2.0",
    description: "Calls tools well for its size.",
    size: 1834 * million,
  },
  {
    id: "qwen3-4b",
    name: "Qwen3 4B",
    uri: "hf:Qwen/Qwen3-4B-GGUF/Qwen3-4B-Q4_K_M.gguf",
    file: "Qwen3-4B-Q4_K_M.gguf",
    parameters: "4 B",
    licence: "Apache-2.0",
    description: "An agent for everyday work on a machine with 8 GB.",
    size: 2497 * million,
  },
];

/** Memory beside the weights with 4,096 tokens, as a share of the file and a fixed part: a first guess, shown as such. */
const share = 1.15;
const fixed = 300 * million;

/** The catalogue, with what is in `folder` already. */
export function catalogue(folder: string): ModelEntry[] {
  return known.map(({ file, size, ...entry }) => {
    const there = path.join(folder, file);
    const present = existsSync(there);
    const bytes = present ? statSync(there).size : size;
    const result: ModelEntry = { ...entry, kind: "catalogue", size: bytes, memory: Math.round(bytes * share + fixed) };
    return present ? { ...result, file: there } : result;
  });
}
