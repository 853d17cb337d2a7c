import type {
  AttentionResult,
  AttributionResult,
  EmbeddingMapResult,
  EmbeddingResult,
  LayersResult,
  NeuronsResult,
} from "../../src/contract/instruments";
import type { Table } from "./table";

/** Each instrument's result as one flat table; units stand in the columns' names. */

/** A line a token that a block moved: change of log-probability (nats) and of the normed logit. */
export function layersTable({ layers }: LayersResult): Table {
  const blocks = layers.flatMap((one) =>
    (["attn", "mlp", "whole"] as const).flatMap((block) => {
      const effect = one[block];
      return effect ? [{ layer: one.layer, block, effect }] : [];
    }),
  );
  return {
    columns: ["layer", "block", "kl_nats", "moved", "id", "token", "delta_log_p_nats", "delta_logit"],
    tokens: ["token"],
    rows: blocks.flatMap(({ layer, block, effect }) =>
      (["promoted", "suppressed"] as const).flatMap((way) =>
        effect[way].map(({ id, text, delta, logitDelta }) => [
          layer,
          block,
          effect.kl,
          way,
          id,
          text,
          delta,
          logitDelta,
        ]),
      ),
    ),
  };
}

export function attributionTable({ parts, target, foil, logit, remainder }: AttributionResult): Table {
  const of = [target.text, foil?.text ?? null];
  return {
    columns: ["kind", "layer", "head", "contribution_logit", "target", "foil"],
    tokens: ["target", "foil"],
    rows: [
      ...parts.map(({ kind, layer, head, contribution }) => [kind, layer ?? null, head ?? null, contribution, ...of]),
      ["remainder", null, null, remainder, ...of],
      ["logit", null, null, logit, ...of],
    ],
  };
}

export function neuronsTable({ neurons }: NeuronsResult): Table {
  const said = (list: { text: string }[]): string => JSON.stringify(list.map(({ text }) => text));
  return {
    columns: ["id", "activation", "contribution_logit", "promotes", "suppresses"],
    rows: neurons.map(({ id, activation, contribution, promotes, suppresses }) => [
      id,
      activation,
      contribution,
      said(promotes),
      said(suppresses),
    ]),
  };
}

/** A line a weight that is not zero: how much the query's position looks at the key's. */
export function attentionTable({ layer, heads, tokens }: AttentionResult): Table {
  return {
    columns: ["layer", "head", "query", "key", "query_token", "key_token", "weight"],
    tokens: ["query_token", "key_token"],
    rows: heads.flatMap(({ head, pattern }) =>
      pattern.flatMap((row, query) =>
        row.flatMap((weight, key) =>
          weight === 0 ? [] : [[layer, head, query, key, tokens[query]?.text ?? "", tokens[key]?.text ?? "", weight]],
        ),
      ),
    ),
  };
}

export function embeddingTable({ input, output, tied }: EmbeddingResult): Table {
  const side = (table: string, list: EmbeddingResult["input"]): Table["rows"] =>
    list.map(({ id, text, cosine }, rank) => [table, rank, id, text, cosine]);
  return {
    columns: ["table", "rank", "id", "token", "cosine"],
    tokens: ["token"],
    rows: [...side("input", input), ...(tied ? [] : side("output", output))],
  };
}

export function mapTable({ points }: EmbeddingMapResult): Table {
  return { columns: ["text", "pc1", "pc2"], tokens: ["text"], rows: points.map(({ text, x, y }) => [text, x, y]) };
}
