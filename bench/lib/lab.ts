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

/**
 * Milliseconds of an asynchronous piece of work: on the clock, and of processor time. With one thread the second says on a
 * busy machine what the first says on a quiet one; with several, threads that wait for each other spin, and it says nothing.
 */
export async function milliseconds(work: () => Promise<unknown>): Promise<{ wall: number; cpu: number }> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: performance.now() - start, cpu: (user + system) / 1000 };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
