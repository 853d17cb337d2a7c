import type { TraceEntry, TraceHead, TraceRow, TraceViewState } from "../../src/contract/traceView";
import { model, reply } from "./fixtures";

export const hostile = `<img src="https://evil.example/x.png" onerror="window.hit=1">`;

const start = Date.parse("2026-01-02T03:04:05.000Z");

interface Made {
  row: TraceRow;
  entry: TraceEntry;
}

let clock = 0;
let lines: Made[] = [];

function add(event: Record<string, unknown> & { type: string }, more: Partial<TraceRow> = {}, took = 5): void {
  clock += took;
  const at = new Date(start + clock).toISOString();
  const line = lines.length;
  const whole = { at, run: "r1", ...event } as unknown as TraceEntry["event"];
  lines.push({
    row: {
      line,
      at,
      type: event.type,
      step: typeof event.step === "number" ? event.step : null,
      name: "",
      brief: "",
      ...more,
    },
    entry: { line, event: whole },
  });
}

/** A run with every kind of event there is, one that is not known, and what a hostile tool gave. */
export function wholeRun(): Made[] {
  clock = 0;
  lines = [];
  add(
    {
      type: "goal",
      goal: "Sum the hours in notes/hours.csv",
      mode: "agent",
      brain: model.name,
      local: true,
      params: { attachments: [{ label: "notes/hours.csv", text: "mon,3\ntue,4" }] },
    },
    { brief: "Sum the hours in notes/hours.csv" },
  );
  add(
    { type: "read", step: 1, memories: [{ id: "m1", text: "Hours are in quarter steps.", why: "text 0.8" }] },
    { brief: "Hours are in quarter steps." },
  );
  add(
    {
      type: "tools",
      step: 1,
      names: ["read_file", "sum_column"],
      because: { read_file: "names the goal's words", sum_column: "served a goal like it" },
      of: 5_012,
      ms: 7,
    },
    { brief: "read_file, sum_column", ms: 7 },
    7,
  );
  add(
    { type: "simulate", step: 1, action: "read_file notes/hours.csv", expect: "seven lines", value: 0.7 },
    { brief: "read_file notes/hours.csv → seven lines" },
  );
  const tokens = reply("I read the file first.", "The hours stand in a file.", 3).map(
    ({ id, text, p, entropy, part }) => ({
      id,
      text,
      p,
      entropy,
      part,
    }),
  );
  add(
    {
      type: "think",
      step: 1,
      thought: "The hours stand in a file.",
      text: "I read the file first.",
      messages: ["a"],
      tools: ["read_file"],
      tokens,
      usage: { promptTokens: 412, reusedTokens: 380, tokens: tokens.length, ms: 640 },
    },
    {
      brief: "The hours stand in a file.",
      ms: 640,
      usage: { prompt: 412, reused: 380, tokens: tokens.length },
    },
    640,
  );
  Object.assign(lines.at(-1)!.entry, {
    messages: [
      { role: "system", content: "You are an agent." },
      { role: "user", content: "Sum the hours in notes/hours.csv" },
    ],
    tools: [{ name: "read_file", description: "Reads a file.", parameters: { type: "object" } }],
  });
  add(
    { type: "call", step: 1, call: "c1", name: "read_file", arguments: { path: "notes/hours.csv" }, effects: ["read"] },
    { name: "read_file", brief: "path: notes/hours.csv" },
  );
  add(
    {
      type: "approval",
      step: 1,
      call: "c1",
      request: { summary: "Read notes/hours.csv", target: { kind: "path", path: "/w/notes/hours.csv", shown: "" } },
      verdict: "once",
      by: "person",
    },
    { brief: "Read notes/hours.csv", state: "ok" },
    900,
  );
  add(
    {
      type: "result",
      step: 1,
      call: "c1",
      name: "read_file",
      ok: true,
      text: hostile,
      leftOut: 1_200,
      taint: "file",
      diff: "-a\n+b",
      ms: 12,
    },
    { name: "read_file", brief: hostile, ms: 12, state: "ok" },
    12,
  );
  add(
    { type: "surprise", step: 1, expected: "seven lines", observed: "two lines", nats: 3.2 },
    { brief: "seven lines → two lines", state: "failed" },
  );
  add({ type: "dream", step: 1, colour: "blue", depth: 3 }, { brief: `{"colour":"blue","depth":3}` });
  add(
    { type: "write", step: 1, text: "The file has two lines.", kept: true, why: "new" },
    { brief: "The file has two lines." },
  );
  add(
    { type: "answer", step: 2, text: "It is 7.", spent: { steps: 2, promptTokens: 800, tokens: 60, ms: 1_700 } },
    { brief: "It is 7.", state: "ok" },
  );
  return lines;
}

export const head: TraceHead = {
  run: "r1",
  goal: "Sum the hours in notes/hours.csv",
  mode: "agent",
  brain: model.name,
  local: true,
  fingerprint: model.fingerprint,
  state: "answered",
  spent: { steps: 2, promptTokens: 800, tokens: 60, ms: 1_700 },
};

export function traceState(count: number, change: Partial<TraceViewState> = {}): TraceViewState {
  return {
    runs: [
      { run: "r1", updated: "2026-01-02T03:04:09.000Z", goal: head.goal, brain: head.brain, state: "answered" },
      { run: "r0", updated: "2026-01-01T03:04:09.000Z", goal: "Another goal", brain: "server", state: "stopped" },
    ],
    shown: head,
    count,
    damaged: [],
    model: { name: model.name, fingerprint: model.fingerprint },
    from: null,
    ...change,
  };
}
