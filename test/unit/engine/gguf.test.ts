import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { numberIn, readGguf, textIn } from "../../../src/engine/llama/gguf";
import { writeRandomModel } from "../../fixtures/models/randomModel";

const folder = mkdtempSync(path.join(tmpdir(), "vitrine-gguf-"));
afterAll(() => rmSync(folder, { recursive: true }));
const model = writeRandomModel("llama", folder);
const bytes = readFileSync(model);

function changed(name: string, change: (copy: Buffer) => Buffer | void): string {
  const copy = Buffer.from(bytes);
  const file = path.join(folder, `${name}.gguf`);
  writeFileSync(file, change(copy) ?? copy);
  return file;
}

describe("a GGUF's header", () => {
  it("is read whole", () => {
    const gguf = readGguf(model);
    expect(textIn(gguf, "general.architecture")).toBe("llama");
    expect(numberIn(gguf, "llama.block_count")).toBe(3);
    expect(textIn(gguf, "llama.block_count")).toBeUndefined();
    expect(gguf.tensors.map(({ name }) => name)).toContain("token_embd.weight");
    const last = gguf.tensors.at(-1)!;
    expect(last.offset + last.bytes).toBeLessThanOrEqual(gguf.size);
  });

  it("cut off anywhere is refused", () => {
    const { headerEnd } = readGguf(model);
    for (let size = 0; size < headerEnd; size += 1 + Math.floor(size / 60)) {
      const file = changed("cut", (copy) => copy.subarray(0, size));
      expect(() => readGguf(file), `${size} bytes`).toThrow(expect.objectContaining({ code: "notGguf" }));
    }
  });

  it.each([
    ["a wrong beginning", (copy: Buffer) => void copy.write("GGUX")],
    ["an unknown version", (copy: Buffer) => void copy.writeUInt32LE(9, 4)],
    ["more tensors than fit", (copy: Buffer) => void copy.writeBigUInt64LE(1n << 40n, 8)],
    ["more keys than fit", (copy: Buffer) => void copy.writeBigUInt64LE(1n << 62n, 16)],
    ["a key longer than the file", (copy: Buffer) => void copy.writeBigUInt64LE(1n << 33n, 24)],
    ["a tensor twice", (copy: Buffer) => void copy.write("blk.1.attn_q", copy.indexOf("blk.0.attn_q"))],
    ["a token twice", (copy: Buffer) => twice(copy)],
    ["an unknown tensor type", (copy: Buffer) => void copy.writeUInt32LE(99, typeOf(copy, "token_embd.weight"))],
    ["a tensor elsewhere", (copy: Buffer) => void copy.writeBigUInt64LE(32n, typeOf(copy, "token_embd.weight") + 4)],
    ["a tensor of no size", (copy: Buffer) => void copy.writeBigUInt64LE(0n, typeOf(copy, "token_embd.weight") - 8)],
  ])("with %s is refused", (name, change) => {
    const file = changed(name.replaceAll(" ", "-"), change);
    expect(() => readGguf(file)).toThrow(expect.objectContaining({ code: "notGguf" }));
  });

  it("of what is not there, or is a folder, is refused", () => {
    expect(() => readGguf(path.join(folder, "nothing"))).toThrow(expect.objectContaining({ code: "fileMissing" }));
    expect(() => readGguf(folder)).toThrow(expect.objectContaining({ code: "fileMissing" }));
  });
});

/** Where the type of a tensor of two dimensions is. */
function typeOf(copy: Buffer, tensor: string): number {
  return copy.indexOf(tensor) + tensor.length + 4 + 16;
}

/** Gives the second token of the vocabulary the text of the third; both are of one length in this vocabulary's letters. */
function twice(copy: Buffer): void {
  const at = copy.indexOf("tokenizer.ggml.tokens") + "tokenizer.ggml.tokens".length + 4 + 4 + 8;
  const texts: { at: number; length: number }[] = [];
  let here = at;
  for (let index = 0; index < 100; index++) {
    const length = Number(copy.readBigUInt64LE(here));
    texts.push({ at: here + 8, length });
    here += 8 + length;
  }
  const [first, second] = pairOfOneLength(texts);
  copy.copy(copy, first.at, second.at, second.at + second.length);
}

function pairOfOneLength(texts: { at: number; length: number }[]): [{ at: number }, { at: number; length: number }] {
  for (const [index, first] of texts.entries()) {
    const second = texts.slice(index + 1).find(({ length }) => length === first.length && length > 0);
    if (second) return [first, second];
  }
  throw new Error("no two tokens are of one length");
}
