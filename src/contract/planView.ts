import type { TraceToken } from "./agent";
import type { ChatMessage } from "./chat";
import type { Method } from "./method";
import type { Calibration, DecisionKind, PlanEdit, PlanView } from "./plan";
import type { CommonViewMethods, InstrumentRequest } from "./view";

/** What the plan's panel shows. Event `state`. */
export interface PlanViewState {
  plan: PlanView | null;
  /** It goes on: it can be changed. */
  live: boolean;
  /** Of the plan's brain over all runs of this workspace; null where nothing was predicted yet. */
  calibration: Calibration | null;
}

/** One decision of a node in full. */
export interface PlanDecisionView {
  id: string;
  kind: DecisionKind;
  messages: ChatMessage[];
  text: string;
  thought: string;
  others: string[];
  tokens: TraceToken[];
  promptTokens: number;
  reusedTokens: number;
}

export type PlanViewMethods = CommonViewMethods & {
  /** Gives what was done, as a sentence. */
  edit: Method<{ run: string; edit: PlanEdit }, { text: string }>;
  decisions: Method<{ run: string; node: string }, { decisions: PlanDecisionView[] }>;
  /** Opens an instrument where the decision's reply began. */
  look: Method<{ run: string; decision: string; instrument: InstrumentRequest["instrument"] }, null>;
  openTrace: Method<{ run: string; step: number | null }, null>;
};

export interface PlanViewEvents {
  state: PlanViewState;
}
