import { CancellationTokenSource, ResponseError, type MessageConnection } from "vscode-jsonrpc/node";
import { VitrineError, errorData } from "../contract/errors";
import type { CallOptions, Caller, ParamsOf, ProgressOf, ResultOf } from "../contract/method";
import { isErrorData, progressType, type Envelope } from "./protocol";

let lastProgress = 0;

/** The calling side of a method map over an open connection. Every failure is a `VitrineError`. */
export function callerOver<M>(connection: MessageConnection): Caller<M> {
  return {
    async call<K extends keyof M & string>(
      method: K,
      params: ParamsOf<M, K>,
      { signal, onProgress }: CallOptions<ProgressOf<M, K>> = {},
    ): Promise<ResultOf<M, K>> {
      if (signal?.aborted) throw new VitrineError({ code: "cancelled", message: "Cancelled." });
      const cancel = new CancellationTokenSource();
      const onAbort = () => cancel.cancel();
      signal?.addEventListener("abort", onAbort, { once: true });
      const token = onProgress ? ++lastProgress : undefined;
      const listening =
        token === undefined ? undefined : connection.onProgress(progressType, token, report(onProgress));
      const envelope: Envelope = token === undefined ? { params } : { params, progress: token };
      try {
        return (await connection.sendRequest(method, envelope, cancel.token)) as ResultOf<M, K>;
      } catch (error) {
        throw asVitrineError(error);
      } finally {
        signal?.removeEventListener("abort", onAbort);
        listening?.dispose();
        cancel.dispose();
      }
    },
  };
}

function report<P>(onProgress: ((value: P) => void) | undefined): (value: unknown) => void {
  return (value) => onProgress?.(value as P);
}

function asVitrineError(error: unknown): VitrineError {
  if (error instanceof VitrineError) return error;
  if (error instanceof ResponseError && isErrorData(error.data)) return new VitrineError(error.data, error);
  return new VitrineError(errorData(error), error);
}
