import type { ChatMessage, ToolCall, ToolSpec } from "./chat";
import type { GeneratedToken } from "./token";
import type { Form, Sampling, StopReason, Think } from "./verbs";

/**
 * What the agent thinks with: the engine beside the editor, or a server that speaks OpenAI's protocol. The loop knows
 * nothing of templates, grammars or wires; a brain turns its request into whatever it speaks and gives calls back.
 */
export interface Brain {
  /** For people and traces: the model's name. */
  readonly name: string;
  /** Runs in the engine, so that its tokens can be opened in the microscope. */
  readonly local: boolean;
  /** Of the model's file, local brains only: tokens of another model are not opened in this one. */
  readonly fingerprint?: string;
  /** Tokens of context, prompt and reply together. */
  readonly context: number;
  /** Tokens of a text; exact for a local brain, an upper estimate for a remote one. */
  count(text: string): Promise<number>;
  /** One reply. Fails with `contextFull`, `network`, `brainFailure`, `engineDied`, `timeout` or `cancelled`. */
  reply(request: BrainRequest, options?: BrainOptions): Promise<BrainReply>;
  /**
   * Surprise of a text as the reply's beginning, in nats: -ln p of its tokens, summed. Local brains only; tokens past
   * what the context holds are left out and not counted.
   */
  surprisal?(
    request: { messages: ChatMessage[]; prefill?: string; text: string },
    signal?: AbortSignal,
  ): Promise<{ nats: number; tokens: number }>;
}

export interface BrainRequest {
  messages: ChatMessage[];
  /** Tools the reply may call. */
  tools?: ToolSpec[];
  /** `auto`: an answer or a call; `required`: a call; `none` (or no tools): words only. */
  calls?: "auto" | "required" | "none";
  /** The form of a reply without calls. */
  form?: Form;
  /** Tokens of the reply at most. */
  max?: number;
  think?: Think;
  sampling?: Partial<Sampling>;
  /** Text the reply is made to begin with; given back as part of `text`. */
  prefill?: string;
  /** Names a run, so that a local brain finds its states again. */
  session?: string;
  /** Replies drawn from the same prompt (1). A local brain decodes them together over one prompt. */
  samples?: number;
  /** Alternatives wanted of each token, from a local brain. */
  top?: number;
  /** Read the directions for failing that are saved, from a local brain. */
  meters?: boolean;
  /** Work that no answer or step of a run shows (writing memories and the like): interventions never touch it. */
  background?: boolean;
}

export interface BrainOptions {
  signal?: AbortSignal;
  /** A piece of the reply as it comes; `token` only from a local brain. */
  onPiece?: (piece: BrainPiece) => void;
}

export interface BrainPiece {
  text: string;
  part: "thought" | "answer" | "mark";
  token?: GeneratedToken;
}

export interface BrainReply {
  /** What was said beside the calls. */
  text: string;
  thought: string;
  calls: ToolCall[];
  /** Why part of the reply could not be read (a call that is no JSON, a call cut off), as a sentence for the model. */
  problem?: string;
  stop: StopReason;
  /** The reply's tokens, local brains only. */
  tokens?: GeneratedToken[];
  /** The further samples, where several were asked for and the brain draws them at once. */
  others?: { text: string; thought: string; tokens?: GeneratedToken[] }[];
  usage: BrainUsage;
}

export interface BrainUsage {
  promptTokens: number;
  /** Prompt tokens whose states were found in the cache. */
  reusedTokens: number;
  tokens: number;
  ms: number;
}
