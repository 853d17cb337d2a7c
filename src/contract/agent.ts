import type { BrainUsage } from "./brain";
import type { ChatMessage, ToolCall, ToolSpec } from "./chat";
import type { ErrorData } from "./errors";
import type { Json } from "./json";
import type { MemorySource } from "./memory";
import type { PlanEventBody, PlanOptions } from "./plan";
import type { GeneratedToken } from "./token";
import type { ApprovalRequest, ApprovalVerdict, Effect } from "./tool";
import type { Think } from "./verbs";

/** `chat` answers without tools, `agent` acts, `plan` shows a plan and acts when it is accepted. */
export type AgentMode = "chat" | "agent" | "plan";

/** What a run may spend. */
export interface RunBudget {
  steps: number;
  /** Prompt and reply tokens together, cached ones included. */
  tokens: number;
  ms: number;
}

export const defaultBudget: RunBudget = { steps: 24, tokens: 400_000, ms: 15 * 60_000 };

/** Something the user put beside the goal: a file, a selection, a symbol. */
export interface Attachment {
  label: string;
  text: string;
}

export interface GoalParams {
  goal: string;
  mode: AgentMode;
  attachments?: Attachment[];
  /** Earlier turns of the conversation. */
  history?: ChatMessage[];
  budget?: Partial<RunBudget>;
  think?: Think;
  seed?: number;
  /** The user's own instructions. */
  instructions?: string;
  /** How a plan is searched for, in mode `plan`. */
  plan?: PlanOptions;
}

/** A token as a trace keeps it: enough to open the microscope on it. */
export type TraceToken = Pick<GeneratedToken, "id" | "text" | "p" | "entropy" | "part">;

/** Something read from memory, with where it is from and why it was picked. */
export interface MemoryRead {
  id: string;
  text: string;
  why: string;
  kind?: string;
  /** ISO 8601. */
  time?: string;
  source?: MemorySource;
  taint?: string;
}

/** How far an effect can be taken back: `checkpoint` by undo, `none` where nothing happened. */
export type Reversal = "none" | "checkpoint" | "no";

export type AgentEventBody =
  | {
      type: "goal";
      goal: string;
      mode: AgentMode;
      brain: string;
      local: boolean;
      params: GoalParams;
      fingerprint?: string;
    }
  /** What came back from memory for this step. */
  | { type: "read"; step: number; memories: MemoryRead[] }
  /** The tools offered at this step; `because` says how each was picked. */
  | { type: "tools"; step: number; names: string[]; because: Record<string, string>; of: number; ms: number }
  | { type: "plan"; step: number; steps: { step: string; expect: string }[]; accepted?: boolean }
  | { type: "simulate"; step: number; action: string; expect: string; value?: number }
  /** A reply of the brain as a whole: its thought, its words, and what it was made from (hashes of `message` lines). */
  | {
      type: "think";
      step: number;
      thought: string;
      text: string;
      messages: string[];
      tools: string[];
      /** Hashes of `tool` lines: the tools exactly as the brain was shown them. */
      specs?: string[];
      tokens?: TraceToken[];
      usage: BrainUsage;
      problem?: string;
    }
  /** A piece of a running reply. Not written to the journal. */
  | { type: "token"; step: number; text: string; part: "thought" | "answer" | "mark"; token?: GeneratedToken }
  | { type: "call"; step: number; call: string; name: string; arguments: ToolCall["arguments"]; effects: Effect[] }
  | {
      type: "approval";
      step: number;
      call: string;
      request: ApprovalRequest;
      /** Absent while a person is asked. */
      verdict?: ApprovalVerdict;
      /** `rule`: answered by an earlier decision; `policy`: by the run's settings. */
      by?: "person" | "rule" | "policy";
      reason?: string;
    }
  | {
      type: "result";
      step: number;
      call: string;
      name: string;
      ok: boolean;
      /** What the model reads, after cutting. */
      text: string;
      /** Characters that were left out. */
      leftOut: number;
      value?: Json;
      diff?: string;
      written?: string[];
      taint?: string;
      reversal: Reversal;
      ms: number;
    }
  | { type: "surprise"; step: number; expected: string; observed: string; nats?: number }
  /** A memory was written. */
  | { type: "write"; step: number; text: string; id?: string; kept: boolean; why: string; pending?: boolean }
  /** The run tells its own state: a loop found, a fold, a summary, a steering message. */
  | { type: "note"; step: number; kind: NoteKind; text: string }
  | PlanEventBody
  | { type: "answer"; step: number; text: string; spent: Spent; unfinished?: boolean }
  | { type: "stopped"; step: number; reason: StopCause; text: string; spent: Spent }
  | { type: "error"; step: number; error: ErrorData; spent: Spent };

export type NoteKind = "loop" | "fold" | "summary" | "steer" | "retry" | "resumed" | "undone" | "budget" | "memory";

export type StopCause = "user" | "loop" | "steps" | "tokens" | "time" | "denied" | "silent";

export interface Spent {
  steps: number;
  promptTokens: number;
  tokens: number;
  ms: number;
}

/** An event as it is told and written: `at` is ISO 8601. */
export type AgentEvent = AgentEventBody & { at: string; run: string };

/** A line of `.vitrine/runs/<run>.jsonl`: an event, or a message that `think` events name by its hash. */
export type JournalLine =
  | AgentEvent
  | { at: string; run: string; type: "message"; hash: string; message: ChatMessage }
  | { at: string; run: string; type: "tool"; hash: string; spec: ToolSpec };

/** Where runs are kept. A line is on disk when `append` resolves. */
export interface JournalPort {
  append(run: string, line: string): Promise<void>;
  read(run: string): Promise<string[]>;
  list(): Promise<{ run: string; updated: string }[]>;
}

/** What the agent asks of its memory. `taint` says what the text came from. */
export interface MemoryPort {
  read(query: { goal: string; seen?: string; limit: number; run?: string }, signal: AbortSignal): Promise<MemoryRead[]>;
  search(query: string, limit: number, signal: AbortSignal): Promise<MemoryRead[]>;
  remember(
    text: string,
    taint: string | undefined,
    signal: AbortSignal,
    source?: Partial<MemorySource>,
  ): Promise<MemoryWrote>;
  /** After a step and at the end of a run: decides what of it is kept. Most often nothing. */
  observe?(seen: MemoryObservation, signal: AbortSignal): Promise<MemoryWrote[]>;
}

/** What became of something that could be remembered. `pending`: a person is asked. */
export interface MemoryWrote {
  text: string;
  kept: boolean;
  id?: string;
  why: string;
  pending?: boolean;
}

/** What a step or a whole run gave to remember. */
export interface MemoryObservation {
  run: string;
  step: number;
  goal: string;
  /** What was seen since the last observation: the user's words, a tool's output. */
  user?: string;
  assistant?: string;
  taint?: string;
  /** Set at the end of the run. */
  end?: { reached: boolean; answer: string; calls: string[] };
}

export interface Clock {
  now(): number;
}
