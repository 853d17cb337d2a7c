import type { TraceToken } from "./agent";
import type { BrainUsage } from "./brain";
import type { Json } from "./json";
import type { Effect } from "./tool";

/**
 * How far a node of a plan is from the world: only thought of, imagined by the world model, tried and rolled back, or done.
 */
export type PlanReality = "root" | "proposed" | "imagined" | "tried" | "real";

export type PlanStatus =
  | "open" // may be chosen
  | "running" // its action is under way
  | "done" // done for real
  | "failed" // done for real, and it did not come out
  | "pruned" // given up before it was done; `reason` says why
  | "forbidden" // the user said no
  | "unknown"; // broken off while its action was under way: what it did is not known

/** How a node's value came about. Probabilities are 0..1, entropies in nats. */
export interface PlanJudgement {
  /** The word of each sample: done, good or wrong. */
  samples: string[];
  /** Of the judge's first word on a local brain, renormalised over the three words. */
  probabilities?: { done: number; good: number; wrong: number };
  /** Of those probabilities, or of the samples where there are none. */
  entropy: number;
  /** Highest reading of a saved direction for failing, in units of its layer's residual norm. */
  meter?: number;
}

/** What the world model said an action would bring. */
export interface PlanPrediction {
  seen: string;
  state: string;
  /** How sure it was, 0..1. */
  confidence: number;
  /** `tokens`: geometric mean of the predicted tokens' probabilities; `history`: how often it was right before. */
  by: "tokens" | "history";
}

export interface PlanAction {
  name: string;
  arguments: { [name: string]: Json };
  effects: Effect[];
  /** It can be taken back, or changes nothing. */
  reversible: boolean;
}

/** What planning cost at a node: prompts and replies of its own decisions, in tokens. */
export interface PlanCost {
  replies: number;
  promptTokens: number;
  /** Prompt tokens whose states another branch had computed already. */
  reusedTokens: number;
  tokens: number;
  ms: number;
}

export interface PlanNode {
  id: string;
  parent: string | null;
  /** Place among its siblings, ascending. */
  order: number;
  intent: string;
  /** What should be seen afterwards. */
  expect: string;
  action?: PlanAction;
  /** What is known of the world after it: observed where it is real, predicted where it is imagined. */
  state: string;
  reality: PlanReality;
  status: PlanStatus;
  /** 0..1, higher is better; null where it was not judged. */
  value: number | null;
  reason: string;
  judged?: PlanJudgement;
  prediction?: PlanPrediction;
  /** What came, for a node that was tried or done. */
  observed?: string;
  surprise?: { by: "rule" | "model"; nats?: number; natsPerToken?: number };
  /** How often the model proposed this very step. */
  votes: number;
  /** The judge, or the user's plan, takes the goal to be reached here. */
  goal: boolean;
  pinned: boolean;
  /** Its place among its siblings is the user's: it goes before the value. */
  ranked?: boolean;
  by: "model" | "user";
  /** Step of the trace in which it was done. */
  step?: number;
  cost: PlanCost;
}

export type DecisionKind = "propose" | "imagine" | "judge" | "match" | "act" | "why" | "answer";

/** One reply of the brain while planning: what it was asked (hashes of `message` lines) and what it said. */
export interface PlanDecision {
  id: string;
  node: string;
  kind: DecisionKind;
  messages: string[];
  text: string;
  thought: string;
  /** Texts of further samples of the same prompt. */
  others: string[];
  tokens?: TraceToken[];
  usage: BrainUsage;
}

/** What a person does to a plan. It is obeyed from the next decision on. */
export type PlanEdit =
  | { kind: "forbid"; node: string }
  | { kind: "allow"; node: string }
  | { kind: "pin"; node: string; on: boolean }
  /** This branch next. */
  | { kind: "try"; node: string }
  /** A step of the user's own after `node` (before what follows it when `before`). */
  | { kind: "insert"; node: string; intent: string; expect: string; before: boolean }
  /** Among its siblings: earlier is preferred. */
  | { kind: "move"; node: string; by: -1 | 1 }
  /** Along the path: changes places with the step before or after it. */
  | { kind: "swap"; node: string; with: "before" | "after" };

export type PlanPhase = "searching" | "asking" | "acting" | "answering" | "over";

export interface PlanLimits {
  /** Nodes of the whole tree at most, the root apart. */
  nodes: number;
  depth: number;
  /** Prompt and reply tokens together, cached ones included. */
  tokens: number;
  ms: number;
}

export interface PlanSettings {
  limits: PlanLimits;
  /** Different next steps proposed at a node. */
  alternatives: number;
  /** Judgements drawn for one node. */
  samples: number;
  /** Steps imagined ahead of each alternative before it is valued. */
  horizon: number;
  /** New nodes looked at before the next real action. */
  lookahead: number;
  /** Nodes valued below it are pruned. */
  prune: number;
  /** Reversible actions that need no asking are tried and rolled back in place of being imagined. */
  tryReversible: boolean;
  /** The model says in a sentence why a branch was pruned. */
  reasons: boolean;
}

export const defaultPlanSettings: PlanSettings = {
  limits: { nodes: 32, depth: 8, tokens: 400_000, ms: 15 * 60_000 },
  alternatives: 3,
  samples: 3,
  horizon: 1,
  lookahead: 9,
  prune: 0.3,
  tryReversible: false,
  reasons: true,
};

/** Settings as a caller gives them: what is absent is the default. */
export type PlanOptions = Partial<Omit<PlanSettings, "limits">> & { limits?: Partial<PlanLimits> };

export interface PlanSpent {
  nodes: number;
  depth: number;
  tokens: number;
  ms: number;
}

/** A prediction held against what came. */
export interface CalibrationSample {
  at: string;
  run: string;
  brain: string;
  node: string;
  /** How sure the world model was, 0..1. */
  confidence: number;
  by: "tokens" | "history";
  /** What came fits what was predicted. */
  hit: boolean;
  /** Who held them against each other. */
  judged: "rule" | "model";
}

export interface Calibration {
  samples: number;
  hits: number;
  /** Mean squared difference of confidence and outcome: 0 is perfect, 0.25 is a coin called at a half. */
  brier: number;
  /** The same of always saying the rate of hits: what knowing nothing of the single case would reach. */
  brierOfRate: number;
  bins: { from: number; to: number; samples: number; confidence: number; rate: number }[];
}

/** Kept in `.vitrine/plans/calibration.jsonl`. */
export interface CalibrationPort {
  load(brain: string): Promise<CalibrationSample[]>;
  add(sample: CalibrationSample): Promise<void>;
}

/** What planning adds to the events of a run. */
export type PlanEventBody =
  /** A node as it is from now on. */
  | { type: "planNode"; step: number; node: PlanNode }
  | { type: "planDecision"; step: number; decision: PlanDecision }
  | {
      type: "planState";
      step: number;
      phase: PlanPhase;
      /** Nodes from the root to where the plan leads. */
      path: string[];
      /** The last node that is done. */
      head: string;
      settings: PlanSettings;
      spent: PlanSpent;
      /** Said of the search as a whole: a limit that was reached, a judge that tells nothing apart. */
      note?: string;
    }
  | { type: "planEdit"; step: number; edit: PlanEdit; text: string }
  | { type: "calibration"; step: number; sample: CalibrationSample };

/** A plan as its panel shows it. */
export interface PlanView {
  run: string;
  goal: string;
  brain: string;
  local: boolean;
  phase: PlanPhase;
  nodes: PlanNode[];
  path: string[];
  head: string;
  /** Nodes being decided on now. */
  decisions: { id: string; node: string; kind: DecisionKind }[];
  settings: PlanSettings;
  spent: PlanSpent;
  notes: string[];
  edits: string[];
  /** Of this run. */
  calibration: CalibrationSample[];
}
