import { closeSync, openSync, readSync } from "node:fs";
import koffi from "koffi";
import { fail } from "../../contract/errors";
import type { Api } from "./api";
import { blockOf, numberIn } from "./gguf";
import type { Gguf, GgufTensor } from "./gguf";
import { enums } from "./layouts";
import { offsetOf, readPointer } from "./native";

/**
 * The weights as numbers, read from the file a few rows at a time and dequantised by ggml. The live tensors are no source:
 * a CPU back end may have repacked them.
 */
export class WeightFile {
  private readonly tensors: Map<string, GgufTensor>;
  private descriptor: number | undefined;

  constructor(
    private readonly api: Api,
    private readonly gguf: Gguf,
  ) {
    this.tensors = new Map(gguf.tensors.map((tensor) => [tensor.name, tensor]));
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** ggml's order: inputs, outputs, experts. */
  shape(name: string): number[] {
    return [...this.tensor(name).shape];
  }

  /** A number of the file's metadata. */
  metadata(key: string): number | undefined {
    return numberIn(this.gguf, key);
  }

  /** Rows [from, from + count), dequantised; a tensor of three dimensions counts its rows through all experts. */
  rows(name: string, from: number, count: number): Float32Array {
    const tensor = this.tensor(name);
    const width = tensor.shape[0]!;
    const total = tensor.shape.slice(1).reduce((product, each) => product * each, 1);
    if (!Number.isInteger(from) || !Number.isInteger(count) || from < 0 || count < 0 || from + count > total) {
      fail("badArgument", `${name} has ${total} rows; ${count} from row ${from} were asked.`);
    }
    const [elements, blockBytes] = blockOf(tensor.type)!;
    const rowBytes = (width / elements) * blockBytes;
    const bytes = this.read(tensor.offset + from * rowBytes, count * rowBytes);
    return dequantise(this.api, tensor.type, bytes, count * width);
  }

  private tensor(name: string): GgufTensor {
    return this.tensors.get(name) ?? fail("badArgument", `The model has no weights called '${name}'.`);
  }

  private read(at: number, length: number): Uint8Array {
    this.descriptor ??= openSync(this.gguf.file, "r");
    const bytes = new Uint8Array(length);
    for (let got = 0; got < length;) {
      const now = readSync(this.descriptor, bytes, got, length - got, at + got);
      if (now === 0) fail("damagedFile", `${this.gguf.file} became shorter while it was read.`);
      got += now;
    }
    return bytes;
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

/** Numbers of a ggml type as floats. */
export function dequantise(api: Api, type: number, bytes: Uint8Array, count: number): Float32Array {
  if (type === enums.ggml_type.GGML_TYPE_F32) {
    const copy = new Uint8Array(bytes); // aligned for floats
    return new Float32Array(copy.buffer, 0, count);
  }
  const out = new Float32Array(count);
  const convert = readPointer(api.ggml_get_type_traits(type), offsetOf("ggml_type_traits", "to_float"));
  if (convert === null) fail("unsupportedModel", `Weights of the type ${api.ggml_type_name(type)} cannot be read.`);
  if (count > 0) koffi.call(convert, toFloat(), bytes, out, count);
  return out;
}

let converter: ReturnType<typeof koffi.proto> | undefined;

function toFloat(): ReturnType<typeof koffi.proto> {
  converter ??= koffi.proto("void", ["void *", "void *", "int64_t"]);
  return converter;
}
