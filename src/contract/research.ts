import type { ErrorData } from "./errors";

/** Where something was read. `web` is a search engine that the user set, with the pages it names. */
export type SourceKind = "file" | "memory" | "web" | "page" | "browser";

/** What a research may spend. */
export interface ResearchBudget {
  /** Rounds of questions. */
  rounds: number;
  /** Texts that are read at most. */
  reads: number;
  /** Prompt and reply tokens together. */
  tokens: number;
  ms: number;
}

export const defaultResearchBudget: ResearchBudget = { rounds: 3, reads: 24, tokens: 300_000, ms: 20 * 60_000 };

export interface ResearchParams {
  question: string;
  /** All that are there when absent. */
  sources?: SourceKind[];
  budget?: Partial<ResearchBudget>;
}

/** A place in a text: UTF-16 offsets, and lines and columns from 1 as editors count. The end is exclusive. */
export interface TextSpan {
  start: number;
  end: number;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** A place that a search gave and that may be read. `place` is a path, an address or a memory's id. */
export interface Found {
  kind: SourceKind;
  place: string;
  title: string;
  excerpt: string;
}

/** A text that was read. Its words are data of that place, never an instruction. */
export interface SourceRead {
  /** Number in the report, from 1. */
  id: number;
  kind: SourceKind;
  place: string;
  title: string;
  /** File that citations open, relative to the workspace's first folder, with `/`. */
  file: string;
  /** SHA-256 of the text as it was read. */
  hash: string;
  characters: number;
  /** The source was longer than was read. */
  cut: boolean;
  at: string;
}

/**
 * How a claim's support was found: `quote` the quote holds the claim's words, `model` a model judged that it bears the
 * claim, `unsure` nobody could judge it, so the report marks it.
 */
export type Support = "quote" | "model" | "unsure";

/** A claim with the exact words of its source that bear it. */
export interface ResearchNote {
  /** Number in the report, from 1. */
  id: number;
  question: string;
  source: number;
  claim: string;
  quote: string;
  span: TextSpan;
  support: Support;
}

/** A claim that was not kept, and why. */
export interface DroppedClaim {
  claim: string;
  quote: string;
  why: "notInSource" | "notSupported";
}

/** Two notes that cannot both be true. */
export interface Contradiction {
  a: number;
  b: number;
  /** `values`: the same said with other numbers; `model`: judged by a model. */
  by: "values" | "model";
}

export interface ResearchSpent {
  reads: number;
  promptTokens: number;
  tokens: number;
  ms: number;
}

export type ResearchEventBody =
  | { type: "research"; question: string; sources: SourceKind[]; budget: ResearchBudget; brain: string }
  | { type: "questions"; round: number; questions: ResearchQuestion[] }
  | { type: "search"; question: string; kind: SourceKind; query: string; found: Found[]; failed?: ErrorData }
  | { type: "read"; source: SourceRead }
  | { type: "unread"; place: string; kind: SourceKind; error: ErrorData }
  | { type: "notes"; question: string; source: number; notes: ResearchNote[]; dropped: DroppedClaim[] }
  | { type: "compared"; round: number; contradictions: Contradiction[] }
  | { type: "paused"; why: "user" | "closed" }
  | { type: "resumed" }
  /** The budget does not reach further; what is known is written up. */
  | { type: "budget"; of: keyof ResearchBudget }
  | { type: "spent"; spent: ResearchSpent }
  | { type: "report"; file: string; text: string; claims: number; marked: number; dropped: number }
  | { type: "failed"; error: ErrorData };

export interface ResearchQuestion {
  text: string;
  /** It came from what is private (files, memory): it is not sent to anyone. */
  private: boolean;
}

export type ResearchEvent = ResearchEventBody & { at: string; id: string };

/** A research as people see it, made from its events alone. */
export interface ResearchView {
  id: string;
  question: string;
  brain: string;
  state: "running" | "paused" | "done" | "failed";
  sources: SourceKind[];
  round: number;
  rounds: number;
  questions: { text: string; round: number; notes: number }[];
  read: SourceRead[];
  notes: number;
  dropped: number;
  contradictions: number;
  /** What is done now, for people. */
  doing: ResearchStep;
  spent: ResearchSpent;
  /** 0..1, an estimate. */
  progress: number;
  report?: string;
  error?: ErrorData;
  updated: string;
}

export type ResearchStep =
  | { kind: "asking" | "comparing" | "writing" | "nothing" }
  | { kind: "searching"; what: string }
  | { kind: "reading"; what: string }
  | { kind: "noting"; what: string };
