import { fail } from "../../contract/errors";

/**
 * Reads a GGUF file's metadata and tensor table (format of ggml, docs/gguf.md, versions 2 and 3, little-endian) without
 * native code and without its weights, so that a file can be looked at before anyone trusts it. Every length is checked
 * against the file's size before it is believed.
 */
export interface GgufHeader {
  version: number;
  metadata: { key: string; type: string; value: string }[];
  tensors: { name: string; shape: number[]; type: string; elements: number }[];
  /** Tensors of the file; more than are listed when the table is very long. */
  tensorCount: number;
  /** The vocabulary's texts as the file has them (bytes of byte-level BPE in their printable letters). */
  tokens: string[];
  /** llama.cpp's kind of each token: 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte. */
  tokenTypes: number[];
  /** Jinja source, whole. */
  chatTemplate: string | undefined;
}

/** What is kept whole beside the shortened table. */
interface Kept {
  tokens: string[];
  types: number[];
  template: string | undefined;
}

/** Bytes from `offset`; fewer at the end of the file. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

const chunk = 1 << 20;
const longestString = 1 << 26;
const listed = { metadata: 10_000, tensors: 20_000, items: 8, characters: 2000, tokens: 400_000, template: 200_000 };

const scalars: Record<number, { name: string; size: number }> = {
  0: { name: "u8", size: 1 },
  1: { name: "i8", size: 1 },
  2: { name: "u16", size: 2 },
  3: { name: "i16", size: 2 },
  4: { name: "u32", size: 4 },
  5: { name: "i32", size: 4 },
  6: { name: "f32", size: 4 },
  7: { name: "bool", size: 1 },
  10: { name: "u64", size: 8 },
  11: { name: "i64", size: 8 },
  12: { name: "f64", size: 8 },
};
const stringType = 8;
const arrayType = 9;

// By ggml_type; gaps are types that were taken out of the format.
const tensorTypes: Record<number, string> = {
  0: "F32",
  1: "F16",
  2: "Q4_0",
  3: "Q4_1",
  6: "Q5_0",
  7: "Q5_1",
  8: "Q8_0",
  9: "Q8_1",
  10: "Q2_K",
  11: "Q3_K",
  12: "Q4_K",
  13: "Q5_K",
  14: "Q6_K",
  15: "Q8_K",
  16: "IQ2_XXS",
  17: "IQ2_XS",
  18: "IQ3_XXS",
  19: "IQ1_S",
  20: "IQ4_NL",
  21: "IQ3_S",
  22: "IQ2_S",
  23: "IQ4_XS",
  24: "I8",
  25: "I16",
  26: "I32",
  27: "I64",
  28: "F64",
  29: "IQ1_M",
  30: "BF16",
  34: "TQ1_0",
  35: "TQ2_0",
  39: "MXFP4",
};

/** @throws `notGguf` with what is wrong and where. */
export async function readGgufHeader(size: number, read: ReadAt): Promise<GgufHeader> {
  const cursor = new Cursor(size, read);
  const magic = await cursor.bytes(4, "the magic");
  if (new TextDecoder("latin1").decode(magic) !== "GGUF")
    fail("notGguf", "The file does not begin as a GGUF file does.");
  const version = await cursor.u32("the version");
  if (version !== 2 && version !== 3) fail("notGguf", `GGUF version ${version} is not known here.`);
  // Each entry takes more than 12 bytes, each tensor more than 24: more of them than that cannot be in the file.
  const tensorCount = await cursor.count("the number of tensors", 24);
  const entryCount = await cursor.count("the number of metadata entries", 12);
  const metadata: GgufHeader["metadata"] = [];
  const kept: Kept = { tokens: [], types: [], template: undefined };
  for (let index = 0; index < entryCount; index += 1) {
    const key = await cursor.string("a key");
    const type = await cursor.u32(`the type of ${key}`);
    const entry = { key, ...(await value(cursor, type, key, kept)) };
    if (metadata.length < listed.metadata) metadata.push(entry);
  }
  const tensors: GgufHeader["tensors"] = [];
  for (let index = 0; index < tensorCount && index < listed.tensors; index += 1) {
    const name = await cursor.string("a tensor's name");
    const dimensions = await cursor.u32(`the dimensions of ${name}`);
    if (dimensions > 8) fail("notGguf", `Tensor ${name} has ${dimensions} dimensions.`);
    const shape: number[] = [];
    for (let each = 0; each < dimensions; each += 1) shape.push(await cursor.u64(`the shape of ${name}`));
    const type = await cursor.u32(`the type of ${name}`);
    await cursor.u64(`the place of ${name}`);
    const elements = shape.reduce((product, length) => product * length, 1);
    tensors.push({ name, shape, type: tensorTypes[type] ?? `type ${type}`, elements });
  }
  const { tokens, types: tokenTypes, template: chatTemplate } = kept;
  return { version, metadata, tensors, tensorCount, tokens, tokenTypes, chatTemplate };
}

async function value(cursor: Cursor, type: number, key: string, kept: Kept): Promise<{ type: string; value: string }> {
  if (type === stringType) {
    const text = await cursor.string(key);
    if (key === "tokenizer.chat_template" && text.length <= listed.template) kept.template = text;
    return { type: "string", value: shortened(text) };
  }
  if (type !== arrayType) return { type: scalars[type]?.name ?? "?", value: await cursor.scalar(type, key) };
  const of = await cursor.u32(`the type of ${key}`);
  const size = of === stringType ? 8 : scalars[of]?.size;
  if (size === undefined) return fail("notGguf", `${key} is a list of type ${of}, which is not known.`);
  const length = await cursor.count(`the length of ${key}`, size);
  const shown: string[] = [];
  const types = key === "tokenizer.ggml.token_type" && of !== stringType;
  for (let index = 0; index < length; index += 1) {
    if (of === stringType) {
      const text = await cursor.string(key);
      if (shown.length < listed.items) shown.push(JSON.stringify(text));
      if (key === "tokenizer.ggml.tokens" && index < listed.tokens) kept.tokens.push(text);
    } else if (shown.length < listed.items || (types && index < listed.tokens)) {
      const item = await cursor.scalar(of, key);
      if (shown.length < listed.items) shown.push(item);
      if (types) kept.types.push(Number(item));
    } else {
      cursor.skip((length - index) * size, key);
      break;
    }
  }
  const more = length > shown.length ? ", …" : "";
  const name = of === stringType ? "string" : (scalars[of]?.name ?? "?");
  return { type: `${name}[${length}]`, value: shortened(`${shown.join(", ")}${more}`) };
}

function shortened(text: string): string {
  return text.length > listed.characters ? `${text.slice(0, listed.characters)}…` : text;
}

/** A place in the file that moves on as it is read, a chunk at a time. */
class Cursor {
  private offset = 0;
  private buffer: Uint8Array = new Uint8Array(0);
  private start = 0;

  constructor(
    private readonly size: number,
    private readonly read: ReadAt,
  ) {}

  async bytes(length: number, what: string): Promise<Uint8Array> {
    this.mustHave(length, what);
    const end = this.start + this.buffer.length;
    if (this.offset < this.start || this.offset + length > end) {
      this.start = this.offset;
      this.buffer = await this.read(this.offset, Math.max(length, Math.min(chunk, this.size - this.offset)));
      if (this.buffer.length < length) fail("notGguf", `The file ends in ${what}.`);
    }
    const from = this.offset - this.start;
    this.offset += length;
    return this.buffer.subarray(from, from + length);
  }

  skip(length: number, what: string): void {
    this.mustHave(length, what);
    this.offset += length;
  }

  async u32(what: string): Promise<number> {
    return view(await this.bytes(4, what)).getUint32(0, true);
  }

  /** A 64-bit number that must be one a program can count with. */
  async u64(what: string): Promise<number> {
    const number = view(await this.bytes(8, what)).getBigUint64(0, true);
    if (number > BigInt(Number.MAX_SAFE_INTEGER)) fail("notGguf", `There is an impossible number in ${what}.`);
    return Number(number);
  }

  /** A number of items of at least `least` bytes each, no more than the rest of the file can hold. */
  async count(what: string, least: number): Promise<number> {
    const number = await this.u64(what);
    if (number * least > this.size - this.offset) fail("notGguf", `The file is too short for ${what}: ${number}.`);
    return number;
  }

  async string(what: string): Promise<string> {
    const length = await this.count(`the length of ${what}`, 1);
    if (length > longestString) fail("notGguf", `The text of ${what} is ${length} bytes long.`);
    return new TextDecoder().decode(await this.bytes(length, what));
  }

  async scalar(type: number, what: string): Promise<string> {
    const kind = scalars[type];
    if (!kind) return fail("notGguf", `${what} is of type ${type}, which is not known.`);
    const bytes = view(await this.bytes(kind.size, what));
    switch (kind.name) {
      case "u8":
        return String(bytes.getUint8(0));
      case "i8":
        return String(bytes.getInt8(0));
      case "u16":
        return String(bytes.getUint16(0, true));
      case "i16":
        return String(bytes.getInt16(0, true));
      case "u32":
        return String(bytes.getUint32(0, true));
      case "i32":
        return String(bytes.getInt32(0, true));
      case "f32":
        return String(Number(bytes.getFloat32(0, true).toPrecision(7)));
      case "bool":
        return bytes.getUint8(0) === 0 ? "false" : "true";
      case "u64":
        return String(bytes.getBigUint64(0, true));
      case "i64":
        return String(bytes.getBigInt64(0, true));
      default:
        return String(bytes.getFloat64(0, true));
    }
  }

  private mustHave(length: number, what: string): void {
    if (length > this.size - this.offset) fail("notGguf", `The file ends in ${what}.`);
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
