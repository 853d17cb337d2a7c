import type { Caller, CallOptions } from "../contract/method";
import type { SandboxMethods } from "../contract/sandbox";
import { sandboxHandlers } from "./handlers";

type AnyHandler = (
  params: unknown,
  context: { signal: AbortSignal; progress: (value: unknown) => void },
) => Promise<unknown>;

/**
 * The sandbox within the caller's own process, for tests and benchmarks of what is around it. The product always gives it
 * a process of its own: only that can be ended when nothing else helps.
 */
export function localSandbox(): Caller<SandboxMethods> & { restart(): Promise<void> } {
  const handlers = sandboxHandlers() as unknown as Record<string, AnyHandler>;
  const call = (method: string, params: unknown, options: CallOptions<unknown> = {}): Promise<unknown> => {
    const handler = handlers[method] as AnyHandler;
    return handler(params, {
      signal: options.signal ?? new AbortController().signal,
      progress: options.onProgress ?? (() => undefined),
    });
  };
  return { call: call as Caller<SandboxMethods>["call"], restart: () => Promise.resolve() };
}
