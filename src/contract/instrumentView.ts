import type { ActingViewMethods } from "./actingView";
import type { ModelInfo } from "./model";
import type { CommonViewMethods, InstrumentRequest } from "./view";

/** The editor-area panels (lens, layers, neurons, attention, embeddings, patching, features, edits) share one boundary. */
export type InstrumentViewMethods = CommonViewMethods & ActingViewMethods;

/** What an instrument panel is opened on. Event `state`. */
export interface InstrumentViewState {
  model: ModelInfo | null;
  request: InstrumentRequest | null;
  /** Names of interventions that are on. */
  interventions: string[];
  /** Another number whenever what is on has changed: what was run before is no longer what would be run now. */
  alteration?: number;
}

export interface InstrumentViewEvents {
  state: InstrumentViewState;
}
