import type { EngineMethods } from "../../src/contract/engine";
import type { Caller } from "../../src/contract/method";
import type { ModelInfo } from "../../src/contract/model";
import { Engine } from "../../src/engine/run/engine";
import { verbs } from "../../src/engine/run/handlers";
import type { Session } from "../../src/engine/run/session";

/** The engine's verbs in this very process, so that a benchmark can look at its cache. */
export async function withEngine<T>(
  file: string,
  options: { threads?: number; context?: number },
  use: (caller: Caller<EngineMethods>, info: ModelInfo, session: Session) => Promise<T>,
): Promise<T> {
  const engine = new Engine("", () => undefined);
  const handlers = verbs(engine) as unknown as Record<
    string,
    (params: unknown, context: { signal: AbortSignal; progress(value: unknown): void }) => Promise<unknown>
  >;
  const caller = {
    call: (
      method: string,
      params: unknown,
      { signal = new AbortController().signal, onProgress = () => undefined } = {},
    ) => handlers[method]!(params, { signal, progress: onProgress }),
  } as unknown as Caller<EngineMethods>;
  try {
    const call = { signal: new AbortController().signal, progress: () => undefined };
    const info = await engine.load({ file, gpu: "off", ...options }, call);
    return await use(caller, info, engine.loaded());
  } finally {
    await engine.unload();
  }
}
