import type { EngineMethods } from "../../contract/engine";
import type { Caller } from "../../contract/method";
import type { ProcessState } from "../../wire/supervisor";
import type { LogLevel } from "../log";

/** What the host needs of the process: calls that start it when it is not there, its states, its log. */
export interface EngineLink extends Caller<EngineMethods> {
  /** Ends the process and forgets its crashes; the next call starts a new one. */
  stop(): Promise<void>;
  dispose(): unknown;
}

export interface LinkListener {
  state(state: ProcessState): void;
  log(level: LogLevel, message: string): void;
}

export type OpenLink = (listener: LinkListener) => EngineLink;
