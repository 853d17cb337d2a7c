import type { DecisionKind, PlanNode, PlanPhase, PlanReality, PlanStatus } from "../../src/contract/plan";
import type { Word } from "../kit/l10n";
import { t } from "../kit/l10n";

export const statusWords: Record<PlanStatus, Word> = {
  open: "planOpen",
  running: "planRunning",
  done: "planDone",
  failed: "planFailed",
  pruned: "planPruned",
  forbidden: "planForbidden",
  unknown: "planUnknown",
};
export const statusMarks: Record<PlanStatus, string> = {
  open: "○",
  running: "▶",
  done: "✓",
  failed: "✗",
  pruned: "✂",
  forbidden: "⊘",
  unknown: "?",
};
export const realityWords: Record<PlanReality, Word> = {
  root: "planGoal",
  proposed: "planProposed",
  imagined: "planImagined",
  tried: "planTried",
  real: "planReal",
};
export const phaseWords: Record<PlanPhase, Word> = {
  searching: "planSearching",
  asking: "planAsking",
  acting: "planActing",
  answering: "planAnswering",
  over: "planOver",
};
export const decisionWords: Record<DecisionKind, Word> = {
  propose: "planDecidePropose",
  imagine: "planDecideImagine",
  judge: "planDecideJudge",
  match: "planDecideMatch",
  act: "planDecideAct",
  why: "planDecideWhy",
  answer: "planDecideAnswer",
};

export function valueText(value: number | null): string {
  return value === null ? "" : value.toFixed(2);
}

/** What a screen reader says of a node. */
export function spoken(node: PlanNode): string {
  return [
    node.intent,
    t(realityWords[node.reality]),
    t(statusWords[node.status]),
    ...(node.value === null ? [] : [t("planValueIs", { value: valueText(node.value) })]),
    ...(node.pinned ? [t("planPinned")] : []),
    ...(node.status === "pruned" || node.status === "failed" ? [node.reason] : []),
  ].join(", ");
}
