import type { Word } from "../kit/l10n";
import { t } from "../kit/l10n";
import type { DrawnEdge, DrawnEdgeKind } from "./model";
import { shortText } from "./nodeText";

const words: Record<DrawnEdgeKind, Word> = {
  relation: "memoryEdgeRelation",
  evidence: "memoryEdgeEvidence",
  mention: "memoryEdgeMention",
  member: "memoryEdgeMember",
  synonym: "memoryEdgeSynonym",
  replaces: "memoryEdgeReplaces",
};

/** A relation's own words, or what kind of edge it is. */
export function edgeWord({ kind, label }: Pick<DrawnEdge, "kind" | "label">): string {
  return kind === "relation" && label.trim() !== "" ? shortText(label, 60) : t(words[kind]);
}
