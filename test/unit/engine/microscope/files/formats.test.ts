import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VitrineError } from "../../../../../src/contract/errors";
import { readControlVector, writeControlVector } from "../../../../../src/engine/microscope/files/controlVector";
import { writeGguf } from "../../../../../src/engine/microscope/files/ggufWrite";
import { deltaNorm, readLora, writeLora } from "../../../../../src/engine/microscope/files/lora";
import { readNpz } from "../../../../../src/engine/microscope/files/npz";
import { openSafeTensors, writeSafeTensors } from "../../../../../src/engine/microscope/files/safetensors";
import { loadSae, saveSae, transpose } from "../../../../../src/engine/microscope/files/saelens";
import type { Sae } from "../../../../../src/engine/microscope/features/sae";

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), "vitrine-files-"))));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof VitrineError) return error.code;
    throw error;
  }
  return "nothing";
}

describe("control vectors", () => {
  const vector = {
    name: "refusal",
    modelHint: "llama",
    fingerprint: "abc",
    width: 3,
    method: "meanDifference",
    convention: "vitrine" as const,
    chosen: { layer: 4, position: -2 },
    layers: [
      { layer: 4, vector: Float32Array.of(1, -2, 0.5), scale: 7, meanPositive: 2, meanNegative: -1 },
      { layer: 5, vector: Float32Array.of(0, 1, 0), scale: 8, meanPositive: 3, meanNegative: -2 },
    ],
  };

  it("come back as they were written", async () => {
    await writeControlVector(at("cv.gguf"), vector);
    expect(readControlVector(at("cv.gguf"))).toEqual(vector);
  });

  it("cannot hold layer 0", async () => {
    const layers = [{ layer: 0, vector: Float32Array.of(1, 1, 1) }];
    expect(await codeOf(() => writeControlVector(at("zero.gguf"), { ...vector, layers }))).toBe("badArgument");
  });

  it("tell repeng's convention from llama-cvector-generator's", async () => {
    const tensors = [{ name: "direction.1", shape: [2], data: Float32Array.of(1, 2) }];
    const head = { "general.architecture": { type: "string" as const, value: "controlvector" } };
    await writeGguf(at("repeng.gguf"), { ...head, "controlvector.layer_count": { type: "u32", value: 1 } }, tensors);
    await writeGguf(at("cvgen.gguf"), { ...head, "controlvector.layer_count": { type: "i32", value: 1 } }, tensors);
    expect(readControlVector(at("repeng.gguf")).convention).toBe("repeng");
    expect(readControlVector(at("cvgen.gguf")).convention).toBe("cvector");
  });

  it("refuse other files and NaN", async () => {
    await writeGguf(at("other.gguf"), { "general.architecture": { type: "string", value: "llama" } }, []);
    expect(await codeOf(() => readControlVector(at("other.gguf")))).toBe("damagedFile");
    const layers = [{ layer: 1, vector: Float32Array.of(1, NaN, 1) }];
    expect(await codeOf(() => writeControlVector(at("nan.gguf"), { ...vector, layers }))).toBe("notFinite");
  });

  it("refuse a file that was cut off anywhere", async () => {
    await writeControlVector(at("cut.gguf"), vector);
    const whole = readFileSync(at("cut.gguf"));
    for (let length = 0; length < whole.length - 32; length += 7) {
      writeFileSync(at("piece.gguf"), whole.subarray(0, length));
      expect(["notGguf", "damagedFile"]).toContain(await codeOf(() => readControlVector(at("piece.gguf"))));
    }
  });
});

describe("adapters", () => {
  const delta = {
    tensor: "blk.2.ffn_down.weight",
    inputs: 3,
    outputs: 2,
    rank: 2,
    a: Float32Array.of(1, 0, 2, 0, 1, 1),
    b: Float32Array.of(1, 2, -1, 0.5),
  };

  it("come back as they were written", async () => {
    await writeLora(at("edit.gguf"), { architecture: "llama", deltas: [delta], notes: { method: "rank-one" } });
    const read = readLora(at("edit.gguf"));
    expect(read).toEqual({ architecture: "llama", alpha: 0, deltas: [delta], notes: { method: "rank-one" } });
  });

  it("know the size of what they add", () => {
    // B A = [[1,2,4],[-1,0.5,-1.5]]
    expect(deltaNorm(delta)).toBeCloseTo(Math.sqrt(1 + 4 + 16 + 1 + 0.25 + 2.25), 5);
  });

  it("refuse halves that do not fit", async () => {
    const meta = {
      "general.type": { type: "string" as const, value: "adapter" },
      "adapter.type": { type: "string" as const, value: "lora" },
    };
    const a = { name: "w.lora_a", shape: [3, 2], data: new Float32Array(6) };
    const b = { name: "w.lora_b", shape: [1, 4], data: new Float32Array(4) };
    await writeGguf(at("bad.gguf"), meta, [a, b]);
    expect(await codeOf(() => readLora(at("bad.gguf")))).toBe("damagedFile");
    await writeGguf(at("alone.gguf"), meta, [a]);
    expect(await codeOf(() => readLora(at("alone.gguf")))).toBe("damagedFile");
  });
});

describe("safetensors", () => {
  it("come back as they were written, metadata too", () => {
    const tensors = {
      x: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      y: { shape: [1], data: Float32Array.of(5) },
    };
    writeSafeTensors(at("a.safetensors"), tensors, { made: "here" });
    const opened = openSafeTensors(at("a.safetensors"));
    expect(opened.metadata).toEqual({ made: "here" });
    expect(opened.shape("x")).toEqual([2, 2]);
    expect([...opened.read("x"), ...opened.read("y")]).toEqual([1, 2, 3, 4, 5]);
    expect(() => opened.read("z")).toThrow(VitrineError);
  });

  const file = (header: string, data = 16, claimed?: bigint) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(claimed ?? BigInt(Buffer.byteLength(header)));
    writeFileSync(at("hostile.safetensors"), Buffer.concat([length, Buffer.from(header), Buffer.alloc(data)]));
    return at("hostile.safetensors");
  };
  const entry = (shape: unknown, offsets: unknown, dtype = "F32") =>
    JSON.stringify({ x: { dtype, shape, data_offsets: offsets } });

  it.each([
    ["a header longer than the file", "{}", 2n ** 63n],
    ["a tensor beyond the end", entry([1000000000], [0, 4000000000]), undefined],
    ["a shape that does not fill its place", entry([3], [0, 16]), undefined],
    ["negative offsets", entry([4], [-16, 0]), undefined],
    ["fractional shapes", entry([2.5], [0, 10]), undefined],
    ["an unknown type", entry([4], [0, 16], "I4"), undefined],
    ["a header that is no JSON", "{x", undefined],
    ["a header that is a list", "[]", undefined],
  ])("refuse %s", async (_name, header, claimed) => {
    const hostile = file(header, 16, claimed);
    const code = await codeOf(() => openSafeTensors(hostile).read("x"));
    expect(code).toBe("damagedFile");
  });
});

describe("sparse auto-encoders on disk", () => {
  const sae: Sae = {
    kind: "jumprelu",
    site: "resid_post",
    layer: 3,
    width: 2,
    features: 3,
    encoder: Float32Array.of(1, 2, 3, 4, 5, 6),
    encoderBias: Float32Array.of(0.1, 0.2, 0.3),
    decoder: Float32Array.of(1, 0, 0, 1, -1, 0),
    decoderBias: Float32Array.of(0.5, -0.5),
    threshold: Float32Array.of(0, 0.5, 1),
    centred: true,
    modelName: "specimen",
    fingerprint: "f",
  };

  it("come back as they were saved, in SAELens' layout", async () => {
    await saveSae(at("sae"), sae);
    expect(await loadSae(at("sae"))).toEqual(sae);
    const raw = openSafeTensors(at("sae/sae_weights.safetensors"));
    expect(raw.shape("W_enc")).toEqual([2, 3]);
    expect([...raw.read("W_enc")]).toEqual([1, 3, 5, 2, 4, 6]);
    const config = JSON.parse(readFileSync(at("sae/cfg.json"), "utf8")) as { metadata: { hook_name: string } };
    expect(config.metadata.hook_name).toBe("blocks.3.hook_resid_post");
  });

  it("of before version 6 have a flat configuration", async () => {
    await saveSae(at("flat"), { ...sae, kind: "l1", threshold: undefined });
    const flat = {
      d_in: 2,
      d_sae: 3,
      hook_name: "blocks.1.hook_mlp_out",
      model_name: "m",
      apply_b_dec_to_input: false,
    };
    writeFileSync(at("flat/cfg.json"), JSON.stringify(flat));
    expect(await loadSae(at("flat"))).toMatchObject({ kind: "l1", site: "mlp_out", layer: 1, centred: false });
  });

  it("refuse a normalisation they would get wrong, and a lost k", async () => {
    await saveSae(at("norm"), sae);
    const config = JSON.parse(readFileSync(at("norm/cfg.json"), "utf8")) as Record<string, unknown>;
    writeFileSync(at("norm/cfg.json"), JSON.stringify({ ...config, normalize_activations: "layer_norm" }));
    expect(await codeOf(() => loadSae(at("norm")))).toBe("unsupportedModel");
    writeFileSync(at("norm/cfg.json"), JSON.stringify({ ...config, architecture: "topk" }));
    expect(await codeOf(() => loadSae(at("norm")))).toBe("damagedFile");
    expect(await codeOf(() => loadSae(at("nowhere")))).toBe("fileMissing");
  });

  it("of Gemma Scope are read from their npz", async () => {
    const scope = at("layer_7/width_4/average_l0_2");
    await saveSae(scope, sae);
    rmSync(path.join(scope, "cfg.json"));
    const arrays = { W_enc: [[2, 3], transpose(sae.encoder, 3, 2)], W_dec: [[3, 2], sae.decoder] } as const;
    const vectors = { b_enc: sae.encoderBias, b_dec: sae.decoderBias, threshold: sae.threshold! };
    const files = [
      ...Object.entries(arrays).map(([name, [shape, data]]) => npy(name, [...shape], data)),
      ...Object.entries(vectors).map(([name, data]) => npy(name, [data.length], data)),
    ];
    writeFileSync(path.join(scope, "params.npz"), zip(files));
    expect(await loadSae(scope)).toEqual({ ...sae, layer: 7, centred: false, modelName: "gemma", fingerprint: "" });
  });

  it("refuse a damaged npz", async () => {
    const good = zip([npy("W_dec", [3, 2], sae.decoder)]);
    writeFileSync(at("cut.npz"), good.subarray(0, good.length - 30));
    expect(await codeOf(() => readNpz(at("cut.npz")))).toBe("damagedFile");
    writeFileSync(at("shape.npz"), zip([npy("W_dec", [300000, 200000], sae.decoder)]));
    expect(await codeOf(() => readNpz(at("shape.npz")))).toBe("damagedFile");
  });
});

function npy(name: string, shape: number[], data: Float32Array): { name: string; bytes: Buffer } {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const padded = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + "\n";
  const head = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, 0, 0]);
  head.writeUInt16LE(padded.length, 8);
  const body = Buffer.alloc(data.length * 4);
  data.forEach((value, i) => body.writeFloatLE(value, 4 * i));
  return { name: `${name}.npy`, bytes: Buffer.concat([head, Buffer.from(padded), body]) };
}

/** A ZIP whose entries are deflated, every other one stored. */
function zip(files: { name: string; bytes: Buffer }[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  files.forEach(({ name, bytes }, i) => {
    const method = i % 2 ? 0 : 8;
    const packed = method ? deflateRawSync(bytes) : bytes;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(bytes.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    parts.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  });
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
