import { fail } from "../../contract/errors";
import type { EditUse } from "../../contract/verbs";
import { Computer } from "../llama/compute";
import { DistributionGraph } from "../llama/distribution";
import { Context, addToken, makeBatch } from "../llama/context";
import type { Door } from "../llama/door";
import { Hooks, Watch } from "../llama/hooks";
import { normSteps, unembedSteps } from "../llama/head";
import type { Head } from "../llama/head";
import { Adapters } from "../llama/adapters";
import type { Model } from "../llama/model";
import { sitesOf } from "../llama/sites";
import type { ModelSites } from "../llama/sites";
import { WeightFile } from "../llama/weights";
import { SequenceCache } from "./cache";
import { LensRests } from "./lensQueue";
import { Lock } from "./lock";
import { CoreWatch, chooseThreads } from "./threads";

/** A context whose graph is watched. */
export interface Hooked extends Plain {
  hooks: Hooks;
}

export interface Plain {
  context: Context;
  cache: SequenceCache;
  lock: Lock;
}

/**
 * A loaded model with its contexts, each made when it is first needed:
 * - plain: no callback at all; chat
 * - live: the same settings with a callback; generation that is looked at or altered. Its numbers are the plain ones' bit for bit
 * - exact: F32 cache, no flash attention, so that patterns can be read; `observe`
 *
 * Instruments do not use it: they get the `Lab` of lab.ts, which is made of the verbs.
 */
export class Session {
  readonly sites: ModelSites;
  readonly weights: WeightFile;
  readonly computer: Computer;
  /** For graphs over numbers that are in main memory anyway. */
  readonly rowComputer: Computer;
  readonly adapters: Adapters;
  /** Graphs over the live tensors run one at a time. */
  readonly computerLock = new Lock();
  private plainContext: Plain | undefined;
  private liveContext: Hooked | undefined;
  private exactContext: Hooked | undefined;
  private knownHead: Head | undefined;
  /** Lenses of generations that have ended before they were complete. */
  readonly lensRests = new LensRests();
  private readonly rowGraphs = new Map<string, DistributionGraph>();
  private readonly cores = new CoreWatch();

  constructor(
    readonly door: Door,
    readonly model: Model,
    readonly options: { context: number; threads: number | undefined; cpuOnly: boolean },
  ) {
    this.sites = sitesOf(model.architecture, model.layers, model.experts);
    this.weights = new WeightFile(door.api, model.gguf);
    this.computer = new Computer(door, options.cpuOnly);
    this.rowComputer = new Computer(door, true);
    this.rowComputer.setThreads(1);
    this.adapters = new Adapters(door, model);
    this.cores.look();
  }

  /** No GPU takes part. */
  get onOneDevice(): boolean {
    return this.options.cpuOnly || this.door.devices.every(({ kind }) => kind === "cpu");
  }

  /** Threads for the next calls: as asked, or by size and by what other programs leave free now. */
  threads(): number {
    return this.options.threads ?? chooseThreads(this.model.parameters, this.cores.look());
  }

  /** Sequences a context can hold at once. */
  readonly sequences = 64;

  plain(): Plain {
    this.plainContext ??= this.withCache(this.make({ exact: false }));
    this.plainContext.context.setThreads(this.threads());
    return this.plainContext;
  }

  live(): Hooked {
    this.liveContext ??= this.hooked(false);
    this.liveContext.context.setThreads(this.threads());
    return this.liveContext;
  }

  exact(): Hooked {
    this.exactContext ??= this.hooked(true);
    this.exactContext.context.setThreads(this.threads());
    return this.exactContext;
  }

  private hooked(exact: boolean): Hooked {
    const hooks = new Hooks(this.door.api, (layer) => this.projectionParts(layer));
    return { ...this.withCache(this.make({ exact, hooks })), hooks };
  }

  private withCache(context: Context): Plain {
    return { context, cache: new SequenceCache(context, this.sequences, this.model.cacheable), lock: new Lock() };
  }

  private make({ exact, hooks }: { exact: boolean; hooks?: Hooks }): Context {
    return new Context(this.door, this.model, {
      // Several observed sequences share one cache: a model with a short context gets room for more than one.
      size: exact ? Math.max(this.options.context, roomForBatches) : this.options.context,
      sequences: this.sequences,
      threads: this.threads(),
      flash: exact ? "off" : "auto",
      exact,
      ...(hooks ? { callback: hooks.callback } : {}),
    });
  }

  /** Distributions of rows of logits that lie in main memory; built once for each shape. */
  rowGraph(rows: number, top: number): DistributionGraph {
    const key = `${rows}:${top}`;
    const known = this.rowGraphs.get(key);
    if (known) return known;
    const vocabulary = this.model.vocabulary.size;
    const shape = { rows, vocabulary, top, bottom: 0, raw: false, targets: 0, references: 0 };
    const graph = new DistributionGraph(this.rowComputer, shape);
    this.rowGraphs.set(key, graph);
    return graph;
  }

  private projectionParts(layer: number): number {
    const stem = `blk.${layer}.attn_output`;
    const own = [`${stem}.bias`, `${stem}.scale`].filter((name) => this.weights.has(name)).length;
    return own + this.adapters.activeOn(`${stem}.weight`);
  }

  /** Switches the edits of a run on; none for an empty list. The caller holds the context's lock. */
  useEdits(context: Context, edits: readonly EditUse[]): void {
    this.adapters.use(context, edits);
  }

  /** The way from the stream to the logits, read once off a graph of one token. Throws `unsupportedModel`. */
  async head(): Promise<Head> {
    if (this.knownHead) return this.knownHead;
    const { context, hooks, lock } = this.exact();
    return lock.run(async () => {
      if (this.knownHead) return this.knownHead;
      const watch = new Watch();
      const found: Partial<Head> = {};
      watch.addNamed("result_norm", (node) => void (found.norm = normSteps(node)));
      watch.addNamed("result_output", (node) => void (found.unembed = unembedSteps(node)));
      const batch = makeBatch(1);
      addToken(batch, Math.max(this.model.vocabulary.bos, 0), 0, 0, true);
      context.clear();
      this.useEdits(context, []);
      hooks.set(watch);
      try {
        await context.decode(batch);
        hooks.check();
      } finally {
        hooks.set(undefined);
        context.clear();
      }
      const { norm, unembed } = found;
      if (!norm || !unembed) {
        fail(
          "unsupportedModel",
          `The last norm and the unembedding of '${this.model.architecture}' are not known here.`,
        );
      }
      this.knownHead = { norm, unembed };
      return this.knownHead;
    });
  }

  /** Waits until no generation runs: what is done in the background gives way. */
  async betweenGenerations(signal: AbortSignal): Promise<void> {
    for (const place of [this.plainContext, this.liveContext]) {
      if (place?.lock.busy) await place.lock.run(() => Promise.resolve(), signal);
    }
  }

  /** Waits for what runs, then frees everything. */
  async close(): Promise<void> {
    const locks = [this.plainContext?.lock, this.liveContext?.lock, this.exactContext?.lock, this.computerLock];
    for (const lock of locks) await lock?.run(() => Promise.resolve());
    this.plainContext?.context.close();
    for (const each of [this.liveContext, this.exactContext]) {
      each?.context.close();
      each?.hooks.close();
    }
    this.adapters.close();
    for (const graph of this.rowGraphs.values()) graph.close();
    this.computer.close();
    this.rowComputer.close();
    this.weights.close();
    this.model.close();
  }
}

const roomForBatches = 2048;
