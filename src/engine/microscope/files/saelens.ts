import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { FeatureKind } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { Site } from "../../../contract/sites";
import type { Sae } from "../features/sae";
import { readNpz } from "./npz";
import { openSafeTensors, writeSafeTensors, type SafeTensor } from "./safetensors";
import { writeWhole } from "./whole";

const hooks: Partial<Record<Site, string>> = {
  resid_pre: "hook_resid_pre",
  attn_out: "hook_attn_out",
  resid_mid: "hook_resid_mid",
  mlp_post: "mlp.hook_post",
  mlp_out: "hook_mlp_out",
  resid_post: "hook_resid_post",
  z: "attn.hook_z",
};

const architectures: Record<FeatureKind, string> = { l1: "standard", topk: "topk", jumprelu: "jumprelu" };

/** Saves in SAELens' layout (version 6): `cfg.json` and `sae_weights.safetensors`. */
export async function saveSae(folder: string, sae: Sae): Promise<void> {
  const { width, features } = sae;
  writeSafeTensors(path.join(folder, "sae_weights.safetensors"), {
    W_enc: { shape: [width, features], data: transpose(sae.encoder, features, width) },
    W_dec: { shape: [features, width], data: sae.decoder },
    b_enc: { shape: [features], data: sae.encoderBias },
    b_dec: { shape: [width], data: sae.decoderBias },
    ...(sae.threshold ? { threshold: { shape: [features], data: sae.threshold } } : {}),
  });
  const config = {
    architecture: architectures[sae.kind],
    d_in: width,
    d_sae: features,
    dtype: "float32",
    device: "cpu",
    apply_b_dec_to_input: sae.centred,
    normalize_activations: "none",
    reshape_activations: "none",
    ...(sae.k === undefined ? {} : { k: sae.k }),
    metadata: {
      model_name: sae.modelName,
      hook_name: `blocks.${sae.layer}.${hooks[sae.site] ?? sae.site}`,
      hook_layer: sae.layer,
      vitrine_fingerprint: sae.fingerprint,
    },
  };
  await writeWhole(path.join(folder, "cfg.json"), [JSON.stringify(config, null, 2)]);
}

/** Loads an SAE of ours, of SAELens (before or since version 6), or of Gemma Scope (`params.npz`). */
export async function loadSae(folder: string): Promise<Sae> {
  if (await isFile(path.join(folder, "cfg.json"))) return loadSaeLens(folder);
  const npz = path.join(folder, "params.npz");
  if (await isFile(npz)) return loadGemmaScope(folder, npz);
  fail("fileMissing", `'${folder}' holds no sparse auto-encoder`, {
    remedy: "choose a folder with cfg.json and sae_weights.safetensors (SAELens), or params.npz (Gemma Scope)",
  });
}

async function loadSaeLens(folder: string): Promise<Sae> {
  const config = await readConfig(path.join(folder, "cfg.json"));
  const meta = record(config["metadata"]) ?? config;
  const kind = kindOf(config["architecture"], folder);
  const normalize = config["normalize_activations"] ?? "none";
  if (normalize !== "none") {
    fail("unsupportedModel", `'${folder}' normalises its input (${String(normalize)}), which is not done here`, {
      remedy: "fold the normalisation into the weights with SAELens (fold_activation_norm_scaling_factor)",
    });
  }
  const hook = String(meta["hook_name"] ?? "");
  const { site, layer } = placeOf(hook, folder);
  const opened = openSafeTensors(path.join(folder, "sae_weights.safetensors"));
  const tensors = new Map(opened.names.map((name) => [name, { shape: opened.shape(name), data: opened.read(name) }]));
  return assemble(folder, tensors, {
    kind,
    site,
    layer,
    centred: config["apply_b_dec_to_input"] !== false,
    ...(typeof config["k"] === "number" ? { k: config["k"] } : {}),
    modelName: String(meta["model_name"] ?? ""),
    fingerprint: String(meta["vitrine_fingerprint"] ?? ""),
  });
}

async function loadGemmaScope(folder: string, file: string): Promise<Sae> {
  const { layer, mlp } = gemmaScopePlace(folder);
  if (layer === undefined) {
    fail("damagedFile", `Which layer '${folder}' belongs to cannot be told`, {
      remedy: "keep Gemma Scope's own folder names (layer_20/width_16k/...)",
    });
  }
  return assemble(folder, await readNpz(file), {
    kind: "jumprelu",
    site: mlp ? "mlp_out" : "resid_post",
    layer,
    centred: false,
    modelName: "gemma",
    fingerprint: "",
  });
}

/**
 * Layer and site by the folder's names, as Gemma Scope lays them out (gemma-scope-2b-pt-mlp/layer_20/width_16k/average_l0_71): the layer is
 * told by the folder nearest to the file, the site by the names from the one above it on. What lies further up is the person's own.
 */
export function gemmaScopePlace(folder: string): { layer: number | undefined; mlp: boolean } {
  const parts = path.resolve(folder).split(path.sep);
  const at = parts.findLastIndex((part) => /layer_\d+/.test(part));
  const layer = /layer_(\d+)/.exec(parts[at] ?? "")?.[1];
  if (layer === undefined) return { layer: undefined, mlp: false };
  return {
    layer: Number(layer),
    mlp: parts.slice(Math.max(0, at - 1)).some((part) => /(^|[^a-z])mlp([^a-z]|$)/.test(part)),
  };
}

type Head = Pick<Sae, "kind" | "site" | "layer" | "centred" | "k" | "modelName" | "fingerprint">;

function assemble(folder: string, tensors: ReadonlyMap<string, SafeTensor>, head: Head): Sae {
  const get = (name: string, shape?: number[]): SafeTensor => {
    const tensor = tensors.get(name) ?? fail("damagedFile", `'${folder}' lacks ${name}`);
    if (shape && (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i]))) {
      fail("damagedFile", `${name} of '${folder}' is ${tensor.shape.join(" x ")}, not ${shape.join(" x ")}`);
    }
    return tensor;
  };
  const decoder = get("W_dec");
  const [features, width] = decoder.shape;
  if (decoder.shape.length !== 2 || !features || !width) fail("damagedFile", `W_dec of '${folder}' is no matrix`);
  if (head.kind === "topk" && !(head.k !== undefined && Number.isInteger(head.k) && head.k > 0 && head.k <= features)) {
    fail("damagedFile", `'${folder}' does not say how many features stay (k)`);
  }
  return {
    ...head,
    width,
    features,
    encoder: transpose(get("W_enc", [width, features]).data, width, features),
    encoderBias: get("b_enc", [features]).data,
    decoder: decoder.data,
    decoderBias: get("b_dec", [width]).data,
    ...(head.kind === "jumprelu" ? { threshold: get("threshold", [features]).data } : {}),
  };
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    fail("damagedFile", `'${file}' is not JSON`, { cause: error });
  }
  return record(value) ?? fail("damagedFile", `'${file}' is no configuration`);
}

function kindOf(architecture: unknown, folder: string): FeatureKind {
  const found = Object.entries(architectures).find(([, name]) => name === (architecture ?? "standard"));
  if (!found) {
    fail("unsupportedModel", `'${folder}' is of the kind '${String(architecture)}', which is not read here`, {
      remedy: "standard, topk and jumprelu are",
    });
  }
  return found[0] as FeatureKind;
}

function placeOf(hook: string, folder: string): { site: Site; layer: number } {
  const match = /^blocks\.(\d{1,4})\.(.+)$/.exec(hook);
  const site = match && Object.entries(hooks).find(([, name]) => name === match[2])?.[0];
  if (!match || !site) fail("damagedFile", `The place '${hook.slice(0, 80)}' of '${folder}' is not known`);
  return { site: site as Site, layer: Number(match[1]) };
}

/** A row-major [rows, columns] matrix turned into [columns, rows]. */
export function transpose(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!;
  return out;
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
