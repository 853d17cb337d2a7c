import path from "node:path";
import type { CallContext } from "../../src/contract/method";
import { greedy } from "../../src/contract/verbs";
import type { Sampling } from "../../src/contract/verbs";
import { Engine } from "../../src/engine/run/engine";
import type { Session } from "../../src/engine/run/session";

/** The small model that ships. Tests hold for any weights in it. */
export const specimen = path.resolve(import.meta.dirname, "../../specimen/specimen.gguf");

export interface Opened {
  engine: Engine;
  session: Session;
  close(): Promise<void>;
}

/** Loads a model in this process, on the CPU with one thread. */
export async function openModel(
  file = specimen,
  options: { context?: number; threads?: number } = {},
): Promise<Opened> {
  const engine = new Engine("", () => undefined);
  await engine.load({ file, gpu: "off", threads: 1, ...options }, quiet());
  return { engine, session: engine.loaded(), close: async () => void (await engine.unload()) };
}

/** A call that nobody watches. */
export function quiet<P>(signal: AbortSignal = new AbortController().signal): CallContext<P> {
  return { signal, progress: () => undefined };
}

/** A call whose progress is kept. */
export function watched<P>(seen: P[], signal: AbortSignal = new AbortController().signal): CallContext<P> {
  return { signal, progress: (value) => void seen.push(value) };
}

export const sampled = (changes: Partial<Sampling> = {}): Sampling => ({ ...greedy, temperature: 1, ...changes });

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let index = 0; index < a.length; index++) most = Math.max(most, Math.abs(a[index]! - b[index]!));
  return most;
}
