import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { VitrineError } from "../../../../src/contract/errors";
import { readGgufHeader, type GgufHeader } from "../../../../src/host/gguf/header";
import { memoryNeed } from "../../../../src/host/gguf/memory";
import { ggufPage } from "../../../../src/host/gguf/page";
import { readSafetensorsHeader, type SafetensorsHeader } from "../../../../src/host/gguf/safetensors";
import { renderedSample } from "../../../../src/host/gguf/sample";

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

/** Two entries of metadata, a list of each kind, two tensors. */
function sample(): Buffer {
  const floats = Buffer.alloc(40);
  for (let index = 0; index < 10; index += 1) floats.writeFloatLE(index / 2, index * 4);
  return Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(2),
    u64(4),
    text("general.name"),
    u32(8),
    text("tiny <b>model</b>"),
    text("tiny.block_count"),
    u32(4),
    u32(7),
    text("tiny.words"),
    u32(9),
    u32(8),
    u64(2),
    text("a"),
    text("b"),
    text("tiny.scores"),
    u32(9),
    u32(6),
    u64(10),
    floats,
    text("embd"),
    u32(2),
    u64(64),
    u64(100),
    u32(1),
    u64(0),
    text("norm"),
    u32(1),
    u64(64),
    u32(0),
    u64(12800),
  ]);
}

function read(bytes: Buffer): Promise<GgufHeader> {
  return readGgufHeader(bytes.length, (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)));
}

test("metadata and tensors are read as they are written", async () => {
  const header = await read(sample());
  expect(header.metadata).toEqual([
    { key: "general.name", type: "string", value: "tiny <b>model</b>" },
    { key: "tiny.block_count", type: "u32", value: "7" },
    { key: "tiny.words", type: "string[2]", value: '"a", "b"' },
    { key: "tiny.scores", type: "f32[10]", value: "0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, …" },
  ]);
  expect(header.tensors).toEqual([
    { name: "embd", shape: [64, 100], type: "F16", elements: 6400 },
    { name: "norm", shape: [64], type: "F32", elements: 64 },
  ]);
});

test("a file cut off at any byte is refused with a sentence", async () => {
  const whole = sample();
  for (let length = 0; length < whole.length; length += 1) {
    await expect(read(whole.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject({ code: "notGguf" });
  }
});

test("a file with any bit turned is read or refused, and never more than that", async () => {
  const whole = sample();
  for (let index = 0; index < whole.length * 8; index += 1) {
    const damaged = Buffer.from(whole);
    damaged[index >> 3] = (damaged[index >> 3] ?? 0) ^ (1 << (index & 7));
    const outcome = await read(damaged).catch((thrown: unknown) => thrown);
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(VitrineError);
      expect(outcome).toMatchObject({ code: "notGguf" });
    }
  }
});

test.each([
  ["tensors", [Buffer.from("GGUF"), u32(3), u64(2n ** 40n), u64(0)]],
  ["entries", [Buffer.from("GGUF"), u32(3), u64(0), u64(2n ** 63n)]],
  ["a string", [Buffer.from("GGUF"), u32(3), u64(0), u64(1), u64(2n ** 33n), Buffer.alloc(64)]],
])("an impossible number of %s is refused before anything is made for it", async (_, parts) => {
  await expect(read(Buffer.concat([...parts, Buffer.alloc(32)]))).rejects.toMatchObject({ code: "notGguf" });
});

test("what is no GGUF, or of another version, is said", async () => {
  await expect(read(Buffer.from("PK\u0003\u0004 a zip file"))).rejects.toMatchObject({ code: "notGguf" });
  await expect(read(Buffer.concat([Buffer.from("GGUF"), u32(9), Buffer.alloc(64)]))).rejects.toThrow("version 9");
});

test("the specimen's own header holds its architecture, its template and its embedding", async () => {
  const handle = await open(fileURLToPath(new URL("../../../../specimen/specimen.gguf", import.meta.url)));
  try {
    const { size } = await handle.stat();
    const header = await readGgufHeader(size, async (offset, length) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    });
    const value = (key: string) => header.metadata.find((entry) => entry.key === key)?.value;
    expect(value("general.architecture")).toBe("llama");
    expect(value("tokenizer.chat_template")).toContain("im_start");
    const width = Number(value("llama.embedding_length"));
    expect(header.tensors.find(({ name }) => name === "token_embd.weight")?.shape[0]).toBe(width);
  } finally {
    await handle.close();
  }
});

const links = { load: 'command:x?"><script>', lens: "command:y", add: "command:z" };

test("a page of a file is its text, never its markup", async () => {
  const html = ggufPage("<i>x</i>.gguf", 1000, await read(sample()), links);
  expect(html).not.toContain("<b>");
  expect(html).not.toContain("<i>");
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).toContain("default-src 'none'");
});

test("a vocabulary cannot leave the data that it stands in", () => {
  const header: GgufHeader = {
    ...{ version: 3, metadata: [], tensors: [], tensorCount: 0, chatTemplate: undefined },
    tokens: ["a", "</script><script>alert(1)</script>", "\u2028"],
    tokenTypes: [1, 3, 1],
  };
  const html = ggufPage("x.gguf", 10, header, links);
  expect(html).not.toContain("<script>alert");
  const data = /id="data">([^]*?)<\/script>/.exec(html)?.[1] ?? "";
  expect(JSON.parse(data)).toMatchObject({ tokens: header.tokens, types: ["", "control", ""] });
});

test("the specimen's template is printed on a conversation, and its memory need is said", async () => {
  const handle = await open(fileURLToPath(new URL("../../../../specimen/specimen.gguf", import.meta.url)));
  try {
    const { size } = await handle.stat();
    const header = await readGgufHeader(size, async (offset, length) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    });
    const html = ggufPage("specimen.gguf", size, header, links);
    expect(html).toContain("What is the capital of France?");
    expect(html).toContain("an estimate from the header");
    expect(header.tokens).toHaveLength(3072);
    expect(header.tokenTypes).toHaveLength(3072);
    const need = memoryNeed(header, size);
    expect(need?.weights).toBe(size);
    expect(need?.cachePerThousand).toBeGreaterThan(1_000_000);
  } finally {
    await handle.close();
  }
});

test.each([
  ["that never ends", "{% for i in range(1000000000) %}{% for j in range(1000000000) %}x{% endfor %}{% endfor %}"],
  ["that cannot be read", "{% for %}"],
  ["that refuses", "{{ raise_exception('no such role') }}"],
])("a chat template %s is said to be one, and the page is there", (_, source) => {
  expect(renderedSample(source)).toHaveProperty("problem");
});

function safetensors(header: string, length = header.length): Promise<SafetensorsHeader> {
  const bytes = Buffer.concat([u64(length), Buffer.from(header), Buffer.alloc(16)]);
  return readSafetensorsHeader(bytes.length, (offset, count) =>
    Promise.resolve(bytes.subarray(offset, offset + count)),
  );
}

test("a safetensors file is read by its header alone", async () => {
  const header = await safetensors(
    '{"__metadata__":{"site":"x"},"W_dec":{"dtype":"F32","shape":[4,2],"data_offsets":[0,32]}}',
  );
  expect(header).toEqual({
    metadata: [["site", "x"]],
    tensors: [{ name: "W_dec", type: "F32", shape: [4, 2], elements: 8 }],
  });
});

test.each([
  ["a length beyond the file", "{}", 2 ** 40],
  ["no JSON", "{oops", 5],
  ["a list", "[1]", 3],
  ["a tensor without a shape", '{"a":{"dtype":"F32"}}', 21],
  ["a negative length", '{"a":{"dtype":"F32","shape":[-1]}}', 34],
])("a safetensors header with %s is refused", async (_, header, length) => {
  await expect(safetensors(header, length)).rejects.toMatchObject({ code: "damagedFile" });
});
