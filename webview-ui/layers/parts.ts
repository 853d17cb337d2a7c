import type { AttributionPart } from "../../src/contract/instruments";
import { t } from "../kit/l10n";

/** One line of the split: a part, or a layer's attention with its heads inside. */
export interface PartLine {
  key: string;
  name: string;
  contribution: number;
  heads: { name: string; contribution: number }[];
}

function nameOf({ kind, layer = 0, head = 0 }: AttributionPart): string {
  switch (kind) {
    case "embed":
      return t("partEmbed");
    case "bias":
      return t("partBias");
    case "mlp":
      return t("blockMlp", { layer });
    case "attn":
      return t("blockAttn", { layer });
    case "head":
      return t("partHead", { layer, head });
  }
}

const sum = (parts: readonly AttributionPart[]): number => parts.reduce((total, part) => total + part.contribution, 0);

/** The parts in the order of the run, each layer's heads under one line. Their contributions still add up to the sum. */
export function byDepth(parts: readonly AttributionPart[]): PartLine[] {
  const lines: PartLine[] = [];
  const single = (part: AttributionPart, i: number): PartLine => ({
    key: `${part.kind}${part.layer ?? ""}-${i}`,
    name: nameOf(part),
    contribution: part.contribution,
    heads: [],
  });
  parts.forEach((part, i) => {
    if (part.kind !== "head" && part.kind !== "attn") return void lines.push(single(part, i));
    const key = `attn${part.layer}`;
    if (lines.some((line) => line.key === key)) return;
    const own = parts.filter(({ kind, layer }) => (kind === "head" || kind === "attn") && layer === part.layer);
    lines.push({
      key,
      name: t("blockAttn", { layer: part.layer ?? 0 }),
      contribution: sum(own),
      heads: own.map((head) => ({ name: nameOf(head), contribution: head.contribution })),
    });
  });
  return lines;
}

/** Every part for itself, the largest in either direction first. */
export function bySize(parts: readonly AttributionPart[]): PartLine[] {
  return parts
    .map((part, i) => ({ key: `${part.kind}-${i}`, name: nameOf(part), contribution: part.contribution, heads: [] }))
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}
