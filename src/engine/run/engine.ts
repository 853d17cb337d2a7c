import { fail } from "../../contract/errors";
import type { EngineMethods } from "../../contract/engine";
import type { CallContext } from "../../contract/method";
import type { LoadParams, LoadProgress, ModelInfo } from "../../contract/model";
import type { Token } from "../../contract/token";
import type { Input } from "../../contract/verbs";
import type { Lab } from "../microscope/lab";
import { openDoor } from "../llama/door";
import type { Door, LogSink } from "../llama/door";
import { numberIn, readGguf, textIn } from "../llama/gguf";
import { loadModel } from "../llama/model";
import { chooseLibraries } from "./devices";
import { checkMemory, gpuLayers } from "./estimate";
import { describeModel } from "./info";
import { labOf } from "./lab";
import { Lock } from "./lock";
import { renderInput } from "./render";
import { Session } from "./session";

type Result<K extends keyof EngineMethods> = EngineMethods[K] extends { result: infer R } ? R : never;

/**
 * The engine: one model at most, and the verbs over it. Instruments take a `Lab` (lab.ts), which is made of the verbs of the
 * model that is loaded: `pass` (observe, chunk by chunk), `unembed`, `generate`, `render`, `tokenize` and the weights.
 */
export class Engine {
  private door: Door | undefined;
  private session: Session | undefined;
  private info: ModelInfo | undefined;
  private readonly loading = new Lock();

  /** `entry`: the engine's own file, run again to try a GPU's libraries. */
  constructor(
    private readonly entry: string,
    private readonly log: LogSink,
  ) {}

  /** Loads a model in place of the one before. Two loads at once run one after the other. */
  async load(params: LoadParams, call: CallContext<LoadProgress>): Promise<ModelInfo> {
    return this.loading.run(() => this.loadNow(params, call), call.signal);
  }

  private async loadNow(params: LoadParams, { signal, progress }: CallContext<LoadProgress>): Promise<ModelInfo> {
    checkLoad(params);
    const gguf = readGguf(params.file);
    await this.unload();
    this.door ??= openDoor(await chooseLibraries(params.gpu, this.entry), this.log);
    signal.throwIfAborted();
    // A small model runs best where it is read: moving it to a GPU costs more than it gains.
    const cpuOnly = params.gpu === "off" || gguf.size < smallFile;
    const free = cpuOnly ? 0 : gpuMemory(this.door);
    const needed = checkMemory(gguf, params, free);
    const layers = numberIn(gguf, `${textIn(gguf, "general.architecture") ?? ""}.block_count`) ?? 0;
    const model = await loadModel(this.door, gguf, {
      cpuOnly,
      gpuLayers: free === 0 ? 0 : gpuLayers(needed, layers, free),
      onProgress: (fraction) => {
        progress({ fraction });
        return !signal.aborted;
      },
    });
    const trained = model.trainedContext || defaultContext;
    const context = params.context ?? Math.min(defaultContext, trained);
    const session = new Session(this.door, model, { context, threads: params.threads, cpuOnly });
    try {
      session.plain();
      const info = describeModel(session, this.door);
      // A cancel that came while loading kept the thread busy still stands in the queue; a turn lets it in.
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      this.session = session;
      this.info = info;
      return info;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async unload(): Promise<null> {
    const { session } = this;
    this.session = undefined;
    this.info = undefined;
    await session?.close();
    return null;
  }

  /** The loaded model's card, with the threads it would use now. */
  modelInfo(): ModelInfo {
    const session = this.loaded();
    return { ...this.info!, threads: session.threads() };
  }

  /** The verbs of the loaded model as instruments take them. */
  lab(): Lab {
    return labOf(this.loaded(), this.modelInfo());
  }

  /** The loaded model. Throws `noModel`. */
  loaded(): Session {
    return this.session ?? fail("noModel", "No model is loaded.", { remedy: "Load one first." });
  }

  tokenize({ text, special = false }: { text: string; special?: boolean }): Result<"tokenize"> {
    const { vocabulary } = this.loaded().model;
    const ids = vocabulary.encode(text, { special, frame: false });
    return { tokens: Array.from(ids, (id) => vocabulary.token(id)) };
  }

  render({ input, think }: { input: Input; think?: "off" | "auto" }): { text: string; tokens: Token[] } {
    const { model } = this.loaded();
    const { ids, text } = renderInput(model, input, think === undefined ? {} : { think });
    const tokens = Array.from(ids, (id) => model.vocabulary.token(id));
    return { text: text || tokens.map((token) => token.text).join(""), tokens };
  }
}

/** Bytes that are free on the GPUs now. */
function gpuMemory({ api, devices }: Door): number {
  return devices
    .filter(({ kind }) => kind === "gpu")
    .reduce((sum, { pointer }) => {
      const [free, total] = [new BigUint64Array(1), new BigUint64Array(1)];
      api.ggml_backend_dev_memory(pointer, free, total);
      return sum + Number(free[0]);
    }, 0);
}

const defaultContext = 4096;
const smallFile = 64 << 20;

function checkLoad({ file, gpu, context, threads }: LoadParams): void {
  if (typeof file !== "string" || file === "") fail("badArgument", "A model's file is needed.");
  if (gpu !== "auto" && gpu !== "off") fail("badArgument", "`gpu` is 'auto' or 'off'.");
  const whole = (name: string, value: number | undefined, least: number): void => {
    if (value !== undefined && (!Number.isInteger(value) || value < least)) {
      fail("badArgument", `The ${name} cannot be ${value}.`);
    }
  };
  whole("context", context, 16);
  whole("number of threads", threads, 1);
}
