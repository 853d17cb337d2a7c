import * as vscode from "vscode";
import type { EngineState } from "../../contract/chatView";
import type { EngineMethods } from "../../contract/engine";
import { errorData, fail, VitrineError, type ErrorData } from "../../contract/errors";
import type { CallOptions, ParamsOf, ProgressOf, ResultOf } from "../../contract/method";
import type { LoadParams, ModelInfo } from "../../contract/model";
import type { ProcessState } from "../../wire/supervisor";
import { forward, type Log } from "../log";
import type { EngineLink, OpenLink } from "./link";

type Method = keyof EngineMethods & string;

/** Methods that need no model. Everything else loads one first. */
const modelFree: ReadonlySet<Method> = new Set(["load", "unload", "estimate", "catalogue", "download", "ping"]);

/** Methods that keep the engine at work long enough to be told. */
const long: ReadonlySet<Method> = new Set([
  "generate",
  "observe",
  "embedText",
  "lens",
  "tunedLensFit",
  "layers",
  "attribution",
  "neurons",
  "neuronExamples",
  "neuronExperiment",
  "neuronCandidates",
  "attention",
  "embeddingMap",
  "surprisal",
  "patch",
  "trace",
  "patchscope",
  "featuresTrain",
  "featuresEvaluate",
  "featuresBrowse",
  "featuresOfTokens",
  "featureProposeLabel",
  "editFact",
  "editLocate",
  "editPropose",
  "editTest",
]);

/** A load under way. */
interface Loading {
  file: string;
  fraction: number;
  result: Promise<ModelInfo>;
  abort: AbortController;
}

export interface EnginePorts {
  open: OpenLink;
  /** The model to load when one is needed and none was chosen. */
  defaultFile(): Promise<string>;
  /** Rejects for a file that may not be loaded. */
  loadParams(file: string): Promise<LoadParams>;
  log: Log;
}

/**
 * The engine as the rest of the host sees it: started on first need, with a model loaded on first need, its state
 * observable. After a crash the process comes back with the model that was loaded; the call that was running is lost
 * with a typed error.
 */
export class EngineService implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly link: EngineLink;
  private process: ProcessState = { kind: "off" };
  private loaded: ModelInfo | null = null;
  private loading: Loading | null = null;
  private failure: ErrorData | null = null;
  /** The file that was loaded last, which a restarted engine gets again. */
  private wanted: string | null = null;
  private busy = 0;
  private closed = false;

  constructor(private readonly ports: EnginePorts) {
    this.link = ports.open({
      state: (state) => this.processChanged(state),
      log: (level, message) => forward(ports.log, "engine", level, message),
    });
  }

  get state(): EngineState {
    if (this.process.kind === "givenUp") return { kind: "failed", error: this.process.error };
    if (this.loading) return { kind: "loading", fraction: this.loading.fraction, file: this.loading.file };
    if (this.failure) return { kind: "failed", error: this.failure };
    if (this.process.kind === "off" || this.process.kind === "lost") return { kind: "off" };
    if (this.process.kind === "starting") return { kind: "starting" };
    if (this.loaded) return { kind: this.busy > 0 ? "busy" : "ready" };
    return { kind: "off" };
  }

  /** The model that answers now. */
  get model(): ModelInfo | null {
    return this.loaded;
  }

  /** Asks the engine; loads a model first where the method needs one. */
  async call<K extends Method>(
    method: K,
    params: ParamsOf<EngineMethods, K>,
    options: CallOptions<ProgressOf<EngineMethods, K>> = {},
  ): Promise<ResultOf<EngineMethods, K>> {
    if (!modelFree.has(method)) await this.ensureModel(options.signal);
    const counted = long.has(method);
    if (counted) this.count(1);
    try {
      return await this.link.call(method, params, options);
    } finally {
      if (counted) this.count(-1);
    }
  }

  /** The loaded model; loads the last one, or the default, when there is none. */
  async ensureModel(signal?: AbortSignal): Promise<ModelInfo> {
    if (this.loaded) return this.loaded;
    if (this.process.kind === "givenUp") throw new VitrineError(this.process.error);
    if (this.loading) return await unlessAborted(this.loading.result, signal);
    const file = this.wanted ?? (await this.ports.defaultFile());
    return await unlessAborted(this.load(file), signal);
  }

  /** Loads a file in place of what is loaded. A load still under way for another file is cancelled first. */
  async load(file: string, options: CallOptions<number> = {}): Promise<ModelInfo> {
    const before = this.loading;
    if (before?.file === file) return await before.result;
    const abort = new AbortController();
    options.signal?.addEventListener("abort", () => abort.abort(), { once: true });
    if (options.signal?.aborted) abort.abort();
    const progress = (fraction: number) => {
      entry.fraction = fraction;
      options.onProgress?.(fraction);
      this.changed.fire();
    };
    const result = Promise.resolve().then(() => this.start(file, before, abort.signal, progress));
    const entry: Loading = { file, fraction: 0, abort, result };
    this.loading = entry;
    this.failure = null;
    this.changed.fire();
    try {
      const model = await entry.result;
      if (this.loading === entry) this.finish(model, file);
      return model;
    } catch (thrown) {
      if (this.loading === entry) this.abandon(errorData(thrown));
      throw thrown;
    }
  }

  cancelLoad(): void {
    this.loading?.abort.abort();
  }

  async unload(): Promise<void> {
    this.cancelLoad();
    if (this.process.kind === "running") await this.link.call("unload", {});
    this.loaded = null;
    this.wanted = null;
    this.failure = null;
    this.changed.fire();
  }

  /** Ends the process, forgets its crashes, and loads the model again. */
  async restart(): Promise<ModelInfo> {
    this.cancelLoad();
    await this.link.stop();
    this.process = { kind: "off" };
    this.loaded = null;
    this.failure = null;
    this.changed.fire();
    return await this.ensureModel();
  }

  async stop(): Promise<void> {
    this.cancelLoad();
    await this.link.stop();
    this.process = { kind: "off" };
    this.loaded = null;
    this.failure = null;
    this.changed.fire();
  }

  dispose(): void {
    this.closed = true;
    this.loading?.abort.abort();
    this.link.dispose();
    this.changed.dispose();
  }

  private async start(
    file: string,
    before: Loading | null,
    signal: AbortSignal,
    progress: (fraction: number) => void,
  ): Promise<ModelInfo> {
    if (before) {
      before.abort.abort();
      // Its own caller is told how it ended; here it only has to be over.
      await before.result.catch(() => undefined);
    }
    const params = await this.ports.loadParams(file);
    if (signal.aborted) fail("cancelled", "Cancelled.");
    return await this.link.call("load", params, {
      signal,
      onProgress: ({ fraction }) => progress(fraction),
    });
  }

  private finish(model: ModelInfo, file: string): void {
    this.loading = null;
    this.loaded = model;
    this.wanted = file;
    this.ports.log.info(`Loaded ${model.name} (${model.architecture}, ${model.quantisation}) from ${file}`);
    this.changed.fire();
  }

  /** After a load that failed the engine may hold the model from before, or none: it is asked. */
  private abandon(error: ErrorData): void {
    this.loading = null;
    this.failure = error.code === "cancelled" ? null : error;
    void this.recheck();
    this.changed.fire();
  }

  private async recheck(): Promise<void> {
    if (!this.loaded || this.process.kind !== "running") return;
    const model = await this.link.call("info", {}).catch(() => null);
    if (this.loading || this.closed) return;
    this.loaded = model;
    if (model) this.failure = null;
    this.changed.fire();
  }

  private count(by: number): void {
    const before = this.busy > 0;
    this.busy += by;
    if (before !== this.busy > 0 && !this.closed) this.changed.fire();
  }

  private processChanged(state: ProcessState): void {
    if (this.closed) return;
    const had = this.loaded;
    this.process = state;
    if (state.kind !== "running" && state.kind !== "starting") this.loaded = null;
    if (state.kind === "lost") {
      this.ports.log.warn(`The engine ended: ${state.error.message}`);
      // Only an engine that had the model can be trusted to load it again: one that died while loading would go round in circles.
      if (had) this.reload(had.file);
    }
    if (state.kind === "givenUp") this.ports.log.error(state.error.message);
    this.changed.fire();
  }

  private reload(file: string): void {
    this.wanted = file;
    this.load(file).catch((thrown: unknown) => {
      this.ports.log.warn(`The model could not be loaded again: ${errorData(thrown).message}`);
    });
  }
}

/** Waits for a shared piece of work, but no longer than the signal lets; the work itself goes on for the others. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work;
  return await new Promise<T>((resolve, reject) => {
    const abort = () => reject(new VitrineError({ code: "cancelled", message: "Cancelled." }));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
