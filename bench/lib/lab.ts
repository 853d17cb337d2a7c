import { Engine } from "../../src/engine/run/engine";
import { labOf } from "../../src/engine/run/lab";
import type { Lab } from "../../src/engine/microscope/lab";
import type { Session } from "../../src/engine/run/session";

/** Loads a model on the CPU for a benchmark, and unloads it afterwards. */
export async function withModel<T>(
  file: string,
  options: { threads?: number; context?: number },
  use: (lab: Lab, session: Session) => Promise<T>,
): Promise<T> {
  const engine = new Engine("", () => undefined);
  const call = { signal: new AbortController().signal, progress: () => undefined };
  try {
    const info = await engine.load({ file, gpu: "off", ...options }, call);
    return await use(labOf(engine.loaded(), info), engine.loaded());
  } finally {
    await engine.unload();
  }
}

/** Milliseconds of an asynchronous piece of work. */
export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
