import type { Log } from "../../../src/host/log";

/** A log that says nothing, and can be asked what it was told. */
export function silentLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const say = (message: string | Error) => void lines.push(String(message));
  return { lines, trace: say, debug: say, info: say, warn: say, error: say };
}
