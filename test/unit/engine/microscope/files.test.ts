import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { emptyHeaps, examplesOf, offerSequence } from "../../../../src/engine/microscope/exampleHeaps";
import { loadExampleState, saveExampleState } from "../../../../src/engine/microscope/files/exampleState";
import { openSafeTensors, writeSafeTensors } from "../../../../src/engine/microscope/files/safetensors";

const folder = mkdtempSync(path.join(tmpdir(), "vitrine-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
const code = (code: string) => expect.objectContaining({ data: expect.objectContaining({ code }) });

describe("safetensors", () => {
  const file = path.join(folder, "a.safetensors");

  it("reads back what it wrote", () => {
    const data = Float32Array.of(1, -2, 3.5, 1e-20, 0, 7);
    writeSafeTensors(file, { w: { shape: [2, 3], data }, b: { shape: [1], data: Float32Array.of(9) } }, { model: "m" });
    const opened = openSafeTensors(file);
    expect(opened.names).toEqual(["w", "b"]);
    expect(opened.metadata).toEqual({ model: "m" });
    expect(opened.shape("w")).toEqual([2, 3]);
    expect(opened.read("w")).toEqual(data);
    expect(opened.read("b")).toEqual(Float32Array.of(9));
    expect(() => opened.read("missing")).toThrow(code("damagedFile"));
  });

  it("reads half precision", () => {
    const header = JSON.stringify({
      h: { dtype: "F16", shape: [3], data_offsets: [0, 6] },
      b: { dtype: "BF16", shape: [1], data_offsets: [6, 8] },
    });
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(header.length));
    const body = Buffer.from(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x3fc0).buffer);
    writeFileSync(file, Buffer.concat([head, Buffer.from(header), body]));
    const opened = openSafeTensors(file);
    expect([...opened.read("h")]).toEqual([1, -2, 2 ** -24]);
    expect([...opened.read("b")]).toEqual([1.5]);
  });

  it.each([
    [
      "a header longer than the file",
      (good: Buffer) => Buffer.concat([Buffer.from([255, 255, 255, 0, 0, 0, 0, 0]), good.subarray(8)]),
    ],
    ["a file cut short", (good: Buffer) => good.subarray(0, good.length - 4)],
    [
      "a header that is no JSON",
      (good: Buffer) => Buffer.concat([good.subarray(0, 8), Buffer.alloc(good.length - 8, 0x7b)]),
    ],
    ["five bytes", () => Buffer.alloc(5)],
  ])("refuses %s", (_, damage) => {
    writeSafeTensors(file, { w: { shape: [4], data: new Float32Array(4) } });
    writeFileSync(file, damage(readFileSync(file)));
    expect(() => openSafeTensors(file)).toThrow(code("damagedFile"));
  });

  it("refuses a shape that its bytes do not fill", () => {
    const header = JSON.stringify({ w: { dtype: "F32", shape: [1e9, 1e9], data_offsets: [0, 16] } });
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(file, Buffer.concat([head, Buffer.from(header), Buffer.alloc(16)]));
    expect(() => openSafeTensors(file)).toThrow(code("damagedFile"));
  });

  it("a missing file is missing", () => {
    expect(() => openSafeTensors(path.join(folder, "none"))).toThrow(code("fileMissing"));
  });
});

describe("strongest contexts", () => {
  const sequence = (values: number[][], source: number) => ({
    ids: values.map((_, i) => 100 * source + i),
    source,
    data: Float32Array.from(values.flat()),
  });
  const token = (id: number) => ({ id, text: `t${id}` });

  it("keeps the best of each sequence, strongest first, and no negative ones", () => {
    const heaps = emptyHeaps(2, 2);
    offerSequence(
      heaps,
      sequence(
        [
          [1, -1],
          [5, -2],
          [3, -3],
        ],
        0,
      ),
    );
    offerSequence(
      heaps,
      sequence(
        [
          [9, 0],
          [2, 4],
        ],
        1,
      ),
    );
    offerSequence(
      heaps,
      sequence(
        [
          [7, 1],
          [8, 2],
        ],
        2,
      ),
    );
    const first = examplesOf(heaps, 0, ["a", "b", "c"], token);
    expect(first.map(({ activation, source }) => [activation, source])).toEqual([
      [9, "b"],
      [8, "c"],
    ]);
    expect(first[1]).toMatchObject({ tokens: ["t200", "t201"], activations: [7, 8], at: 1 });
    expect(examplesOf(heaps, 1, ["a", "b", "c"], token).map(({ activation }) => activation)).toEqual([4, 2]);
  });

  it("cuts the context around a far token", () => {
    const heaps = emptyHeaps(1, 1);
    offerSequence(
      heaps,
      sequence(
        Array.from({ length: 100 }, (_, i) => [i === 50 ? 10 : 0.5]),
        0,
      ),
    );
    const [example] = examplesOf(heaps, 0, ["a"], token);
    expect(example!.tokens[example!.at]).toBe("t50");
    expect(example!.activations[example!.at]).toBe(10);
    expect(example!.tokens).toHaveLength(25);
  });

  it("agrees with a plain sort, in bounded memory", () => {
    const heaps = emptyHeaps(3, 4);
    const size = heaps.values.byteLength;
    const all: number[][] = [[], [], []];
    for (let s = 0; s < 50; s++) {
      const values = Array.from({ length: 6 }, (_, t) =>
        [0, 1, 2].map((n) => Math.fround(Math.sin(s * 31 + t * 7 + n * 13))),
      );
      offerSequence(heaps, sequence(values, s));
      for (let n = 0; n < 3; n++) all[n]!.push(Math.max(...values.map((row) => row[n]!)));
    }
    for (let n = 0; n < 3; n++) {
      const expected = all[n]!.sort((a, b) => b - a).slice(0, 4);
      expect(examplesOf(heaps, n, [], token).map(({ activation }) => activation)).toEqual(expected);
    }
    expect(heaps.values.byteLength).toBe(size);
  });

  it("a state survives the disk; a damaged one is refused", () => {
    const file = path.join(folder, "state");
    const heaps = emptyHeaps(2, 2);
    offerSequence(
      heaps,
      sequence(
        [
          [1, 2],
          [5, 1],
        ],
        0,
      ),
    );
    const state = { fingerprint: "f", layer: 3, corpus: "c", sequencesDone: 1, tokensSeen: 2, sources: ["a"], heaps };
    expect(loadExampleState(file)).toBeUndefined();
    saveExampleState(file, state);
    expect(loadExampleState(file)).toEqual(state);
    const bytes = readFileSync(file);
    for (const broken of [
      bytes.subarray(0, bytes.length - 1),
      Buffer.from("no"),
      Buffer.concat([bytes, Buffer.alloc(4)]),
    ]) {
      writeFileSync(file, broken);
      expect(() => loadExampleState(file)).toThrow(code("damagedFile"));
    }
  });
});
