import { errorData, fail } from "../../contract/errors";
import type { CallContext, Handlers, ParamsOf } from "../../contract/method";
import type { ToView } from "../../contract/view";
import type { Log } from "../log";
import type { Checks } from "./messageChecks";

/** What is needed of a `vscode.Webview`. */
export interface Port {
  postMessage(message: ToView): Thenable<boolean>;
  onDidReceiveMessage(listener: (message: unknown) => void): { dispose(): unknown };
}

/** Calls of one view that may be open at once; more is a view gone wrong. */
const openLimit = 200;

/**
 * The host's end of a view: checks every message, calls the handler, answers with a value or a typed error, passes
 * progress on, and cancels what the view no longer wants.
 */
export class ViewChannel<M extends object> {
  private readonly open = new Map<number, AbortController>();
  private readonly subscription: { dispose(): unknown };
  private closed = false;

  constructor(
    private readonly port: Port,
    private readonly checks: Checks<M>,
    private readonly handlers: Handlers<M>,
    /** The view has drawn itself and wants the state. */
    private readonly ready: () => void,
    private readonly log: Log,
  ) {
    this.subscription = port.onDidReceiveMessage((message) => this.take(message));
  }

  /** Pushes a snapshot. A view that is not there misses it: it asks again when it comes. */
  event(name: string, value: unknown): void {
    this.post({ kind: "event", name, value });
  }

  dispose(): void {
    this.closed = true;
    for (const abort of this.open.values()) abort.abort();
    this.open.clear();
    this.subscription.dispose();
  }

  private take(message: unknown): void {
    if (typeof message !== "object" || message === null)
      return this.log.warn("A view sent a message that is no object.");
    const { kind, id, method, params } = message as Record<string, unknown>;
    if (kind === "ready") return this.ready();
    if (typeof id !== "number" || !Number.isSafeInteger(id))
      return this.log.warn("A view sent a message without a number.");
    if (kind === "cancel") return this.open.get(id)?.abort();
    if (kind !== "call" || typeof method !== "string") return this.log.warn("A view sent a message of no known kind.");
    void this.answer(id, method, params);
  }

  private async answer(id: number, method: string, params: unknown): Promise<void> {
    const abort = new AbortController();
    try {
      if (this.open.has(id)) fail("badArgument", `Call ${id} is open already.`);
      if (this.open.size >= openLimit) fail("notAllowed", "Too many calls are open.");
      if (!this.knows(method)) return fail("badArgument", `There is no method ${method.slice(0, 60)}.`);
      const checked = this.checks[method](params, "params");
      this.open.set(id, abort);
      try {
        const value = await this.call(method, checked, {
          signal: abort.signal,
          progress: (value: unknown) => this.post({ kind: "progress", id, value }),
        });
        this.post({ kind: "result", id, value });
      } finally {
        this.open.delete(id);
      }
    } catch (thrown) {
      const error = errorData(thrown);
      if (error.code === "internal") this.log.error(thrown instanceof Error ? thrown : String(thrown));
      this.post({ kind: "error", id, error });
    }
  }

  private knows(method: string): method is keyof M & string {
    return Object.hasOwn(this.checks, method) && Object.hasOwn(this.handlers, method);
  }

  private call<K extends keyof M & string>(
    method: K,
    params: ParamsOf<M, K>,
    context: CallContext<unknown>,
  ): Promise<unknown> {
    return this.handlers[method](params, context as never);
  }

  private post(message: ToView): void {
    if (this.closed) return;
    this.port.postMessage(message).then(undefined, (thrown: unknown) => {
      this.log.debug(`A message did not reach its view: ${errorData(thrown).message}`);
    });
  }
}
