import { fileURLToPath } from "node:url";
import type { EngineMethods } from "../contract/engine";
import type { Handlers } from "../contract/method";
import { serve } from "../wire/serve";
import { instruments } from "./microscope/table";
import { Engine } from "./run/engine";
import { verbs } from "./run/handlers";
import { probe } from "./run/probe";

/** The engine's process: the verbs and the instruments behind one boundary. */
function main(): void {
  serve<EngineMethods>(
    (served) => {
      const engine = new Engine(fileURLToPath(import.meta.url), (level, line) => served.log(level, line));
      return { ...verbs(engine), ...instruments(() => engine.lab()) } as Partial<Handlers<EngineMethods>> as Handlers<EngineMethods>;
    },
    // The process's end frees everything; waiting for what runs would only hold it up.
    () => undefined,
  );
}

const at = process.argv.indexOf("--probe");
if (at >= 0) probe(process.argv[at + 1] ?? "");
else main();
