import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { fail } from "../../../contract/errors";
import { allFinite } from "../maths/vectors";
import { bf16ToFloats, bytesToFloats, bytesToHalves, halfToNumber } from "./ggufRead";
import { floatBytes } from "./ggufWrite";

/** A tensor of a safetensors file as floats; `shape` in the file's own (row-major) order. */
export interface SafeTensor {
  shape: number[];
  data: Float32Array;
}

/** An opened file: its header is checked, its data is read a tensor at a time. */
export interface SafeTensors {
  names: string[];
  metadata: Record<string, string>;
  /** Throws `damagedFile` where the file has no such tensor. */
  shape(name: string): number[];
  /** Throws `notFinite` for NaN or infinity. */
  read(name: string): Float32Array;
}

const headerLimit = 100_000_000;
const widths: Record<string, number> = { F32: 4, F16: 2, BF16: 2, F64: 8 };

interface Entry {
  dtype: string;
  shape: number[];
  from: number;
  bytes: number;
}

/**
 * Opens a safetensors file: 8 bytes of length, a JSON header, the data (huggingface/safetensors' format). Every length is
 * checked against the file before anything is allocated. Throws `damagedFile`, `fileMissing`.
 */
export function openSafeTensors(file: string): SafeTensors {
  const { header, metadata, start } = withFile(file, (descriptor) => {
    const { size } = fstatSync(descriptor);
    if (size < 10) damaged(file, "it is too short");
    const length = readAt(file, descriptor, 0, 8).readBigUInt64LE(0);
    if (length > BigInt(Math.min(headerLimit, size - 8))) damaged(file, "its header is longer than the file");
    const begin = 8 + Number(length);
    const text = readAt(file, descriptor, 8, Number(length)).toString("utf8");
    return { ...parseHeader(file, text, size - begin), start: begin };
  });
  const entry = (name: string) => header.get(name) ?? fail("damagedFile", `'${file}' lacks ${name}`);
  return {
    names: [...header.keys()],
    metadata,
    shape: (name) => entry(name).shape,
    read(name) {
      const { dtype, from, bytes } = entry(name);
      const data = decode(
        withFile(file, (descriptor) => readAt(file, descriptor, start + from, bytes)),
        dtype,
      );
      if (!allFinite(data)) fail("notFinite", `'${name}' of '${file}' holds a number that is not finite`);
      return data;
    },
  };
}

/**
 * Writes F32 tensors; the file appears whole or not at all. The header is padded with blanks so that the data begins at a
 * multiple of 8. Throws `notFinite` before anything is written.
 */
export function writeSafeTensors(
  file: string,
  tensors: Readonly<Record<string, SafeTensor>>,
  metadata: Record<string, string> = {},
): void {
  let at = 0;
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (!allFinite(data)) fail("notFinite", `'${name}' holds a number that is not finite; nothing was written`);
    header[name] = { dtype: "F32", shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  let text = JSON.stringify(header);
  text += " ".repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  const draft = `${file}.${process.pid}.draft`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    const descriptor = openSync(draft, "w");
    try {
      const parts = [length, Buffer.from(text), ...Object.values(tensors).map(({ data }) => floatBytes(data))];
      for (const part of parts) for (let done = 0; done < part.length;) done += writeSync(descriptor, part, done);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    fail("fileMissing", `'${file}' cannot be written`, {
      remedy: "choose a folder with space that can be written to",
      cause: error,
    });
  }
}

function withFile<T>(file: string, use: (descriptor: number) => T): T {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (cause) {
    fail("fileMissing", `'${file}' cannot be read`, { cause });
  }
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function readAt(file: string, descriptor: number, from: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at < bytes;) {
    const got = readSync(descriptor, buffer, at, bytes - at, from + at);
    if (got === 0) damaged(file, "it ends too early");
    at += got;
  }
  return buffer;
}

function damaged(file: string, why: string): never {
  fail("damagedFile", `'${file}' is no usable safetensors file: ${why}`, { remedy: "copy or download it again" });
}

function parseHeader(file: string, text: string, dataBytes: number) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    damaged(file, "its header is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) damaged(file, "its header is no table");
  const header = new Map<string, Entry>();
  for (const [name, entry] of Object.entries(value as Record<string, unknown>)) {
    if (name !== "__metadata__") header.set(name, parseEntry(file, name, entry, dataBytes));
  }
  return { header, metadata: texts((value as Record<string, unknown>)["__metadata__"]) };
}

function parseEntry(file: string, name: string, value: unknown, dataBytes: number): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const shown = JSON.stringify(name.slice(0, 60));
  const width = typeof dtype === "string" ? widths[dtype] : undefined;
  if (width === undefined) damaged(file, `${shown} is of a type that is not read here`);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) damaged(file, `${shown} has an impossible place`);
  const [from, to] = offsets as [number, number];
  const count = shape.reduce((product, each) => product * each, 1);
  if (to > dataBytes || from > to || to - from !== count * width)
    damaged(file, `${shown} does not lie within the file`);
  return { dtype: dtype as string, shape, from, bytes: to - from };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && (each as number) >= 0);
}

function texts(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function decode(bytes: Buffer, dtype: string): Float32Array {
  if (dtype === "F32") return bytesToFloats(bytes);
  if (dtype === "F64") return Float32Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
  const halves = bytesToHalves(bytes);
  return dtype === "F16" ? Float32Array.from(halves, halfToNumber) : bf16ToFloats(halves);
}
