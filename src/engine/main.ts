import { fileURLToPath } from "node:url";
import type { EngineMethods } from "../contract/engine";
import { errorData } from "../contract/errors";
import type { ModelInfo } from "../contract/model";
import { serve } from "../wire/serve";
import { acting } from "./microscope/acting";
import { ownProducts } from "./microscope/features/ggmlProducts";
import { instruments } from "./microscope/table";
import { Engine } from "./run/engine";
import { verbs } from "./run/handlers";
import { probe } from "./run/probe";
import { chooseThreads, CoreWatch } from "./run/threads";

/** The engine's process: the verbs and the instruments behind one boundary. */
function main(): void {
  serve<EngineMethods>(
    (served) => {
      const engine = new Engine(fileURLToPath(import.meta.url), (level, line) => served.log(level, line));
      const cores = new CoreWatch();
      const makers = acting({
        lab: () => engine.lab(),
        products: (shape) => {
          const { door, options } = engine.loaded();
          return ownProducts(
            door,
            options.cpuOnly,
            shape,
            () => options.threads ?? chooseThreads(Infinity, cores.look()),
          );
        },
        model: () => loadedModel(engine),
      });
      return { ...verbs(engine), ...instruments(() => engine.lab()), ...makers };
    },
    // The process's end frees everything; waiting for what runs would only hold it up.
    () => undefined,
  );
}

/** The loaded model's card; nothing where no model is loaded: files can be looked at without one. */
function loadedModel(engine: Engine): ModelInfo | undefined {
  try {
    return engine.modelInfo();
  } catch (error) {
    if (errorData(error).code === "noModel") return undefined;
    throw error;
  }
}

const at = process.argv.indexOf("--probe");
if (at >= 0) probe(process.argv[at + 1] ?? "");
else main();
