import type { ApprovalDecision, ApprovalRequest, ApprovalsPort, ApprovalVerdict } from "../../contract/tool";
import { fail } from "../../contract/errors";

/** What a person is asked and has not answered yet. The buttons in the chat answer by the request's id. */
export class PendingApprovals implements ApprovalsPort {
  private readonly waiting = new Map<string, (decision: ApprovalDecision) => void>();

  ask(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalDecision> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.waiting.delete(request.id);
        reject(signal.reason as Error);
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      this.waiting.set(request.id, (decision) => {
        signal.removeEventListener("abort", onAbort);
        this.waiting.delete(request.id);
        resolve(decision);
      });
    });
  }

  /** A person's answer. Fails with `badArgument` when the question is no longer asked: nothing is decided twice. */
  decide(id: string, verdict: ApprovalVerdict, reason = ""): void {
    const answer = this.waiting.get(id);
    if (!answer) return fail("badArgument", "This is no longer asked.");
    const said = reason.trim();
    answer({ verdict, ...(said === "" ? {} : { reason: said.slice(0, 500) }) });
  }
}
