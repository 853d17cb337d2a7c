import { VitrineError, errorData } from "../contract/errors";
import type { ErrorData } from "../contract/errors";
import type { CallOptions, Caller, ParamsOf, ProgressOf, ResultOf } from "../contract/method";
import { Child } from "./child";
import type { ChildOptions } from "./child";
import type { LogLevel } from "./messages";
import { CrashCount, usualPolicy } from "./policy";
import type { RestartPolicy } from "./policy";

/** How the process fares. `lost`: it crashed, and the next call starts it again; `givenUp`: it crashed too often. */
export type ProcessState =
  | { kind: "off" }
  | { kind: "starting" }
  | { kind: "running" }
  | { kind: "lost"; error: ErrorData }
  | { kind: "givenUp"; error: ErrorData };

export interface SupervisorOptions extends ChildOptions {
  /** What the process is called in a sentence: "The engine". */
  name: string;
  policy?: RestartPolicy;
  onState?: (state: ProcessState) => void;
  onLog?: (level: LogLevel, message: string) => void;
}

/**
 * The calling end of a boundary whose other end is a process of its own. It is started by the first call, and again by the
 * next one after a crash, as often as the policy allows. Calls that were under way when it crashed fail with `engineDied`.
 */
export class Supervisor<M> implements Caller<M> {
  private child: Child | undefined;
  private starting: Promise<Child> | undefined;
  private readonly crashes: CrashCount;
  private givenUp: ErrorData | undefined;

  constructor(private readonly options: SupervisorOptions) {
    this.crashes = new CrashCount(options.policy ?? usualPolicy, () => performance.now());
  }

  async call<K extends keyof M & string>(
    method: K,
    params: ParamsOf<M, K>,
    options: CallOptions<ProgressOf<M, K>> = {},
  ): Promise<ResultOf<M, K>> {
    options.signal?.throwIfAborted();
    const child = await this.ready();
    const { signal, onProgress } = options;
    return (await child.call(method, params, {
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress: (value) => onProgress(value as ProgressOf<M, K>) } : {}),
    })) as ResultOf<M, K>;
  }

  /** Ends the process in order, by force where it takes too long, and forgets its crashes. */
  async stop(): Promise<void> {
    const child = this.child ?? (await this.starting?.catch(() => undefined));
    this.child = undefined;
    this.starting = undefined;
    this.crashes.reset();
    this.givenUp = undefined;
    await child?.stop();
    this.tell({ kind: "off" });
  }

  /** Ends the process for good. */
  async dispose(): Promise<void> {
    await this.stop();
  }

  private async ready(): Promise<Child> {
    if (this.givenUp) throw new VitrineError(this.givenUp);
    if (this.child) return this.child;
    this.starting ??= this.start();
    return this.starting;
  }

  private async start(): Promise<Child> {
    this.tell({ kind: "starting" });
    const { onLog = () => undefined } = this.options;
    let child: Child | undefined;
    try {
      child = await Child.start(this.options, onLog, (why) => this.ended(child, why));
    } catch (thrown) {
      this.starting = undefined;
      throw new VitrineError(this.crashed(errorData(thrown)));
    }
    this.child = child;
    this.starting = undefined;
    this.tell({ kind: "running" });
    return child;
  }

  /** The process has ended although nobody asked it to. */
  private ended(child: Child | undefined, why: ErrorData): void {
    if (child === undefined || this.child !== child) return;
    this.child = undefined;
    this.crashed(why);
  }

  private crashed(why: ErrorData): ErrorData {
    if (this.crashes.add()) {
      this.tell({ kind: "lost", error: why });
      return why;
    }
    this.givenUp = {
      code: "engineDied",
      message: `${this.options.name} ended again and again, and is not started any more. ${why.message}`,
      remedy: "Start it again by hand, perhaps with another model or with the GPU switched off.",
      ...(why.details ? { details: why.details } : {}),
    };
    this.tell({ kind: "givenUp", error: this.givenUp });
    return this.givenUp;
  }

  private tell(state: ProcessState): void {
    this.options.onState?.(state);
  }
}
