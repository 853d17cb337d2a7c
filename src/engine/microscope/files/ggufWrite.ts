import { allFinite } from "../maths/vectors";
import { fail } from "../../../contract/errors";
import { littleEndian } from "./ggufRead";
import { writeWhole } from "./whole";

/** A metadata value with the type it is written as. */
export type GgufEntry =
  | { type: "u32" | "i32" | "f32"; value: number }
  | { type: "bool"; value: boolean }
  | { type: "string"; value: string }
  | { type: "i32s" | "f32s"; value: ArrayLike<number> };

/** An F32 tensor; `shape` in ggml's order, the width of a row first. */
export interface FloatTensor {
  name: string;
  shape: number[];
  data: Float32Array;
}

const typeNumber = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const alignment = 32;

/**
 * Writes a GGUF (version 3, little endian) of F32 tensors: what llama.cpp reads as a control vector or an adapter. The
 * file appears whole or not at all. Throws `notFinite` where a number is NaN or infinite.
 */
export async function writeGguf(
  file: string,
  metadata: Record<string, GgufEntry>,
  tensors: readonly FloatTensor[],
): Promise<void> {
  const head = new HeadWriter();
  head.bytes(Buffer.from("GGUF"));
  head.u32(3);
  head.u64(tensors.length);
  head.u64(Object.keys(metadata).length);
  for (const [key, entry] of Object.entries(metadata)) {
    head.text(key);
    head.entry(entry);
  }
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    if (shape.reduce((a, b) => a * b, 1) !== data.length) fail("internal", `${name} does not fill its shape`);
    if (!allFinite(data)) fail("notFinite", `'${name}' holds a number that is not finite; nothing was written`);
    head.text(name);
    head.u32(shape.length);
    shape.forEach((size) => head.u64(size));
    head.u32(0);
    head.u64(offset);
    offset += padded(data.byteLength);
  }
  const header = head.join();
  const parts: Uint8Array[] = [header, new Uint8Array(padded(header.length) - header.length)];
  for (const { data } of tensors)
    parts.push(floatBytes(data), new Uint8Array(padded(data.byteLength) - data.byteLength));
  await writeWhole(file, parts);
}

/** Little-endian bytes of floats; no copy where the machine is little-endian itself. */
export function floatBytes(data: Float32Array): Uint8Array {
  if (littleEndian) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = Buffer.alloc(data.byteLength);
  data.forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
  return bytes;
}

const padded = (size: number) => Math.ceil(size / alignment) * alignment;

class HeadWriter {
  private readonly parts: Uint8Array[] = [];

  bytes(bytes: Uint8Array): void {
    this.parts.push(bytes);
  }

  u32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.parts.push(bytes);
  }

  u64(value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    this.parts.push(bytes);
  }

  text(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.u64(bytes.length);
    this.parts.push(bytes);
  }

  entry(entry: GgufEntry): void {
    switch (entry.type) {
      case "i32s":
      case "f32s":
        this.u32(typeNumber.array);
        this.u32(entry.type === "i32s" ? typeNumber.i32 : typeNumber.f32);
        this.u64(entry.value.length);
        for (let i = 0; i < entry.value.length; i++)
          this.scalar(entry.type === "i32s" ? "i32" : "f32", entry.value[i]!);
        break;
      case "string":
        this.u32(typeNumber.string);
        this.text(entry.value);
        break;
      case "bool":
        this.u32(typeNumber.bool);
        this.parts.push(Uint8Array.of(entry.value ? 1 : 0));
        break;
      default:
        this.u32(typeNumber[entry.type]);
        this.scalar(entry.type, entry.value);
    }
  }

  private scalar(type: "u32" | "i32" | "f32", value: number): void {
    const bytes = Buffer.alloc(4);
    if (type === "f32") bytes.writeFloatLE(value);
    else if (type === "i32") bytes.writeInt32LE(value);
    else bytes.writeUInt32LE(value);
    this.parts.push(bytes);
  }

  join(): Buffer {
    return Buffer.concat(this.parts);
  }
}
