import type { NoteKind, Spent } from "./agent";
import type { Json } from "./json";
import type { MemorySource } from "./memory";
import type { ApprovalRequest, ApprovalVerdict, Effect } from "./tool";

/** A run of the agent as people see it: what the chat shows under a goal, and the trace in full. */
export interface RunView {
  run: string;
  goal: string;
  brain: string;
  /** The brain is the engine: its tokens can be opened. */
  local: boolean;
  state: "running" | "answered" | "stopped" | "failed";
  steps: StepView[];
  plan?: { steps: { step: string; expect: string }[]; accepted: boolean };
  /** What a person is asked now. */
  asking: { call: string; request: ApprovalRequest } | null;
  /** The answer, or why there is none. */
  text: string;
  /** Absolute paths of files that the run changed; they can be taken back. */
  written: string[];
  undone: boolean;
  spent?: Spent;
}

/** A memory that was read, with its provenance where the journal has it. */
export interface MemoryUsed {
  text: string;
  why: string;
  id?: string;
  kind?: string;
  time?: string;
  source?: MemorySource;
  taint?: string;
}

export interface StepView {
  step: number;
  thought: string;
  /** Words beside the calls. */
  said: string;
  /** Memories that were read for it. */
  read: MemoryUsed[];
  /** What became of things worth remembering. */
  wrote?: { text: string; id?: string; kept: boolean; why: string; pending?: boolean }[];
  /** Tools it was offered, out of how many. */
  offered: string[];
  of: number;
  calls: CallView[];
  notes: { kind: NoteKind; text: string }[];
}

export interface CallView {
  call: string;
  name: string;
  arguments: { [name: string]: Json };
  effects: Effect[];
  state: "running" | "asking" | "done" | "failed" | "denied";
  /** What the model reads of the result; a note says how much was left out. */
  text: string;
  leftOut: number;
  diff?: string;
  ms?: number;
  /** Who allowed or refused it. */
  decided?: { verdict: ApprovalVerdict; by: "person" | "rule" | "policy"; reason?: string };
}
