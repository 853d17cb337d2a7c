import type { AgentMode } from "./agent";
import type { RunView } from "./agentView";
import type { Conversation, ConversationSummary } from "./conversation";
import type { ErrorData } from "./errors";
import type { Method } from "./method";
import type { ModelInfo } from "./model";
import type { GeneratedToken } from "./token";
import type { ApprovalVerdict } from "./tool";
import type { CommonViewMethods, InstrumentRequest } from "./view";
import type { TokenLens } from "./verbs";

/** What the chat view may ask of the host. Every method is answered at once; the answer's tokens come as events. */
export type ChatViewMethods = CommonViewMethods & {
  /** `attached`: ids of what `attach` and `pickFile` gave. */
  send: Method<{ text: string; attached?: string[] }, null>;
  /** What can be attached, for what was typed after `#`. */
  suggest: Method<{ query: string }, { items: AttachItem[] }>;
  /** Reads a thing of the workspace, to go with the next message. */
  attach: Method<{ item: AttachItem }, AttachedItem>;
  /** A person picks a file of their own; null when they close the dialog. */
  pickFile: Method<object, AttachedItem | null>;
  stop: Method<object, null>;
  regenerate: Method<{ node: string }, null>;
  /** A sibling of a user's turn with another text, answered anew. */
  edit: Method<{ node: string; text: string }, null>;
  /** A sibling of an answer that takes `choice` at token `token` and goes on from there. */
  branch: Method<{ node: string; token: number; choice: number }, null>;
  /** Shows the sibling `node` (and what last followed it). */
  select: Method<{ node: string }, null>;
  /** A person's answer to what a run asks. */
  approve: Method<{ request: string; verdict: ApprovalVerdict; reason: string }, null>;
  /** A message for the run under way, read before its next step. */
  steer: Method<{ text: string }, null>;
  /** Takes back the files that the run of an answer wrote. */
  undoRun: Method<{ node: string }, null>;
  /** Goes on with a run that was stopped or broke off. */
  resumeRun: Method<{ node: string }, null>;
  /** Opens the trace of the run that an answer came from, at a step where one is given. */
  openTrace: Method<{ node: string; step?: number }, null>;
  /** The place of a token of an answer that a run came to. */
  runPlace: Method<{ node: string; token: number; instrument: InstrumentRequest["instrument"] }, InstrumentRequest>;
  rate: Method<{ node: string; rating: "up" | "down" | null }, null>;
  newConversation: Method<object, null>;
  openConversation: Method<{ id: string }, null>;
  deleteConversation: Method<{ id: string }, null>;
  renameConversation: Method<{ id: string; title: string }, null>;
  chooseModel: Method<object, null>;
  restartEngine: Method<object, null>;
  setOptions: Method<Partial<ChatOptions>, null>;
};

export interface ChatOptions {
  /** Whether a message is answered, or a goal to be reached with tools. */
  mode: AgentMode;
  /** Shade answers by probability. */
  confidence: boolean;
  /** Grow a lens under each answer. */
  liveLens: boolean;
  think: "off" | "auto" | number;
  temperature: number;
  system: string;
}

export type EngineState =
  | { kind: "off" }
  | { kind: "starting" }
  | { kind: "loading"; fraction: number; file: string }
  | { kind: "ready" }
  | { kind: "busy" }
  | { kind: "failed"; error: ErrorData };

/** The whole of what the chat shows, apart from a running answer. Event `state`. */
export interface ChatState {
  engine: EngineState;
  model: ModelInfo | null;
  conversation: Conversation;
  conversations: ConversationSummary[];
  options: ChatOptions;
  /** Tokens of the shown path, and the context. */
  context: { used: number; size: number };
  running: RunningAnswer | null;
  /** Names of interventions that are on. */
  interventions: string[];
  /** Directions whose projection is shown under each answer. */
  meters?: string[];
  trusted: boolean;
  /** The server's model that goals are given to, where a person set one. Plain chat stays with `model`. */
  server?: string;
}

/** The answer being written, complete at every event. Event `running`, at most 20 a second. */
export interface RunningAnswer {
  /** Node that will hold it. */
  node: string;
  parent: string;
  phase: "prompt" | "thought" | "answer";
  /** The agent's run so far, where a goal is being reached; `text` and `tokens` are then the latest reply's. */
  run?: RunView;
  /** 0..1 while the prompt is read. */
  promptFraction: number;
  text: string;
  thought: string;
  tokens: GeneratedToken[];
  lens?: TokenLens[];
  tokensPerSecond: number;
}

/** The lens of a written answer while what was left of it comes, whole each time. Event `lens`. */
export interface AnswerLens {
  node: string;
  tokens: TokenLens[];
  /** Cells still to come. */
  left: number;
  /** They will not come: the model went, or the lens was too old. */
  incomplete?: boolean;
}

export interface ChatViewEvents {
  state: ChatState;
  running: RunningAnswer | null;
  lens: AnswerLens;
}

/** Something that can be attached: `#file`, `#selection`, `#symbol`. */
export interface AttachItem {
  kind: "file" | "selection" | "symbol";
  /** For people: a path in the workspace, a symbol's name. */
  label: string;
  /** Where it is: an address; of a symbol with its line from 0. Empty for the selection. */
  uri: string;
  line?: number;
  detail?: string;
}

export interface AttachedItem {
  id: string;
  label: string;
  kind: AttachItem["kind"];
  chars: number;
  /** Characters that would not fit in the context, as far as is known now. */
  leftOut: number;
}
