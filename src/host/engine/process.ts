import { existsSync } from "node:fs";
import { fail } from "../../contract/errors";
import type { OpenLink } from "./link";

/** The engine's process behind the wire. `file` is the engine's bundle. */
export function openEngine(file: string): OpenLink {
  return () => ({
    call: () =>
      Promise.resolve().then(() => fail("engineDied", existsSync(file) ? "No wire." : "The engine is missing.")),
    stop: () => Promise.resolve(),
    dispose: () => undefined,
  });
}
