import type { ErrorData } from "../contract/errors";

/** What goes over the channel beside the methods themselves. Names begin with a dollar, which no method's does. */
export const readyNotification = "$ready";
export const progressNotification = "$progress";
export const logNotification = "$log";
export const exitNotification = "$exit";
export const pingRequest = "$ping";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogMessage {
  level: LogLevel;
  message: string;
}

/** A call: the method's own parameters, and the number its progress comes under. */
export interface CallMessage {
  params: unknown;
  progress: number;
}

export interface ProgressMessage {
  progress: number;
  value: unknown;
}

/** The number JSON-RPC wants of an error; the word is in its data. */
export const errorNumber = -32000;

/** Data of an error that came over the wire, checked: the other side may be of another version. */
export function asErrorData(data: unknown): ErrorData | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { code, message } = data as Partial<ErrorData>;
  return typeof code === "string" && typeof message === "string" ? (data as ErrorData) : undefined;
}
