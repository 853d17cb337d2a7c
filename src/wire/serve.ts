import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
  type CancellationToken,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { errorData } from "../contract/errors";
import type { CallContext, Handlers } from "../contract/method";
import {
  logType,
  pingMethod,
  progressType,
  readyType,
  shutdownType,
  typedError,
  type Envelope,
  type LogLevel,
} from "./protocol";

/** What a served child may say and hear beside its methods. */
export interface Served {
  log(level: LogLevel, message: string): void;
}

type AnyHandler = (params: unknown, context: CallContext<unknown>) => Promise<unknown>;

/**
 * Serves a method map over this process's IPC channel. `onClose` lets go of what is held; it is called once, when the
 * parent asks for the end or is gone, and the process ends after it.
 */
export function serve<M>(makeHandlers: (served: Served) => Handlers<M>, onClose: () => Promise<void> | void): Served {
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  const served: Served = {
    log: (level, message) => void connection.sendNotification(logType, { level, message }).catch(ignoreClosed),
  };
  for (const [method, handler] of Object.entries(makeHandlers(served))) {
    connection.onRequest(method, (envelope: Envelope, token: CancellationToken) =>
      answer(connection, handler as AnyHandler, envelope, token),
    );
  }
  connection.onRequest(pingMethod, () => null);
  const close = once(async () => {
    await onClose();
    process.exit(0);
  });
  connection.onNotification(shutdownType, close);
  connection.onClose(close);
  process.on("disconnect", close);
  connection.listen();
  void connection.sendNotification(readyType, { pid: process.pid }).catch(ignoreClosed);
  return served;
}

async function answer(
  connection: MessageConnection,
  handler: AnyHandler,
  { params, progress }: Envelope,
  token: CancellationToken,
): Promise<unknown> {
  const abort = new AbortController();
  const listening = token.onCancellationRequested(() => abort.abort());
  if (token.isCancellationRequested) abort.abort();
  try {
    return await handler(params, {
      signal: abort.signal,
      progress(value) {
        if (progress !== undefined) void connection.sendProgress(progressType, progress, value).catch(ignoreClosed);
      },
    });
  } catch (error) {
    const data = errorData(error);
    return new ResponseError(typedError, data.message, data);
  } finally {
    listening.dispose();
  }
}

/** The parent is gone: there is nobody to tell, and the process is ending. */
function ignoreClosed(): void {}

function once(action: () => Promise<void>): () => void {
  let called = false;
  return () => {
    if (called) return;
    called = true;
    void action();
  };
}
