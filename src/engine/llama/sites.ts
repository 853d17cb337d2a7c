import { fail } from "../../contract/errors";
import { allSites, layerlessSites } from "../../contract/sites";
import type { Site } from "../../contract/sites";

/**
 * How a site's node is recognised in the graph of one layer.
 * - `name`: the node called `<name>-<layer>`; where a name comes twice in a layer, the first is meant
 * - `bare`: the node called `<name>`, one a layer in depth order (llama.cpp leaves the layer out)
 * - `projection`: the product with `blk.<layer>.attn_output.weight`, and the bias or adapter added to it
 * - `afterAttention`: the sum whose first summand is that projection
 */
export type NodeRule =
  { kind: "name"; name: string } | { kind: "bare"; name: string } | { kind: "projection" } | { kind: "afterAttention" };

/** Where the sites of an architecture are. Names read in src/models/*.cpp and src/llama-graph.cpp of llama.cpp 0.4.0. */
export interface SiteTable {
  embed: string;
  attn_out: NodeRule;
  resid_mid: NodeRule;
  mlp_post: NodeRule;
  mlp_out: NodeRule;
  /** Names for a mixture of experts, which one architecture may have beside the dense form. */
  expertPost?: NodeRule;
  expertOut?: NodeRule;
}

const name = (text: string): NodeRule => ({ kind: "name", name: text });
const projection: NodeRule = { kind: "projection" };

const llama: SiteTable = {
  embed: "embd",
  attn_out: name("attn_out"),
  resid_mid: name("ffn_inp"),
  mlp_post: name("ffn_swiglu"),
  mlp_out: name("ffn_out"),
  expertPost: name("ffn_moe_swiglu"),
  expertOut: name("ffn_moe_out"),
};
const qwen: SiteTable = { ...llama, attn_out: projection };
const gemma: SiteTable = {
  embed: "inp_scaled",
  attn_out: name("attn_post_norm"),
  resid_mid: name("sa_out"),
  mlp_post: name("ffn_geglu"),
  mlp_out: name("ffn_post_norm"),
};

/** The one table of architectures. */
const tables: Record<string, SiteTable> = {
  llama,
  mistral3: llama,
  qwen2: qwen,
  qwen3: qwen,
  qwen3moe: qwen,
  gemma2: { ...gemma, mlp_out: { kind: "bare", name: "ffn_post_norm" } },
  gemma3: gemma,
  phi3: { ...qwen, resid_mid: { kind: "afterAttention" } },
  "gpt-oss": {
    ...llama,
    mlp_post: name("ffn_moe_swiglu_oai"),
    mlp_out: name("ffn_moe_out"),
    expertPost: name("ffn_moe_swiglu_oai"),
  },
};

/** What the sites of one loaded model are called. */
export interface ModelSites {
  table: SiteTable | undefined;
  layers: number;
  mixture: boolean;
  /** Sites that can be read and written. */
  known: Site[];
  /** Why others cannot. */
  missing: string[];
}

export function sitesOf(architecture: string, layers: number, experts: number): ModelSites {
  const table = tables[architecture];
  const mixture = experts > 0;
  if (!table) {
    return {
      table,
      layers,
      mixture,
      known: [],
      missing: [`The sites of the architecture '${architecture}' are not known here; the model can still chat.`],
    };
  }
  return { table, layers, mixture, known: [...allSites], missing: [] };
}

/** A site as its node: sites that share a node (what leaves a block enters the next) come out the same. */
export type NodePlace = { rule: NodeRule; layer: number } | { rule: { kind: "name"; name: string }; layer: undefined };

/** Finds a site's node. Throws `noSuchSite`. */
export function placeOf(sites: ModelSites, site: Site, layer: number | undefined): NodePlace {
  const { table, layers } = sites;
  if (!table) fail("noSuchSite", sites.missing[0] ?? "This model's sites are not known.");
  if (layerlessSites.includes(site)) return { rule: { kind: "name", name: layerless(table, site) }, layer: undefined };
  if (layer === undefined || !Number.isInteger(layer) || layer < 0 || layer >= layers) {
    fail(
      "noSuchSite",
      `The site ${site} needs a layer from 0 to ${layers - 1}${layer === undefined ? "" : `, not ${layer}`}.`,
    );
  }
  if (site === "resid_pre") {
    return layer === 0
      ? { rule: { kind: "name", name: table.embed }, layer: undefined }
      : { rule: { kind: "name", name: "l_out" }, layer: layer - 1 };
  }
  return { rule: inLayer(sites, table, site), layer };
}

function layerless(table: SiteTable, site: Site): string {
  if (site === "embed") return table.embed;
  return site === "final_norm" ? "result_norm" : "result_output";
}

function inLayer(sites: ModelSites, table: SiteTable, site: Site): NodeRule {
  switch (site) {
    case "attn_out":
      return table.attn_out;
    case "resid_mid":
      return table.resid_mid;
    case "mlp_post":
      return (sites.mixture ? table.expertPost : undefined) ?? table.mlp_post;
    case "mlp_out":
      return (sites.mixture ? table.expertOut : undefined) ?? table.mlp_out;
    case "z":
      return { kind: "name", name: "kqv_out" };
    case "pattern":
      return { kind: "name", name: "kq_soft_max" };
    default:
      return { kind: "name", name: "l_out" };
  }
}

/**
 * Whether llama.cpp may have left rows without an output out of the node's tensor: it does so within its last block (most
 * architectures) or after it. A token whose state is wanted there has to ask for logits.
 */
export function wantsOutputs(sites: ModelSites, site: Site, layer: number | undefined): boolean {
  if (site === "final_norm" || site === "logits") return true;
  return layer === sites.layers - 1 && !beforeCrop.includes(site);
}

const beforeCrop: readonly Site[] = ["resid_pre", "z", "pattern"];
