import { describe, expect, it } from "vitest";
import { emptyRunView, withEvent } from "../../../../src/agent/run/runView";
import type { AgentEvent, AgentEventBody } from "../../../../src/contract/agent";
import type { ApprovalRequest } from "../../../../src/contract/tool";

const spent = { steps: 1, promptTokens: 10, tokens: 5, ms: 1 };
const request: ApprovalRequest = {
  id: "a",
  tool: "write_file",
  effects: ["write"],
  target: { kind: "path", path: "/w/a.txt", shown: "a.txt" },
  summary: "Write a.txt",
};
const call: AgentEventBody = {
  type: "call",
  step: 1,
  call: "c",
  name: "write_file",
  arguments: { path: "a.txt" },
  effects: ["write"],
};
const result = (ok: boolean): AgentEventBody => ({
  type: "result",
  step: 1,
  call: "c",
  name: "write_file",
  ok,
  text: ok ? "Written." : "No.",
  leftOut: 0,
  reversal: "checkpoint",
  ms: 3,
  ...(ok ? { diff: "+hi", written: ["/w/a.txt"] } : {}),
});

function seen(...bodies: AgentEventBody[]) {
  return bodies
    .map((body): AgentEvent => ({ ...body, at: "2026-01-01T00:00:00.000Z", run: "r" }))
    .reduce(withEvent, emptyRunView("r"));
}

describe("the view of a run", () => {
  it("asks for a call, runs it and keeps what it changed", () => {
    const asking = seen(call, { type: "approval", step: 1, call: "c", request });
    expect(asking.asking).toEqual({ call: "c", request });
    expect(asking.steps[0]?.calls[0]?.state).toBe("asking");
    const done = seen(
      call,
      { type: "approval", step: 1, call: "c", request },
      { type: "approval", step: 1, call: "c", request, verdict: "once", by: "person" },
      result(true),
    );
    expect(done.asking).toBeNull();
    expect(done.steps[0]?.calls[0]).toMatchObject({
      state: "done",
      diff: "+hi",
      decided: { verdict: "once", by: "person" },
    });
    expect(done.written).toEqual(["/w/a.txt"]);
  });

  it("tells a refused call from one that failed", () => {
    const refused = seen(
      call,
      { type: "approval", step: 1, call: "c", request, verdict: "deny", by: "person", reason: "not now" },
      result(false),
    );
    expect(refused.steps[0]?.calls[0]?.state).toBe("denied");
    expect(seen(call, result(false)).steps[0]?.calls[0]?.state).toBe("failed");
  });

  it("keeps steps apart, with their notes", () => {
    const view = seen(
      { type: "note", step: 1, kind: "loop", text: "again" },
      { type: "tools", step: 2, names: ["a"], because: {}, of: 9, ms: 1 },
    );
    expect(view.steps.map(({ step, notes, of }) => [step, notes.length, of])).toEqual([
      [1, 1, 0],
      [2, 0, 9],
    ]);
  });

  it.each([
    [{ type: "answer", step: 1, text: "42", spent }, "answered", "42"],
    [{ type: "stopped", step: 1, reason: "loop", text: "It repeats itself.", spent }, "stopped", "It repeats itself."],
    [{ type: "error", step: 1, error: { code: "engineDied", message: "Gone." }, spent }, "failed", "Gone."],
  ] as const)("ends with %j", (event, state, text) => {
    expect(seen(call, { type: "approval", step: 1, call: "c", request }, event)).toMatchObject({
      state,
      text,
      asking: null,
    });
  });

  it("runs again when it was resumed, and tells an undo", () => {
    expect(
      seen(
        { type: "stopped", step: 1, reason: "user", text: "x", spent },
        { type: "note", step: 1, kind: "resumed", text: "on" },
      ).state,
    ).toBe("running");
    expect(seen({ type: "note", step: 1, kind: "undone", text: "Restored 1 files." }).undone).toBe(true);
  });
});
