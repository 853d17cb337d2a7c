import * as vscode from "vscode";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** The product's one log. The engine's lines arrive here with their own level. */
export interface Log {
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string | Error): void;
}

export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel("Vitrine", { log: true });
}

/** Terminal control sequences and other control characters are taken out: a log line is text from anywhere. */
export function plainLine(text: string): string {
  return text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, " ");
}

export function forward(log: Log, source: string, level: LogLevel, message: string): void {
  log[level](`[${source}] ${plainLine(message)}`);
}
