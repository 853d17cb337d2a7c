import path from "node:path";
import type { Caller } from "../contract/method";
import type { EngineMethods } from "../contract/engine";
import { Supervisor } from "../wire/supervisor";
import { installFolder } from "./folders";

export interface RunningEngine {
  caller: Caller<EngineMethods>;
  dispose(): Promise<void>;
}

/** The engine's process for one call of the program. Its log is shown where `VITRINE_LOG` asks for it. */
export function startEngine(): Promise<RunningEngine> {
  const loud = Boolean(process.env["VITRINE_LOG"]);
  const caller = new Supervisor<EngineMethods>({
    name: "The engine",
    file: path.join(installFolder(), "dist", "engine.mjs"),
    // One call of the program has no second chance: the error is told.
    policy: { restarts: 0, within: 1 },
    grace: 1000,
    onLog: (level, message) => {
      if (loud) process.stderr.write(`[${level}] ${message}\n`);
    },
  });
  return Promise.resolve({ caller, dispose: () => caller.dispose() });
}
