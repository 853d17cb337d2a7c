import { readFile } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";
import { fail } from "../../../contract/errors";
import { allFinite } from "../maths/vectors";
import { bytesToFloats } from "./ggufRead";
import type { SafeTensor } from "./safetensors";

const largest = 4 * 2 ** 30;

/**
 * Reads the float arrays of a NumPy `.npz` (a ZIP of `.npy`), as Gemma Scope ships its SAEs. Only C order, `<f4` and `<f8`
 * are read; sizes are checked against the archive before anything is allocated. Throws `damagedFile`, `notFinite`.
 */
export async function readNpz(file: string): Promise<Map<string, SafeTensor>> {
  const bytes = await readFile(file).catch((cause: unknown) =>
    fail("fileMissing", `'${file}' cannot be read`, { cause }),
  );
  const out = new Map<string, SafeTensor>();
  for (const entry of zipEntries(file, bytes)) {
    if (!entry.name.endsWith(".npy")) continue;
    out.set(entry.name.slice(0, -4), parseNpy(file, entry.name, unpack(file, bytes, entry)));
  }
  return out;
}

function damaged(file: string, why: string): never {
  fail("damagedFile", `'${file}' is no usable npz file: ${why}`, { remedy: "copy or download it again" });
}

interface ZipEntry {
  name: string;
  method: number;
  packed: number;
  size: number;
  at: number;
}

/** The central directory (APPNOTE 4.3.12), with the 64-bit sizes of large archives. */
function zipEntries(file: string, bytes: Buffer): ZipEntry[] {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0 || end + 22 > bytes.length) damaged(file, "it has no directory");
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) damaged(file, "its directory is damaged");
    const [nameLength, extraLength, noteLength] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const extraAt = at + 46 + nameLength!;
    if (extraAt + extraLength! > bytes.length) damaged(file, "its directory is damaged");
    const entry = {
      name: bytes.toString("utf8", at + 46, extraAt),
      method: bytes.readUInt16LE(at + 10),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      at: bytes.readUInt32LE(at + 42),
    };
    entries.push(withLongSizes(entry, bytes.subarray(extraAt, extraAt + extraLength!)));
    at = extraAt + extraLength! + noteLength!;
  }
  return entries;
}

function withLongSizes(entry: ZipEntry, extra: Buffer): ZipEntry {
  const all = 0xffffffff;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    const long = (short: number) => {
      if (short !== all || next + 8 > extra.length) return short;
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    };
    const size = long(entry.size);
    const packed = long(entry.packed);
    return { ...entry, size, packed, at: long(entry.at) };
  }
  return entry;
}

function unpack(file: string, bytes: Buffer, { name, method, packed, size, at }: ZipEntry): Buffer {
  if (at + 30 > bytes.length || bytes.readUInt32LE(at) !== 0x04034b50)
    damaged(file, `${name} is not where it should be`);
  const from = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  if (from + packed > bytes.length || size > largest) damaged(file, `${name} does not lie within the file`);
  const body = bytes.subarray(from, from + packed);
  if (method === 0) return body;
  if (method !== 8) damaged(file, `${name} is packed in a way that is not read here`);
  try {
    return inflateRawSync(body, { maxOutputLength: size });
  } catch (error) {
    damaged(file, `${name} cannot be unpacked (${(error as Error).message})`);
  }
}

/** An array (NumPy's NEP 1). */
function parseNpy(file: string, name: string, bytes: Buffer): SafeTensor {
  if (bytes.length < 12 || bytes.toString("latin1", 1, 6) !== "NUMPY") damaged(file, `${name} is no array`);
  const long = bytes[6]! >= 2;
  const headerLength = long ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const start = (long ? 12 : 10) + headerLength;
  if (start > bytes.length) damaged(file, `${name} has a header longer than itself`);
  const header = bytes.toString("latin1", long ? 12 : 10, start);
  const kind = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? "")
    .split(",")
    .flatMap((part) => (part.trim() ? [Number(part)] : []));
  if (/'fortran_order':\s*True/.test(header)) damaged(file, `${name} is in column order`);
  const width = { "<f4": 4, "<f8": 8 }[kind ?? ""];
  if (width === undefined) damaged(file, `${name} is of a type that is not read here`);
  const count = shape.reduce((product, each) => product * each, 1);
  if (!Number.isSafeInteger(count) || count < 0 || count * width !== bytes.length - start)
    damaged(file, `${name} does not fill its shape`);
  const body = bytes.subarray(start);
  const data =
    width === 4 ? bytesToFloats(body) : Float32Array.from({ length: count }, (_, i) => body.readDoubleLE(8 * i));
  if (!allFinite(data)) fail("notFinite", `'${name}' of '${file}' holds a number that is not finite`);
  return { shape, data };
}
