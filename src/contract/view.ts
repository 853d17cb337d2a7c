import type { ErrorData } from "./errors";
import type { EngineMethods } from "./engine";
import type { Method } from "./method";

/**
 * How a webview and the host speak. The view calls methods of the host; the host answers each with a value or a typed
 * error, may report progress, and pushes events. An event is always a complete snapshot, so a lost or late one does no
 * harm. Every message of a view is hostile until `src/host/views/` has checked it.
 */
export type ToHost =
  { kind: "ready" } | { kind: "call"; id: number; method: string; params: unknown } | { kind: "cancel"; id: number };

export type ToView =
  | { kind: "result"; id: number; value: unknown }
  | { kind: "error"; id: number; error: ErrorData }
  | { kind: "progress"; id: number; value: unknown }
  | { kind: "event"; name: string; value: unknown };

/** Instruments and verbs that a view may ask the engine for, through the host, as they are. */
export const viewInstruments = [
  "info",
  "tokenize",
  "render",
  "unembed",
  "lens",
  "tunedLensFit",
  "layers",
  "attribution",
  "neurons",
  "neuronValue",
  "neuronExamples",
  "neuronExperiment",
  "neuronCandidates",
  "attention",
  "embedding",
  "embeddingMap",
  "surprisal",
  "promptSets",
  "directionInfo",
  "patch",
  "trace",
  "patchscope",
  "featuresInfo",
  "featuresList",
  "featureShow",
  "featureProposeLabel",
  "featuresOfTokens",
  "editInfo",
  "editLocate",
  "editPropose",
] as const satisfies readonly (keyof EngineMethods)[];

export type ViewInstrument = (typeof viewInstruments)[number];

/** What every view may ask, beside its own methods. */
export type CommonViewMethods = Pick<EngineMethods, ViewInstrument> & {
  /** Opens an instrument's panel on a probe. */
  openInstrument: Method<InstrumentRequest, null>;
  copy: Method<{ text: string }, null>;
  /** Asks a person where to save, and writes. `data` is text, or base64 when `base64`. */
  save: Method<{ name: string; data: string; base64?: boolean }, { saved: boolean }>;
  openExternal: Method<{ url: string }, null>;
  /** A page of the documentation by its heading. */
  openDocs: Method<{ topic: string }, null>;
  log: Method<{ level: "info" | "warn" | "error"; message: string }, null>;
};

/** A place in a run, from which every instrument can be opened. */
export interface InstrumentRequest {
  instrument:
    | "lens"
    | "layers"
    | "attribution"
    | "neurons"
    | "neuron"
    | "attention"
    | "embedding"
    | "patching"
    | "features"
    | "edits";
  /** Raw text of the prompt so far (the template already applied), or tokens. */
  tokens?: number[];
  text?: string;
  position?: number;
  target?: string;
  /** Neuron id, layer or head to begin with. */
  layer?: number;
  head?: number;
  id?: string;
  /** A file or folder of the workspace's `.vitrine` that the instrument reads. */
  name?: string;
  /** Where it came from, for the title. */
  title?: string;
}
