import { closeSync, openSync, readSync } from "node:fs";
import { fail } from "../../../contract/errors";
import type { Gguf, GgufTensor } from "../../llama/gguf";
import { allFinite } from "../maths/vectors";

const [f32, f16, bf16] = [0, 1, 30];

/**
 * The numbers of a tensor stored as F32, F16 or BF16. The header has been checked against the file's size, so the length is
 * safe to allocate. Throws `damagedFile` for other types, `notFinite` for NaN or infinity.
 */
export function readFloats(gguf: Gguf, tensor: GgufTensor): Float32Array {
  if (tensor.type !== f32 && tensor.type !== f16 && tensor.type !== bf16) {
    fail("damagedFile", `'${tensor.name}' of '${gguf.file}' is quantised; F32, F16 or BF16 is read here`);
  }
  const bytes = Buffer.alloc(tensor.bytes);
  const descriptor = openSync(gguf.file, "r");
  try {
    let at = 0;
    while (at < bytes.length) {
      const got = readSync(descriptor, bytes, at, bytes.length - at, tensor.offset + at);
      if (got === 0) fail("damagedFile", `'${gguf.file}' ends within '${tensor.name}'`);
      at += got;
    }
  } finally {
    closeSync(descriptor);
  }
  const data = decode(bytes, tensor.type);
  if (!allFinite(data)) fail("notFinite", `'${tensor.name}' of '${gguf.file}' holds a number that is not finite`);
  return data;
}

function decode(bytes: Buffer, type: number): Float32Array {
  if (type === f32) return bytesToFloats(bytes);
  const halves = bytesToHalves(bytes);
  if (type === f16) return Float32Array.from(halves, halfToNumber);
  return bf16ToFloats(halves);
}

/** Little-endian F32. */
export function bytesToFloats(bytes: Uint8Array): Float32Array {
  const data = new Float32Array(bytes.length / 4);
  new Uint8Array(data.buffer).set(bytes);
  return toNative(data, 4);
}

/** Little-endian 16-bit patterns. */
export function bytesToHalves(bytes: Uint8Array): Uint16Array {
  const data = new Uint16Array(bytes.length / 2);
  new Uint8Array(data.buffer).set(bytes);
  return toNative(data, 2);
}

function toNative<T extends Float32Array | Uint16Array>(data: T, width: 2 | 4): T {
  if (littleEndian) return data;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (width === 2) bytes.swap16();
  else bytes.swap32();
  return data;
}

/** Whether this machine stores the low byte first, as the files do. */
export const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** BF16 is the upper half of an F32. */
export function bf16ToFloats(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
}

/** IEEE 754 binary16. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
