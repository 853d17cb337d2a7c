import type { TraceRow } from "../../src/contract/traceView";
import type { Word } from "../kit/l10n";
import { t } from "../kit/l10n";

/** What the timeline can be narrowed to. */
export type Group = "thoughts" | "calls" | "memory" | "plans" | "notes";

export const groupWords: Record<Group, Word> = {
  thoughts: "traceThoughts",
  calls: "traceCalls",
  memory: "traceMemory",
  plans: "tracePlans",
  notes: "traceOther",
};

interface Kind {
  icon: string;
  word: Word;
  group: Group;
}

const kinds: Record<string, Kind> = {
  goal: { icon: "target", word: "traceGoal", group: "notes" },
  read: { icon: "book", word: "traceRead", group: "memory" },
  tools: { icon: "tools", word: "traceTools", group: "calls" },
  plan: { icon: "checklist", word: "runPlanWord", group: "plans" },
  simulate: { icon: "telescope", word: "traceSimulate", group: "plans" },
  think: { icon: "lightbulb", word: "thought", group: "thoughts" },
  call: { icon: "play", word: "traceCall", group: "calls" },
  approval: { icon: "shield", word: "traceApproval", group: "calls" },
  result: { icon: "output", word: "traceResult", group: "calls" },
  surprise: { icon: "zap", word: "traceSurprise", group: "plans" },
  write: { icon: "save", word: "traceWrite", group: "memory" },
  note: { icon: "info", word: "traceNote", group: "notes" },
  answer: { icon: "comment", word: "answer", group: "thoughts" },
  stopped: { icon: "debug-stop", word: "traceStopped", group: "notes" },
  error: { icon: "error", word: "traceError", group: "notes" },
};

/** How a line is shown. One of a kind that is not known here goes by its own name. */
export function kindOf({ type }: Pick<TraceRow, "type">): { icon: string; name: string; group: Group } {
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  return kind
    ? { icon: kind.icon, name: t(kind.word), group: kind.group }
    : { icon: "symbol-event", name: type, group: "notes" };
}
