import type { AgentEvent } from "../../contract/agent";
import type { PlanEdit } from "../../contract/plan";
import type { Undone } from "../tools/checkpoints";
import type { EventListener } from "./recorder";

/** A run as whoever started it sees it, however it goes about its goal. */
export interface GoalRun {
  readonly id: string;
  onEvent(listener: EventListener): () => void;
  /** A message that the run reads before its next step. */
  steer(text: string): void;
  stop(): void;
  /** Takes back the files the run wrote. */
  undo(): Promise<Undone>;
  /** Runs to the end and gives the last event. Does not throw. */
  start(): Promise<AgentEvent>;
  /** Changes the run's plan, where it has one; what it says is done. Fails with `badArgument`. */
  edit?(edit: PlanEdit): Promise<string>;
}
