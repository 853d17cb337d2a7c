import { closeSync, openSync, readSync } from "node:fs";
import { fail } from "../../../contract/errors";
import { readGguf, textIn, numberIn, type Gguf } from "../../llama/gguf";
import { readFloats } from "./ggufRead";
import { writeGguf, type FloatTensor, type GgufEntry } from "./ggufWrite";

/** One layer's direction: the vector as it is added to the output of 0-based block `layer` at strength 1 in llama.cpp. */
export interface LayerDirection {
  layer: number;
  vector: Float32Array;
  /** Mean norm of the layer's residual stream; unknown in files of others. */
  scale?: number;
  /** Mean projections on the unit vector of the two sets it was made from. */
  meanPositive?: number;
  meanNegative?: number;
}

/** A control vector in memory. */
export interface ControlVector {
  name: string;
  modelHint: string;
  fingerprint: string;
  width: number;
  layers: LayerDirection[];
  /** The layer and position that were chosen. */
  chosen?: { layer: number; position: number };
  /** Mean projection of the negative set on the chosen unit vector, at the embedding and each block's `resid_mid`, `resid_post`. */
  profile?: number[];
  /** Which way of taking it away did better. */
  removal?: "zero" | "mean";
  /** Strength at which it is to be added, in units of the chosen layer's residual norm. */
  strength?: number;
  /** Where it is to be added. */
  where?: "all" | "lastPrompt";
  /** How it was made, in a word. */
  method: string;
  convention: "vitrine" | "repeng" | "cvector" | "unknown";
}

const prefix = "vitrine.direction";

/**
 * Writes a control vector as llama.cpp's `--control-vector` reads it: `direction.N`, F32 [width], added to the output of
 * 0-based block N. N is at least 1: llama.cpp has no place for a vector at block 0.
 */
export async function writeControlVector(file: string, vector: ControlVector): Promise<void> {
  const tensors: FloatTensor[] = vector.layers.map(({ layer, vector: data }) => {
    if (layer < 1) {
      fail("badArgument", "A control vector cannot hold layer 0", {
        remedy: "llama.cpp adds directions from block 1 on; choose another layer",
      });
    }
    return { name: `direction.${layer}`, shape: [vector.width], data };
  });
  const per = (key: string, value: (layer: LayerDirection) => number | undefined): Record<string, GgufEntry> =>
    vector.layers.every((layer) => value(layer) !== undefined)
      ? { [`${prefix}.${key}`]: { type: "f32s", value: vector.layers.map((layer) => value(layer)!) } }
      : {};
  await writeGguf(
    file,
    {
      "general.architecture": { type: "string", value: "controlvector" },
      "controlvector.model_hint": { type: "string", value: vector.modelHint },
      "controlvector.layer_count": { type: "i32", value: vector.layers.length },
      [`${prefix}.name`]: { type: "string", value: vector.name },
      [`${prefix}.method`]: { type: "string", value: vector.method },
      [`${prefix}.fingerprint`]: { type: "string", value: vector.fingerprint },
      ...(vector.chosen
        ? {
            [`${prefix}.layer`]: { type: "i32", value: vector.chosen.layer },
            [`${prefix}.position`]: { type: "i32", value: vector.chosen.position },
          }
        : {}),
      ...(vector.profile ? { [`${prefix}.profile`]: { type: "f32s" as const, value: vector.profile } } : {}),
      ...(vector.strength === undefined
        ? {}
        : { [`${prefix}.strength`]: { type: "f32" as const, value: vector.strength } }),
      ...(vector.where ? { [`${prefix}.where`]: { type: "string" as const, value: vector.where } } : {}),
      ...(vector.removal ? { [`${prefix}.removal`]: { type: "string" as const, value: vector.removal } } : {}),
      [`${prefix}.layers`]: { type: "i32s", value: vector.layers.map(({ layer }) => layer) },
      ...per("scale", ({ scale }) => scale),
      ...per("mean_positive", ({ meanPositive }) => meanPositive),
      ...per("mean_negative", ({ meanNegative }) => meanNegative),
    },
    tensors,
  );
}

/** Reads a control vector of ours or of others. Throws `damagedFile`, `notGguf`, `notFinite`. */
export function readControlVector(file: string): ControlVector {
  const gguf = readGguf(file);
  if (textIn(gguf, "general.architecture") !== "controlvector") {
    fail("damagedFile", `'${file}' is a GGUF, but no control vector`, {
      remedy: "choose a file made by 'direction extract', repeng or llama-cvector-generator",
    });
  }
  const width = gguf.tensors[0]?.shape[0] ?? fail("damagedFile", `'${file}' holds no direction`);
  const meta = layerMetadata(gguf);
  const layers = gguf.tensors.map((tensor): LayerDirection => {
    const match = /^direction\.(\d{1,4})$/.exec(tensor.name);
    const layer = match ? Number(match[1]) : 0;
    if (layer < 1) fail("damagedFile", `'${file}' holds '${tensor.name.slice(0, 60)}', which is no direction`);
    if (tensor.shape.length !== 1 || tensor.shape[0] !== width) {
      fail("damagedFile", `The directions of '${file}' are not all of one width`);
    }
    return { layer, vector: readFloats(gguf, tensor), ...meta.get(layer) };
  });
  layers.sort((a, b) => a.layer - b.layer);
  const chosenLayer = numberIn(gguf, `${prefix}.layer`);
  return {
    name: textIn(gguf, `${prefix}.name`) ?? nameOf(file),
    modelHint: textIn(gguf, "controlvector.model_hint") ?? "",
    fingerprint: textIn(gguf, `${prefix}.fingerprint`) ?? "",
    width,
    layers,
    ...(chosenLayer === undefined
      ? {}
      : { chosen: { layer: chosenLayer, position: numberIn(gguf, `${prefix}.position`) ?? -1 } }),
    ...profileIn(gguf),
    method: textIn(gguf, `${prefix}.method`) ?? "",
    convention: conventionOf(gguf),
  };
}

/**
 * repeng writes `layer_count` as u32, and `direction.N` as read at block N's output. llama-cvector-generator writes i32, and
 * stores what it read after block i as `direction.(i+1)`. Nothing else tells the two apart.
 */
function conventionOf(gguf: Gguf): ControlVector["convention"] {
  if (gguf.metadata.has(`${prefix}.method`)) return "vitrine";
  const type = typeOfKey(gguf, "controlvector.layer_count");
  return type === 5 ? "cvector" : type === 4 ? "repeng" : "unknown";
}

/** The GGUF value type of a key: the checked header keeps values only. */
function typeOfKey(gguf: Gguf, key: string): number | undefined {
  if (!gguf.metadata.has(key)) return undefined;
  const head = Buffer.alloc(gguf.headerEnd);
  const descriptor = openSync(gguf.file, "r");
  try {
    readSync(descriptor, head, 0, head.length, 0);
  } finally {
    closeSync(descriptor);
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(key.length));
  const at = head.indexOf(Buffer.concat([length, Buffer.from(key)]));
  const end = at + 8 + key.length;
  return at < 0 || end + 4 > head.length ? undefined : head.readUInt32LE(end);
}

function profileIn(gguf: Gguf): Pick<ControlVector, "profile" | "removal" | "strength" | "where"> {
  const found = gguf.metadata.get(`${prefix}.profile`);
  const values = typeof found === "object" ? found.values?.map(Number) : undefined;
  const removal = textIn(gguf, `${prefix}.removal`);
  const where = textIn(gguf, `${prefix}.where`);
  const strength = numberIn(gguf, `${prefix}.strength`);
  return {
    ...(values?.every(Number.isFinite) ? { profile: values } : {}),
    ...(strength === undefined || !Number.isFinite(strength) ? {} : { strength }),
    ...(where === "all" || where === "lastPrompt" ? { where } : {}),
    ...(removal === "zero" || removal === "mean" ? { removal } : {}),
  };
}

function layerMetadata(gguf: Gguf): Map<number, Omit<LayerDirection, "layer" | "vector">> {
  const list = (key: string) => {
    const found = gguf.metadata.get(`${prefix}.${key}`);
    const values = typeof found === "object" ? (found.values ?? []) : [];
    return values.map(Number);
  };
  const [scale, positive, negative] = [list("scale"), list("mean_positive"), list("mean_negative")];
  return new Map(
    list("layers").map((layer, i) => [
      layer,
      {
        ...(scale[i] === undefined ? {} : { scale: scale[i] }),
        ...(positive[i] === undefined ? {} : { meanPositive: positive[i] }),
        ...(negative[i] === undefined ? {} : { meanNegative: negative[i] }),
      },
    ]),
  );
}

function nameOf(file: string): string {
  return (file.split(/[\\/]/).at(-1) ?? file).replace(/\.gguf$/i, "");
}
