import type { AgentMode, Spent } from "./agent";
import type { ChatMessage, ToolSpec } from "./chat";
import type { Json } from "./json";
import type { Method } from "./method";
import type { CommonViewMethods, InstrumentRequest } from "./view";

/** A run in a list, from the first and the last line of its file. */
export interface TraceRun {
  run: string;
  /** ISO 8601. */
  updated: string;
  goal: string;
  brain: string;
  /** `open`: the file does not say how it ended. `damaged`: it does not begin with a goal. */
  state: "answered" | "stopped" | "failed" | "open" | "damaged";
}

/** A line of a run's file, as the timeline shows it. Whatever its type, known or not. */
export interface TraceRow {
  /** Its place in the file, from 0. */
  line: number;
  /** ISO 8601; empty where the line does not say. */
  at: string;
  type: string;
  step: number | null;
  /** A tool's name, a note's kind; else empty. */
  name: string;
  /** The beginning of what it says, on one line. */
  brief: string;
  state?: "ok" | "failed" | "denied" | "asking";
  /** How long it took; it ended at `at`. */
  ms?: number;
  usage?: { prompt: number; reused: number; tokens: number };
}

/** The whole of one line. */
export interface TraceEntry {
  line: number;
  /** The event as it was written. */
  event: { [key: string]: Json };
  /** For a reply: the prompt it was made from, and the tools it was shown, where the file holds them. */
  messages?: ChatMessage[];
  tools?: ToolSpec[];
  /** Why the prompt is not whole. */
  lacks?: string;
}

export interface TraceHead {
  run: string;
  goal: string;
  mode: AgentMode | "";
  brain: string;
  /** The brain was the engine: its tokens can be opened. */
  local: boolean;
  /** Of the model that thought; empty where the run does not say. */
  fingerprint: string;
  state: TraceRun["state"];
  spent: Spent | null;
}

/** What the trace shows, apart from its rows, which the view asks for. Event `state`. */
export interface TraceViewState {
  runs: TraceRun[];
  shown: TraceHead | null;
  /** Rows there are by now. */
  count: number;
  /** Numbers of lines that could not be read, from 1, as an editor counts. */
  damaged: number[];
  /** Name and fingerprint of the model that is loaded. */
  model: { name: string; fingerprint: string } | null;
  /** A line to begin at: where the trace was opened from. */
  from: number | null;
}

export type TraceViewMethods = CommonViewMethods & {
  /** Rows from the one numbered `from` on, at most 5,000 at once. */
  rows: Method<{ run: string; from: number }, { rows: TraceRow[] }>;
  entry: Method<{ run: string; line: number }, TraceEntry>;
  /** The place of a token of a reply: everything the model had read when it chose it. */
  place: Method<
    { run: string; line: number; token: number; instrument: InstrumentRequest["instrument"] },
    InstrumentRequest
  >;
  openRun: Method<{ run: string }, null>;
  /** Opens the run's file in an editor. */
  openFile: Method<{ run: string; line: number }, null>;
};

export interface TraceViewEvents {
  state: TraceViewState;
}
