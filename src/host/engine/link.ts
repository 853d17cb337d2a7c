import type { EngineMethods } from "../../contract/engine";
import type { ErrorData } from "../../contract/errors";
import type { Caller } from "../../contract/method";
import type { LogLevel } from "../log";

/** How the engine's process fares. `lost` is a crash that will be restarted, `givenUp` one that will not. */
export type LinkState =
  | { kind: "off" }
  | { kind: "starting" }
  | { kind: "running" }
  | { kind: "lost"; error: ErrorData }
  | { kind: "givenUp"; error: ErrorData };

/** What the host needs of the process: calls that start it when it is not there, its states, its log. */
export interface EngineLink extends Caller<EngineMethods> {
  /** Ends the process and forgets its crashes; the next call starts a new one. */
  stop(): Promise<void>;
  dispose(): unknown;
}

export interface LinkListener {
  state(state: LinkState): void;
  log(level: LogLevel, message: string): void;
}

export type OpenLink = (listener: LinkListener) => EngineLink;
