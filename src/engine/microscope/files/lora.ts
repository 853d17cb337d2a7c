import { fail } from "../../../contract/errors";
import { numberIn, readGguf, textIn, type Gguf } from "../../llama/gguf";
import { dot } from "../maths/vectors";
import { readFloats } from "./ggufRead";
import { writeGguf } from "./ggufWrite";

/** What a LoRA adds to one matrix: for a base of `inputs` to `outputs`, B A with A [rank, inputs] and B [outputs, rank]. */
export interface LoraDelta {
  /** The base tensor, such as `blk.3.ffn_down.weight`. */
  tensor: string;
  inputs: number;
  outputs: number;
  rank: number;
  /** Row-major [rank, inputs]. */
  a: Float32Array;
  /** Row-major [outputs, rank]. */
  b: Float32Array;
}

export interface Lora {
  architecture: string;
  /** 0: the user's scale alone counts; otherwise scale x alpha / rank. */
  alpha: number;
  deltas: LoraDelta[];
  /** Metadata of ours, as texts. */
  notes: Record<string, string>;
}

const prefix = "vitrine.edit.";

/**
 * Writes an adapter as llama.cpp's `--lora` reads it. ggml's `lora_a` has ne = [inputs, rank] and `lora_b` ne = [rank, outputs],
 * which are the row-major arrays as they stand. Alpha is written as 0, so that scale 1 adds exactly B A.
 */
export async function writeLora(file: string, lora: Omit<Lora, "alpha">): Promise<void> {
  for (const { tensor, inputs, outputs, rank, a, b } of lora.deltas) {
    if (a.length !== rank * inputs || b.length !== outputs * rank)
      fail("internal", `The edit of ${tensor} has a wrong shape`);
  }
  await writeGguf(
    file,
    {
      "general.type": { type: "string", value: "adapter" },
      "general.architecture": { type: "string", value: lora.architecture },
      "adapter.type": { type: "string", value: "lora" },
      "adapter.lora.alpha": { type: "f32", value: 0 },
      ...Object.fromEntries(
        Object.entries(lora.notes).map(([key, value]) => [prefix + key, { type: "string" as const, value }]),
      ),
    },
    lora.deltas.flatMap(({ tensor, inputs, outputs, rank, a, b }) => [
      { name: `${tensor}.lora_a`, shape: [inputs, rank], data: a },
      { name: `${tensor}.lora_b`, shape: [rank, outputs], data: b },
    ]),
  );
}

/** Reads an adapter's header and metadata; the numbers too with `numbers`. Throws `damagedFile`, `notGguf`, `notFinite`. */
export function readLora(file: string, numbers = true): Lora {
  const gguf = readGguf(file);
  if (textIn(gguf, "general.type") !== "adapter" || textIn(gguf, "adapter.type") !== "lora") {
    fail("damagedFile", `'${file}' is a GGUF, but no LoRA adapter`, { remedy: "choose an edit's file" });
  }
  return {
    architecture: textIn(gguf, "general.architecture") ?? "",
    alpha: numberIn(gguf, "adapter.lora.alpha") ?? 0,
    deltas: pairs(gguf, numbers),
    notes: Object.fromEntries(
      [...gguf.metadata].flatMap(([key, value]) =>
        key.startsWith(prefix) && typeof value === "string" ? [[key.slice(prefix.length), value]] : [],
      ),
    ),
  };
}

function pairs(gguf: Gguf, numbers: boolean): LoraDelta[] {
  const byName = new Map(gguf.tensors.map((tensor) => [tensor.name, tensor]));
  const deltas = gguf.tensors.flatMap((b): LoraDelta[] => {
    if (b.name.endsWith(".lora_a") || b.name.endsWith("_norm.weight")) return [];
    const tensor = b.name.replace(/\.lora_b$/, "");
    const a = byName.get(`${tensor}.lora_a`);
    if (!b.name.endsWith(".lora_b") || !a) {
      fail("damagedFile", `'${b.name.slice(0, 60)}' of '${gguf.file}' has no partner`);
    }
    const [inputs, rank] = a.shape;
    const [bRank, outputs] = b.shape;
    if (a.shape.length !== 2 || b.shape.length !== 2 || rank !== bRank) {
      fail("damagedFile", `The two halves of '${tensor}' in '${gguf.file}' do not fit`);
    }
    return [
      {
        tensor,
        inputs: inputs!,
        outputs: outputs!,
        rank: rank!,
        a: numbers ? readFloats(gguf, a) : new Float32Array(0),
        b: numbers ? readFloats(gguf, b) : new Float32Array(0),
      },
    ];
  });
  if (deltas.length * 2 > gguf.tensors.length) fail("damagedFile", `'${gguf.file}' holds a half twice`);
  if (deltas.length === 0) fail("damagedFile", `'${gguf.file}' adds nothing to any tensor`);
  return deltas;
}

/** Frobenius norm of B A, through the two Gram matrices of size rank: ||BA||^2 = tr(B^T B A A^T). */
export function deltaNorm({ rank, inputs, outputs, a, b }: LoraDelta): number {
  const column = (k: number) => Float32Array.from({ length: outputs }, (_, o) => b[o * rank + k]!);
  const columns = Array.from({ length: rank }, (_, k) => column(k));
  let sum = 0;
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j < rank; j++) {
      const aa = dot(a.subarray(i * inputs, (i + 1) * inputs), a.subarray(j * inputs, (j + 1) * inputs));
      sum += aa * dot(columns[i]!, columns[j]!);
    }
  }
  return Math.sqrt(Math.max(0, sum));
}
