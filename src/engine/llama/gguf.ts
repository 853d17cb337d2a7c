import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { fail } from "../../contract/errors";
import { enums } from "./layouts";

/**
 * A GGUF's header, read and checked against the file's size before llama.cpp sees it: a damaged file would end the process
 * there. Format: ggml's docs/gguf.md.
 */
export interface Gguf {
  file: string;
  size: number;
  version: number;
  /** Numbers, flags and texts; of long arrays only their length. */
  metadata: Map<string, GgufValue>;
  tensors: GgufTensor[];
  /** Where the tensors' data begins. */
  dataOffset: number;
  /** The header's own bytes end here. */
  headerEnd: number;
}

export type GgufValue = string | number | bigint | boolean | GgufArray;

export interface GgufArray {
  type: string;
  length: number;
  /** Present for arrays of at most `keptArray` numbers or texts. */
  values?: (number | bigint | boolean | string)[];
}

export interface GgufTensor {
  name: string;
  /** ggml's order: `shape[0]` is the width of a row. */
  shape: number[];
  type: number;
  /** From the beginning of the file. */
  offset: number;
  bytes: number;
}

const keptArray = 4096;
const magic = 0x46554747;
const kinds = ["u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64", "i64", "f64"] as const;
const widths: Record<string, number> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  bool: 1,
  u64: 8,
  i64: 8,
  f64: 8,
};

/** Elements and bytes of a block of each ggml type that a file may hold. */
const t = enums.ggml_type;
const blocks: Record<number, [elements: number, bytes: number]> = {
  [t.GGML_TYPE_F32]: [1, 4],
  [t.GGML_TYPE_F16]: [1, 2],
  [t.GGML_TYPE_Q4_0]: [32, 18],
  [t.GGML_TYPE_Q4_1]: [32, 20],
  [t.GGML_TYPE_Q5_0]: [32, 22],
  [t.GGML_TYPE_Q5_1]: [32, 24],
  [t.GGML_TYPE_Q8_0]: [32, 34],
  [t.GGML_TYPE_Q8_1]: [32, 36],
  [t.GGML_TYPE_Q2_K]: [256, 84],
  [t.GGML_TYPE_Q3_K]: [256, 110],
  [t.GGML_TYPE_Q4_K]: [256, 144],
  [t.GGML_TYPE_Q5_K]: [256, 176],
  [t.GGML_TYPE_Q6_K]: [256, 210],
  [t.GGML_TYPE_Q8_K]: [256, 292],
  [t.GGML_TYPE_IQ2_XXS]: [256, 66],
  [t.GGML_TYPE_IQ2_XS]: [256, 74],
  [t.GGML_TYPE_IQ3_XXS]: [256, 98],
  [t.GGML_TYPE_IQ1_S]: [256, 50],
  [t.GGML_TYPE_IQ4_NL]: [32, 18],
  [t.GGML_TYPE_IQ3_S]: [256, 110],
  [t.GGML_TYPE_IQ2_S]: [256, 82],
  [t.GGML_TYPE_IQ4_XS]: [256, 136],
  [t.GGML_TYPE_I8]: [1, 1],
  [t.GGML_TYPE_I16]: [1, 2],
  [t.GGML_TYPE_I32]: [1, 4],
  [t.GGML_TYPE_I64]: [1, 8],
  [t.GGML_TYPE_F64]: [1, 8],
  [t.GGML_TYPE_IQ1_M]: [256, 56],
  [t.GGML_TYPE_BF16]: [1, 2],
  [t.GGML_TYPE_TQ1_0]: [256, 54],
  [t.GGML_TYPE_TQ2_0]: [256, 66],
  [t.GGML_TYPE_MXFP4]: [32, 17],
  [t.GGML_TYPE_NVFP4]: [64, 36],
  [t.GGML_TYPE_Q1_0]: [128, 18],
  [t.GGML_TYPE_Q2_0]: [64, 18],
};

/** The block of a ggml type, or undefined where no file may hold it. */
export function blockOf(type: number): [elements: number, bytes: number] | undefined {
  return blocks[type];
}

/** Reads and checks the header. Throws `fileMissing` or `notGguf`. */
export function readGguf(file: string): Gguf {
  const descriptor = openFile(file);
  try {
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) fail("fileMissing", `${file} is a folder, not a model file.`);
    const reader = new Reader(descriptor, stat.size);
    return parse(file, stat.size, reader);
  } catch (error) {
    if (error instanceof Damage) {
      fail("notGguf", `${file} is not a usable GGUF: ${error.message}.`, {
        remedy: "Download the file again, or choose another.",
      });
    }
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function openFile(file: string): number {
  if (file.includes("\0")) fail("fileMissing", "A file name cannot hold a NUL byte.");
  try {
    return openSync(file, "r");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "it may not be read" : String(code);
    fail("fileMissing", `${file} cannot be opened: ${why}.`, { cause });
  }
}

class Damage extends Error {}

function parse(file: string, size: number, reader: Reader): Gguf {
  if (size < 24) throw new Damage("it is too short");
  if (reader.u32() !== magic) throw new Damage("it does not begin with GGUF");
  const version = reader.u32();
  if (version !== 2 && version !== 3) throw new Damage(`its version is ${version}`);
  const tensorCount = reader.count("tensors", 24);
  const keyCount = reader.count("keys", 13);
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < keyCount; index++) {
    const key = reader.text("a key");
    if (metadata.has(key)) throw new Damage(`the key ${printable(key)} is there twice`);
    metadata.set(key, value(reader, kindAt(reader.u32()), key));
  }
  const alignment = alignmentOf(metadata);
  const infos = Array.from({ length: tensorCount }, () => tensorInfo(reader));
  const headerEnd = reader.at;
  const dataOffset = Math.ceil(headerEnd / alignment) * alignment;
  const tensors = infos.map((info) => ({ ...info, offset: info.offset + dataOffset }));
  checkTensors(tensors, alignment, dataOffset, size);
  return { file, size, version, metadata, tensors, dataOffset, headerEnd };
}

function kindAt(code: number): string {
  return kinds[code] ?? damaged(`a value has the unknown type ${code}`);
}

function damaged(why: string): never {
  throw new Damage(why);
}

function printable(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

function value(reader: Reader, kind: string, key: string): GgufValue {
  if (kind === "string") return reader.text(key);
  if (kind !== "array") return reader.scalar(kind);
  const type = kindAt(reader.u32());
  if (type === "array") damaged(`${printable(key)} is an array of arrays`);
  const length = reader.count(key, type === "string" ? 8 : widths[type]!);
  if (key === "tokenizer.ggml.tokens" && type === "string") return distinctTokens(reader, length);
  if (length > keptArray) {
    reader.skipArray(type, length, key);
    return { type, length };
  }
  const values = Array.from({ length }, () => (type === "string" ? reader.text(key) : reader.scalar(type)));
  return { type, length, values };
}

/** llama.cpp ends the process over a vocabulary in which a token is there twice. */
function distinctTokens(reader: Reader, length: number): GgufArray {
  const seen = new Set<string>();
  for (let index = 0; index < length; index++) {
    const token = reader.bytesOf(`token ${index}`);
    if (seen.has(token)) damaged(`its vocabulary holds ${printable(token)} twice`);
    seen.add(token);
  }
  return { type: "string", length };
}

function alignmentOf(metadata: Map<string, GgufValue>): number {
  const alignment = metadata.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || alignment < 8 || alignment > 1 << 20 || (alignment & (alignment - 1)) !== 0) {
    damaged("its alignment is no power of two");
  }
  return alignment;
}

function tensorInfo(reader: Reader): GgufTensor {
  const name = reader.text("a tensor's name");
  if (name.length > 63) damaged(`the tensor name ${printable(name)} is too long`);
  const dimensions = reader.u32();
  if (dimensions < 1 || dimensions > 4) damaged(`${printable(name)} has ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, () => reader.u64(`a dimension of ${printable(name)}`));
  const type = reader.u32();
  const block = blocks[type] ?? damaged(`${printable(name)} has the unknown type ${type}`);
  const [elements, blockBytes] = block;
  const count = shape.reduce((product, each) => product * each, 1);
  if (shape[0]! % elements !== 0) damaged(`the rows of ${printable(name)} are no whole blocks`);
  if (!Number.isSafeInteger(count) || shape.some((each) => each < 1))
    damaged(`${printable(name)} has an impossible shape`);
  return {
    name,
    shape,
    type,
    offset: reader.u64(`the place of ${printable(name)}`),
    bytes: (count / elements) * blockBytes,
  };
}

function checkTensors(tensors: GgufTensor[], alignment: number, dataOffset: number, size: number): void {
  const names = new Set<string>();
  let next = dataOffset;
  for (const { name, offset, bytes } of tensors) {
    if (names.has(name)) damaged(`the tensor ${printable(name)} is there twice`);
    names.add(name);
    // ggml itself asks for tensors one after the other, each padded to the alignment.
    if (offset !== next) damaged(`the tensor ${printable(name)} is not where it should be`);
    if (offset + bytes > size) {
      damaged(`the file ends at byte ${size}, before the tensor ${printable(name)} ends (${offset + bytes})`);
    }
    next = Math.ceil((offset + bytes) / alignment) * alignment;
  }
}

/** Reads a file forward in large pieces; every length is checked against what is left. */
class Reader {
  at = 0;
  private piece: Buffer = Buffer.alloc(0);
  private start = 0;

  constructor(
    private readonly descriptor: number,
    private readonly size: number,
  ) {}

  private take(bytes: number): Buffer {
    if (this.at + bytes > this.size) damaged(`it ends in the middle of the header, at byte ${this.size}`);
    if (this.at < this.start || this.at + bytes > this.start + this.piece.length) {
      const length = Math.min(Math.max(bytes, 1 << 20), this.size - this.at);
      const piece = Buffer.alloc(length);
      const got = readSync(this.descriptor, piece, 0, length, this.at);
      if (got < bytes) damaged(`it ends in the middle of the header, at byte ${this.at + got}`);
      this.piece = piece.subarray(0, got);
      this.start = this.at;
    }
    const from = this.at - this.start;
    this.at += bytes;
    return this.piece.subarray(from, from + bytes);
  }

  u32(): number {
    return this.take(4).readUInt32LE(0);
  }

  u64(what: string): number {
    const big = this.take(8).readBigUInt64LE(0);
    if (big > BigInt(Number.MAX_SAFE_INTEGER)) damaged(`${what} is impossibly large`);
    return Number(big);
  }

  /** A number of things of at least `each` bytes, which must fit what is left of the file. */
  count(what: string, each: number): number {
    const count = this.u64(`the number of ${what}`);
    if (count * each > this.size - this.at) damaged(`it claims ${count} ${what}, more than the file could hold`);
    return count;
  }

  text(what: string): string {
    const length = this.u64(`the length of ${what}`);
    if (length > this.size - this.at) damaged(`${printable(what)} is longer than the file`);
    return this.take(length).toString("utf8");
  }

  /** A text as one character a byte, whatever it holds. */
  bytesOf(what: string): string {
    const length = this.u64(`the length of ${what}`);
    if (length > this.size - this.at) damaged(`${what} is longer than the file`);
    return this.take(length).toString("latin1");
  }

  scalar(kind: string): number | bigint | boolean {
    const bytes = this.take(widths[kind]!);
    switch (kind) {
      case "u8":
        return bytes.readUInt8(0);
      case "i8":
        return bytes.readInt8(0);
      case "u16":
        return bytes.readUInt16LE(0);
      case "i16":
        return bytes.readInt16LE(0);
      case "u32":
        return bytes.readUInt32LE(0);
      case "i32":
        return bytes.readInt32LE(0);
      case "f32":
        return bytes.readFloatLE(0);
      case "u64":
        return bytes.readBigUInt64LE(0);
      case "i64":
        return bytes.readBigInt64LE(0);
      case "f64":
        return bytes.readDoubleLE(0);
      default:
        return boolean(bytes[0]!);
    }
  }

  skipArray(type: string, length: number, key: string): void {
    if (type !== "string") {
      this.skip(length * widths[type]!);
      return;
    }
    for (let index = 0; index < length; index++) {
      const bytes = this.u64(`the length of ${key}[${index}]`);
      if (bytes > this.size - this.at) damaged(`${printable(key)} is longer than the file`);
      this.skip(bytes);
    }
  }

  private skip(bytes: number): void {
    if (this.at + bytes > this.size) damaged(`it ends in the middle of the header, at byte ${this.size}`);
    this.at += bytes;
  }
}

function boolean(byte: number): boolean {
  if (byte > 1) damaged(`a flag holds ${byte}`);
  return byte === 1;
}

/** A metadata number, or undefined. */
export function numberIn(gguf: Gguf, key: string): number | undefined {
  const found = gguf.metadata.get(key);
  if (typeof found === "number") return found;
  return typeof found === "bigint" ? Number(found) : undefined;
}

/** A metadata text, or undefined. */
export function textIn(gguf: Gguf, key: string): string | undefined {
  const found = gguf.metadata.get(key);
  return typeof found === "string" ? found : undefined;
}
