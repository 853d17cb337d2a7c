import type { AgentEvent } from "../../contract/agent";
import type { CallView, RunView, StepView } from "../../contract/agentView";

export function emptyRunView(run: string): RunView {
  return {
    run,
    goal: "",
    brain: "",
    local: false,
    state: "running",
    steps: [],
    asking: null,
    text: "",
    written: [],
    undone: false,
  };
}

/** The view after one more event. Pure: a journal read again gives the same view as the run did while it happened. */
export function withEvent(view: RunView, event: AgentEvent): RunView {
  switch (event.type) {
    case "goal":
      return { ...view, goal: event.goal, brain: event.brain, local: event.local };
    case "read":
      return inStep(view, event.step, () => ({ read: event.memories }));
    case "write": {
      const { text, id, kept, why, pending } = event;
      const wrote = { text, kept, why, ...(id === undefined ? {} : { id }), ...(pending ? { pending } : {}) };
      return inStep(view, event.step, (step) => ({ wrote: [...(step.wrote ?? []), wrote] }));
    }
    case "tools":
      return inStep(view, event.step, () => ({ offered: event.names, of: event.of }));
    case "plan":
      return { ...view, plan: { steps: event.steps, accepted: event.accepted === true } };
    case "think":
      return inStep(view, event.step, () => ({ thought: event.thought, said: event.text }));
    case "call": {
      const { call, name, arguments: args, effects } = event;
      const made: CallView = { call, name, arguments: args, effects, state: "running", text: "", leftOut: 0 };
      return inStep(view, event.step, ({ calls }) => ({ calls: [...calls, made] }));
    }
    case "approval": {
      const { call, request, verdict, by = "person", reason } = event;
      if (verdict === undefined) {
        return { ...inCall(view, event.step, call, { state: "asking" }), asking: { call, request } };
      }
      const decided = { verdict, by, ...(reason === undefined ? {} : { reason }) };
      const state = verdict === "deny" ? "denied" : "running";
      return { ...inCall(view, event.step, call, { state, decided }), asking: null };
    }
    case "result": {
      const { call, ok, text, leftOut, diff, ms, written = [] } = event;
      const denied = view.steps.some(({ calls }) => calls.some((one) => one.call === call && one.state === "denied"));
      const state = ok ? "done" : denied ? "denied" : "failed";
      const seen = inCall(view, event.step, call, {
        state,
        text,
        leftOut,
        ms,
        ...(diff === undefined ? {} : { diff }),
      });
      return { ...seen, asking: null, written: [...new Set([...view.written, ...written])] };
    }
    case "note": {
      const { kind, text } = event;
      const noted = inStep(view, event.step, ({ notes }) => ({ notes: [...notes, { kind, text }] }));
      if (kind === "undone") return { ...noted, undone: true };
      return kind === "resumed" ? { ...noted, state: "running", text: "" } : noted;
    }
    case "answer":
      return { ...view, state: "answered", asking: null, text: event.text, spent: event.spent };
    case "stopped":
      return { ...view, state: "stopped", asking: null, text: event.text, spent: event.spent };
    case "error":
      return { ...view, state: "failed", asking: null, text: event.error.message, spent: event.spent };
    default:
      // Pieces of a running reply, and what planning tells, are shown elsewhere.
      return view;
  }
}

const emptyStep = (step: number): StepView => ({
  step,
  thought: "",
  said: "",
  read: [],
  offered: [],
  of: 0,
  calls: [],
  notes: [],
});

function inStep(view: RunView, step: number, change: (step: StepView) => Partial<StepView>): RunView {
  const known = view.steps.some((one) => one.step === step);
  const steps = known ? view.steps : [...view.steps, emptyStep(step)];
  return { ...view, steps: steps.map((one) => (one.step === step ? { ...one, ...change(one) } : one)) };
}

function inCall(view: RunView, step: number, call: string, change: Partial<CallView>): RunView {
  return inStep(view, step, ({ calls }) => ({
    calls: calls.map((one) => (one.call === call ? { ...one, ...change } : one)),
  }));
}
