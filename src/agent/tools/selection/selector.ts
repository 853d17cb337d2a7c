import type { Tool } from "../tool";

export interface PickQuery {
  run: string;
  goal: string;
  /** The latest observation. */
  seen?: string;
  /** Tools used just now, the latest first. */
  recent: readonly string[];
  /** Tokens that the tools' descriptions may take. */
  budget: number;
  count: (text: string) => Promise<number>;
}

export interface Picked {
  tools: Tool[];
  /** Why each tool is offered, by name. */
  because: Record<string, string>;
  ms: number;
}

export interface Found {
  name: string;
  /** Larger is better; comparable within one search only. */
  score: number;
}

/** Chooses the tools that a step is offered. */
export interface ToolSelector {
  pick(query: PickQuery): Promise<Picked>;
  search(query: string, k: number): Promise<Found[]>;
  /** Tools that the model asked for stay offered for the rest of its run. */
  keep(run: string, names: readonly string[]): void;
}
