import { fileURLToPath } from "node:url";
import type { EngineMethods } from "../contract/engine";
import { serve } from "../wire/serve";
import type { Served } from "../wire/serve";
import { instruments } from "./microscope/table";
import { Engine } from "./run/engine";
import { verbs } from "./run/handlers";
import { probe } from "./run/probe";

/** The engine's process: the verbs and the instruments behind one boundary. */
function main(): void {
  let served: Served | undefined;
  const engine = new Engine(fileURLToPath(import.meta.url), (level, line) => served?.log(level, line));
  served = serve<EngineMethods>({ ...verbs(engine), ...instruments(() => engine.lab()) }, async () => {
    await engine.unload();
  });
}

const at = process.argv.indexOf("--probe");
if (at >= 0) probe(process.argv[at + 1] ?? "");
else main();
