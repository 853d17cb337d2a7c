import { NotificationType, ProgressType } from "vscode-jsonrpc/node";
import type { ErrorData } from "../contract/errors";

/** JSON-RPC's code of an answer that is one of our typed errors; the error itself is its `data`. */
export const typedError = -32000;

/** What a request carries: the parameters, and the token under which its progress is sent. */
export interface Envelope {
  params: unknown;
  progress?: number;
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

export const progressType = new ProgressType<unknown>();
/** The child has its handlers in place. */
export const readyType = new NotificationType<{ pid: number }>("wire/ready");
/** A line of the child's log. */
export const logType = new NotificationType<{ level: LogLevel; message: string }>("wire/log");
/** Asks the child to let go of everything and end. */
export const shutdownType = new NotificationType<null>("wire/shutdown");
/** Asks whether the child's event loop still turns. */
export const pingMethod = "wire/ping";

export function isErrorData(value: unknown): value is ErrorData {
  const data = value as Partial<ErrorData> | null | undefined;
  return typeof data === "object" && data !== null && typeof data.code === "string" && typeof data.message === "string";
}
