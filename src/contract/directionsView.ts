import type {
  DirectionExtractParams,
  DirectionExtractResult,
  DirectionInfo,
  DirectionMode,
  DirectionTestParams,
  DirectionTestResult,
  SteerGridParams,
  SteerGridResult,
} from "./acting";
import type { ErrorData } from "./errors";
import type { Method } from "./method";
import type { Input } from "./verbs";
import type { CommonViewMethods } from "./view";
import type { InstrumentViewState } from "./instrumentView";

/** What the directions panel may ask. Files are named by their name in `.vitrine/directions/`; where that lies is the host's to say. */
export type DirectionsViewMethods = CommonViewMethods & {
  /** Begins; what comes of it is seen in `job` and `results`. One job at a time. */
  extract: Method<Omit<DirectionExtractParams, "out">, null>;
  test: Method<DirectionTestParams, null>;
  grid: Method<SteerGridParams, null>;
  stop: Method<object, null>;
  /** Puts a direction into the list of interventions, switched on. */
  intervene: Method<{ file: string; mode: DirectionMode; strength?: number }, null>;
  meter: Method<{ file: string; on: boolean }, null>;
  /** Copies control vectors that a person chooses into the folder. */
  importFiles: Method<object, null>;
  removeFile: Method<{ file: string }, null>;
  showFile: Method<{ file: string }, null>;
  /** Prompts from a text file (one a line) or JSON Lines of `{chat}` or `{prompt}`; null where nothing was chosen. */
  loadPrompts: Method<object, { name: string; prompts: Input[] } | null>;
  /** The questions of rated chat answers, with the answers: thumbs up, thumbs down. */
  ratedAnswers: Method<object, { up: Input[]; down: Input[] }>;
  showChat: Method<object, null>;
};

export interface DirectionFile {
  file: string;
  info?: DirectionInfo;
  /** Why it cannot be read, or not be used with the loaded model. */
  problem?: ErrorData;
  /** It is in the list of interventions, and whether it is on. */
  on?: boolean;
  meter: boolean;
}

export type DirectionJobKind = "extract" | "test" | "grid";

/** The work under way. */
export interface DirectionJob {
  kind: DirectionJobKind;
  file: string;
  /** 0..1, null where it is not known. */
  fraction: number | null;
  message: string;
}

/** What each kind of work came to last. */
export interface DirectionResults {
  extract?: { result: DirectionExtractResult; file: string };
  test?: { result: DirectionTestResult; file: string };
  grid?: { result: SteerGridResult; file: string; prompts: Input[] };
  failed?: { kind: DirectionJobKind; error: ErrorData };
}

/** Event `state`. `opened`: the file the panel was last opened on; `openings` counts, so that the same file can be opened again. */
export interface DirectionsViewState extends InstrumentViewState {
  /** Null where no folder is open: nothing can be saved then. */
  folder: string | null;
  files: DirectionFile[];
  rated: { up: number; down: number };
  opened: string | null;
  openings: number;
}

export interface DirectionsViewEvents {
  state: DirectionsViewState;
  job: DirectionJob | null;
  results: DirectionResults;
}
