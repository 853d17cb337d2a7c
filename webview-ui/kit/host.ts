import type { ErrorData } from "../../src/contract/errors";
import type { CallOptions, ParamsOf, ProgressOf, ResultOf } from "../../src/contract/method";
import type { ToHost, ToView } from "../../src/contract/view";
import { errorData, VitrineError } from "../../src/contract/errors";

/** What VS Code gives a webview, once. A page that runs without VS Code sets `window.vitrineApi` to one of its own. */
export interface ViewApi {
  postMessage(message: ToHost): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  interface Window {
    vitrineApi?: ViewApi;
    acquireVsCodeApi?: () => ViewApi;
  }
}

/** `patient`: after a cancel the host's own answer is waited for, since it may hold what was done until then. */
export type ViewCallOptions<Progress> = CallOptions<Progress> & { patient?: boolean };

/** How long a patient call waits for the answer to its cancel. */
const patience = 10_000;

/** The host as a view sees it: `M` is the map of its methods, `E` of its events. */
export interface Host<M, E> {
  /** Settles always: with the value, a `VitrineError`, or `cancelled` as soon as `signal` aborts. */
  call<K extends keyof M & string>(
    method: K,
    params: ParamsOf<M, K>,
    options?: ViewCallOptions<ProgressOf<M, K>>,
  ): Promise<ResultOf<M, K>>;
  /** Hears every later snapshot, and the last one at once where there has been one. Returns how to stop. */
  on<K extends keyof E & string>(name: K, listener: (value: E[K]) => void): () => void;
  /** Tells the host that the view listens; it answers with its snapshots. */
  ready(): void;
  getState(): unknown;
  setState(state: unknown): void;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: VitrineError): void;
  progress?(value: unknown): void;
}

function findApi(): ViewApi {
  if (window.vitrineApi) return window.vitrineApi;
  if (window.acquireVsCodeApi) return window.acquireVsCodeApi();
  throw new Error("This page runs inside Vitrine's panels; no host was found.");
}

let only: Host<never, never> | undefined;

/** The page's one host. */
export function getHost<M, E>(): Host<M, E> {
  only ??= connect(findApi());
  return only as unknown as Host<M, E>;
}

function connect(api: ViewApi): Host<never, never> {
  const pending = new Map<number, Pending>();
  const listeners = new Map<string, Set<(value: unknown) => void>>();
  const snapshots = new Map<string, unknown>();
  let next = 1;

  window.addEventListener("message", (event: MessageEvent<unknown>) => {
    const message = event.data;
    if (isToView(message)) receive(message);
  });

  function receive(message: ToView): void {
    if (message.kind === "event") {
      snapshots.set(message.name, message.value);
      for (const listener of listeners.get(message.name) ?? []) listener(message.value);
      return;
    }
    const call = pending.get(message.id);
    if (!call) return;
    if (message.kind === "progress") return call.progress?.(message.value);
    pending.delete(message.id);
    if (message.kind === "result") call.resolve(message.value);
    else call.reject(new VitrineError(message.error));
  }

  function call(method: string, params: unknown, options: ViewCallOptions<unknown> = {}): Promise<unknown> {
    const { signal, onProgress, patient = false } = options;
    const id = next++;
    return new Promise((resolve, reject) => {
      const cancelled = (): VitrineError => new VitrineError({ code: "cancelled", message: "Cancelled." });
      if (signal?.aborted) return reject(cancelled());
      const giveUp = (): void => {
        if (pending.delete(id)) reject(cancelled());
      };
      const onAbort = (): void => {
        api.postMessage({ kind: "cancel", id });
        if (patient) setTimeout(giveUp, patience);
        else giveUp();
      };
      const settled = (): void => signal?.removeEventListener("abort", onAbort);
      pending.set(id, {
        resolve: (value) => (settled(), resolve(value)),
        reject: (error) => (settled(), reject(error)),
        ...(onProgress && { progress: onProgress }),
      });
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        api.postMessage({ kind: "call", id, method, params });
      } catch (thrown) {
        pending.delete(id);
        settled();
        reject(new VitrineError(errorData(thrown), thrown));
      }
    });
  }

  function on(name: string, listener: (value: unknown) => void): () => void {
    const heard = listeners.get(name) ?? new Set();
    listeners.set(name, heard.add(listener));
    if (snapshots.has(name)) listener(snapshots.get(name));
    return () => heard.delete(listener);
  }

  const host = {
    call,
    on,
    ready: () => api.postMessage({ kind: "ready" }),
    getState: () => api.getState(),
    setState: (state: unknown) => api.setState(state),
  };
  return host as unknown as Host<never, never>;
}

function isToView(message: unknown): message is ToView {
  if (typeof message !== "object" || message === null || !("kind" in message)) return false;
  const { kind } = message;
  if (kind === "event") return "name" in message && typeof message.name === "string";
  return (
    (kind === "result" || kind === "error" || kind === "progress") && "id" in message && typeof message.id === "number"
  );
}

/** The plain data of any thrown value, for an error box. */
export function asErrorData(thrown: unknown): ErrorData {
  return errorData(thrown);
}
