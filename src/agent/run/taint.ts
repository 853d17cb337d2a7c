import type { ToolOutput } from "../../contract/tool";

/** From the least to the most doubtful. */
const order = ["file", "model", "command", "tool", "page"] as const;

/** What a run has read: whatever it remembers or writes afterwards may come from there, and says so. */
export class TaintLedger {
  private readonly runs = new Map<string, NonNullable<ToolOutput["taint"]>>();

  note(run: string, taint: ToolOutput["taint"]): void {
    if (taint === undefined) return;
    const before = this.runs.get(run);
    if (before === undefined || order.indexOf(taint) > order.indexOf(before)) this.runs.set(run, taint);
  }

  of(run: string): string | undefined {
    return this.runs.get(run);
  }
}
