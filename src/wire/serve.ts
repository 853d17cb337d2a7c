import { IPCMessageReader, IPCMessageWriter, ResponseError, createMessageConnection } from "vscode-jsonrpc/node";
import type { CancellationToken } from "vscode-jsonrpc/node";
import { errorData, fail } from "../contract/errors";
import type { CallContext, Handlers } from "../contract/method";
import {
  errorNumber,
  exitNotification,
  logNotification,
  pingRequest,
  progressNotification,
  readyNotification,
} from "./messages";
import type { CallMessage, LogLevel } from "./messages";

/** The serving end, in the child. */
export interface Served {
  log(level: LogLevel, message: string): void;
}

type Handler = (params: unknown, context: CallContext<unknown>) => Promise<unknown>;

/**
 * Answers a boundary's methods over this process's IPC channel. The parent's end of the channel is this process's life: when
 * it goes, the process ends. `onExit` is called when the parent asks for an orderly end.
 */
export function serve<M>(handlers: Partial<Handlers<M>>, onExit: () => Promise<void>): Served {
  if (!process.send) fail("badArgument", "This program is started by another, over an IPC channel.");
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  const table = new Map(Object.entries(handlers as Record<string, Handler>));

  connection.onRequest(async (method: string, message: unknown, token: CancellationToken): Promise<unknown> => {
    if (method === pingRequest) return null;
    const handler = table.get(method);
    if (!handler)
      return new ResponseError(errorNumber, "unknown", {
        code: "badArgument",
        message: `There is no method '${method}'.`,
      });
    const { params, progress } = oneParameter(message) as CallMessage;
    const abort = new AbortController();
    const stop = token.onCancellationRequested(() => abort.abort());
    if (token.isCancellationRequested) abort.abort();
    try {
      return await handler(params, {
        signal: abort.signal,
        progress: (value) => void connection.sendNotification(progressNotification, { progress, value }),
      });
    } catch (thrown) {
      const data = errorData(thrown);
      return new ResponseError(errorNumber, data.message, data);
    } finally {
      stop.dispose();
    }
  });
  connection.onNotification(exitNotification, () => {
    void onExit().finally(() => process.exit(0));
  });
  // A native thread may be at work, which an orderly exit would wait for.
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  connection.listen();
  void connection.sendNotification(readyNotification);
  return { log: (level, message) => void connection.sendNotification(logNotification, { level, message }) };
}

function oneParameter(message: unknown): unknown {
  return Array.isArray(message) ? message[0] : message;
}
