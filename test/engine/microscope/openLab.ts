import { Engine } from "../../../src/engine/run/engine";
import { labOf } from "../../../src/engine/run/lab";
import type { Lab } from "../../../src/engine/microscope/lab";
import { callContext } from "./context";

/** Loads a model on the CPU with one thread, gives it to `use`, and unloads it whatever happens. */
export async function withLab<T>(
  file: string,
  use: (lab: Lab, engine: Engine) => Promise<T>,
  options: { context?: number; threads?: number } = {},
): Promise<T> {
  const engine = new Engine("", () => undefined);
  try {
    const info = await engine.load({ file, gpu: "off", threads: 1, ...options }, callContext());
    return await use(labOf(engine.loaded(), info), engine);
  } finally {
    await engine.unload();
  }
}
