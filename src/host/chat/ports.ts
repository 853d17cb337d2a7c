import type { MemoryWrote } from "../../contract/agent";
import type { MemoryUsed } from "../../contract/agentView";
import type { ChatOptions } from "../../contract/chatView";
import type { Switched } from "../../contract/interventions";
import type { Meter, Sampling } from "../../contract/verbs";
import type { InstrumentRequest } from "../../contract/view";
import type { AgentService } from "../agent/service";
import type { EngineService } from "../engine/service";
import type { Log } from "../log";
import type { ConversationStore } from "./store";

/** What the chat asks of the memory. None of it rejects but by being cancelled: an answer never waits on a broken memory. */
export interface ChatMemory {
  /** What a plain answer is given. */
  read(asked: { node: string; question: string }, signal: AbortSignal): Promise<MemoryUsed[]>;
  /** What of a plain answer and its question is kept. */
  observe(exchange: { node: string; question: string; answer: string }, signal: AbortSignal): Promise<MemoryWrote[]>;
  /** Ids of memories that wait for a person's word. */
  pending(): string[];
}

export interface ChatPorts {
  engine: Pick<EngineService, "state" | "model" | "onDidChange" | "ensureModel" | "call">;
  agent: Pick<AgentService, "run" | "resume" | "steer" | "decide" | "undo">;
  store: Pick<ConversationStore, "list" | "open" | "save" | "remove" | "flush">;
  options(): ChatOptions;
  sampling(): Sampling;
  maxTokens(): number | undefined;
  alternatives(): number;
  /** Names of the interventions that are on, and of the directions that are metered. */
  interventions(): { names: string[]; meters: string[] };
  /** Those that are on, as the engine takes them. Fails where one cannot act. */
  switched(signal: AbortSignal): Promise<Switched & { meters: Meter[] }>;
  trusted(): boolean;
  /** Absent where nothing is remembered. */
  memory?: ChatMemory;
  /** The model of the server that goals are given to; undefined where the engine's own takes them. */
  server?(): string | undefined;
  /** The place of a token of the reply that a run's answer is. */
  place(run: string, token: number, instrument: InstrumentRequest["instrument"]): Promise<InstrumentRequest>;
  newId(): string;
  now(): Date;
  /** The conversation that was shown last. */
  lastShown: { get(): string | undefined; set(id: string): void };
  log: Log;
}
