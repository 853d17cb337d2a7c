import type { GgufHeader } from "./header";

/** What a model takes in memory, from its header alone: an estimate, without the buffers that a pass needs. */
export interface Need {
  /** Bytes of the weights: the file's own. */
  weights: number;
  /** Bytes of keys and values for a thousand tokens of context, F16. */
  cachePerThousand: number;
  /** Tokens of context that the model was trained for; 0 where the file does not say. */
  context: number;
}

/** Absent for a file that is no language model (a direction, an edit). */
export function memoryNeed(header: GgufHeader, size: number): Need | undefined {
  const text = (key: string) => header.metadata.find((entry) => entry.key === key)?.value;
  const architecture = text("general.architecture") ?? "";
  const number = (key: string) => Number(text(`${architecture}.${key}`) ?? Number.NaN);
  const layers = number("block_count");
  const heads = number("attention.head_count");
  const width = number("embedding_length");
  if (!(layers > 0 && heads > 0 && width > 0)) return undefined;
  const keyHeads = number("attention.head_count_kv") || heads;
  const key = number("attention.key_length") || width / heads;
  const value = number("attention.value_length") || key;
  return {
    weights: size,
    cachePerThousand: layers * keyHeads * (key + value) * 2 * 1000,
    context: number("context_length") || 0,
  };
}

export type FileKind = "model" | "direction" | "edit";

/** What a GGUF is for: llama.cpp marks control vectors by their architecture, adapters by their type. */
export function fileKind(header: GgufHeader): FileKind {
  const text = (key: string) => header.metadata.find((entry) => entry.key === key)?.value;
  if (text("general.architecture") === "controlvector") return "direction";
  return text("general.type") === "adapter" ? "edit" : "model";
}
