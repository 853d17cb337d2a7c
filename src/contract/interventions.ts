import type { DirectionUse, FeatureUse } from "./acting";
import type { ErrorData } from "./errors";
import type { Method } from "./method";
import type { ModelInfo } from "./model";
import type { Intervention } from "./sites";
import type { EditUse } from "./verbs";
import type { CommonViewMethods } from "./view";

/** What an entry of the list does. Plain data without arrays of values, so that it can be kept and shown as it is. */
export type InterventionKind =
  /** A control-vector file. `meter`: its projection is shown under each answer, whether the entry is on or off. */
  | { kind: "direction"; use: DirectionUse; meter?: boolean }
  /** A feature of a sparse auto-encoder. */
  | { kind: "feature"; use: FeatureUse }
  /** A LoRA adapter. */
  | { kind: "edit"; use: EditUse }
  /** A write at one site that needs no values: units silenced, scaled or clamped. */
  | { kind: "write"; intervention: Intervention };

/** An entry of the workspace's list of interventions, switched on or off. */
export type InterventionEntry = InterventionKind & {
  /** Unique in the list, never reused. */
  id: string;
  /** Unique in the list: what people see, and what answers say they were altered by. */
  name: string;
  on: boolean;
};

/** What is switched on, as the verbs take it. */
export interface Switched {
  /** Names of the entries behind it. */
  names: string[];
  interventions: Intervention[];
  edits: EditUse[];
}

/** An entry as it is shown, with why it cannot act, where it cannot. */
export type ShownIntervention = InterventionEntry & { problem?: ErrorData };

/** What the Interventions view may ask of the host. */
export type InterventionsViewMethods = CommonViewMethods & {
  toggle: Method<{ id: string; on: boolean }, null>;
  /** Changes how an entry acts; what is absent stays. Values are checked against the entry's kind. */
  change: Method<{ id: string; change: InterventionChange }, null>;
  meter: Method<{ id: string; on: boolean }, null>;
  duplicate: Method<{ id: string }, null>;
  remove: Method<{ id: string }, null>;
  /** Shows the file in the system's or the editor's explorer. */
  showFile: Method<{ id: string }, null>;
  /** Opens the panel the entry belongs to on its file. */
  openPanel: Method<{ id: string }, null>;
  allOff: Method<object, null>;
  /** Asks for control-vector files and adds them. */
  addFile: Method<object, null>;
  silenceNeuron: Method<object, null>;
  openDirections: Method<object, null>;
};

export interface InterventionChange {
  name?: string;
  /** Strength of a direction, value of a feature, scale of an edit, strength of a write. */
  strength?: number;
  mode?: DirectionUse["mode"] | FeatureUse["mode"];
  /** Null: the file's own. */
  layers?: number[] | null;
  /** Null: the file's own. */
  where?: "all" | "prompt" | "generated" | "lastPrompt" | null;
}

/** Event `state` of the Interventions view. */
export interface InterventionsViewState {
  model: ModelInfo | null;
  entries: ShownIntervention[];
}

export interface InterventionsViewEvents {
  state: InterventionsViewState;
}
