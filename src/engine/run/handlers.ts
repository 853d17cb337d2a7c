import type { EngineMethods } from "../../contract/engine";
import type { Handlers } from "../../contract/method";
import { readGguf } from "../llama/gguf";
import { catalogue } from "../models/catalogue";
import { download } from "../models/download";
import type { Engine } from "./engine";
import { estimate } from "./estimate";
import { embedText } from "./embedText";
import { generate } from "./generate";
import { lensRest } from "./lensRest";
import { observe } from "./observe";
import { unembed } from "./unembed";

/** The model and the verbs as methods of the boundary. */
export function verbs(engine: Engine) {
  const started = performance.now();
  return {
    load: (params, context) => engine.load(params, context),
    unload: async () => engine.unload(),
    info: async () => engine.modelInfo(),
    estimate: async (params) => estimate(params),
    catalogue: async ({ folder }) => ({ models: catalogue(folder) }),
    download: (params, context) => download(params, context, (file) => void readGguf(file)),
    tokenize: async (params) => engine.tokenize(params),
    render: async (params) => engine.render(params),
    generate: async (params, context) => generate(engine.loaded(), params, context),
    lensRest: async (params, context) => lensRest(engine.loaded(), params, context),
    observe: async (params, context) => observe(engine.loaded(), params, context),
    unembed: async (params, context) => unembed(engine.loaded(), params, context.signal),
    embedText: async (params, context) => embedText(engine.loaded(), params, context),
    ping: async () => ({ uptimeMs: performance.now() - started, memory: process.memoryUsage().rss, pid: process.pid }),
  } satisfies Partial<Handlers<EngineMethods>>;
}
