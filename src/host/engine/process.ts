import type { EngineMethods } from "../../contract/engine";
import { Supervisor } from "../../wire/supervisor";
import type { OpenLink } from "./link";

/** The engine's process, supervised. `file` is the engine's bundle. */
export function openEngine(file: string): OpenLink {
  return (listener) =>
    new Supervisor<EngineMethods>({
      name: "The engine",
      file,
      onState: (state) => listener.state(state),
      onLog: (level, message) => listener.log(level, message),
    });
}
