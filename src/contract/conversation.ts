import type { MemoryWrote } from "./agent";
import type { MemoryUsed, RunView } from "./agentView";
import type { ErrorData } from "./errors";
import type { GeneratedToken } from "./token";
import type { StopReason, Timings } from "./verbs";

/**
 * A conversation is a tree: each node answers its parent, siblings are alternatives (an edited question, a regenerated
 * answer, a branch from a token). The path from a root to `leaf` is what is shown and what the model is given.
 */
export interface Conversation {
  /** Format of the stored file. */
  version: 1;
  id: string;
  title: string;
  created: string;
  updated: string;
  nodes: ConversationNode[];
  /** The node at the end of the shown path; null in an empty conversation. */
  leaf: string | null;
}

export interface ConversationNode {
  id: string;
  parent: string | null;
  role: "user" | "assistant";
  text: string;
  thought?: string;
  /** What a person put beside a question, as the model was given it: cleaned, and cut to what fits. */
  attachments?: KeptAttachment[];
  /** Tokens of the reply with their alternatives, assistant only. */
  tokens?: GeneratedToken[];
  stop?: StopReason;
  timings?: Timings;
  /** Name and fingerprint of the model that answered. */
  model?: { name: string; fingerprint: string };
  /** Interventions were on. */
  altered?: boolean;
  /** Their names. */
  alteredBy?: string[];
  /** An altered answer that is no longer language (a loop, or noise), with the mean entropy of its tokens in nats. */
  collapsed?: { entropy: number };
  seed?: number;
  /** The answer was made to begin with the tokens of `node` before `token`, then with another choice there. */
  branch?: { node: string; token: number };
  /** What a plain answer was given from memory, and what was kept of it; a run tells its own. */
  memory?: AnswerMemory;
  /** The agent's run that ended in this answer. */
  run?: RunView;
  error?: ErrorData;
  created: string;
  /** Seconds since the epoch are not used anywhere: `created` is ISO 8601. */
  rating?: "up" | "down";
}

export interface AnswerMemory {
  read: MemoryUsed[];
  wrote: MemoryWrote[];
}

export interface ConversationSummary {
  id: string;
  title: string;
  updated: string;
  turns: number;
}

export interface KeptAttachment {
  label: string;
  text: string;
  /** Characters that were cut. */
  leftOut: number;
}

/** A turn's words with what was attached to it, as a model reads them; the same for the host and for a view. */
export function wordsOf({ text, attachments = [] }: Pick<ConversationNode, "text" | "attachments">): string {
  return [text, ...attachments.map(({ label, text }) => `${label}:\n${text}`)].join("\n\n");
}
