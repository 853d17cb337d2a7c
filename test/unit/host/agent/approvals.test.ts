import { expect, test } from "vitest";
import type { ApprovalRequest } from "../../../../src/contract/tool";
import { PendingApprovals } from "../../../../src/host/agent/approvals";

const request = (id: string): ApprovalRequest => ({
  id,
  tool: "t",
  effects: ["write"],
  target: { kind: "text", text: "x" },
  summary: "Do x",
});

test("a question waits for a person's answer, and is answered once", async () => {
  const approvals = new PendingApprovals();
  const answer = approvals.ask(request("a"), new AbortController().signal);
  expect(() => approvals.decide("b", "once")).toThrow(expect.objectContaining({ code: "badArgument" }));
  approvals.decide("a", "deny", "  too risky ");
  expect(await answer).toEqual({ verdict: "deny", reason: "too risky" });
  expect(() => approvals.decide("a", "always")).toThrow(expect.objectContaining({ code: "badArgument" }));
});

test("a run that is stopped asks no more", async () => {
  const approvals = new PendingApprovals();
  const abort = new AbortController();
  const answer = approvals.ask(request("a"), abort.signal);
  abort.abort();
  await expect(answer).rejects.toThrow();
  expect(() => approvals.decide("a", "once")).toThrow(expect.objectContaining({ code: "badArgument" }));
});
