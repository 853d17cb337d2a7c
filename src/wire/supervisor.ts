import { VitrineError, type ErrorData } from "../contract/errors";
import type { CallOptions, Caller, ParamsOf, ProgressOf, ResultOf } from "../contract/method";
import { callerOver } from "./caller";
import { Child, type ChildOptions, type Ended } from "./child";
import type { LogLevel } from "./protocol";
import { defaultPolicy, mayRestart, recentCrashes, type RestartPolicy } from "./restartPolicy";

/** How a supervised process fares. `lost` comes back at the next call, `givenUp` does not. */
export type ProcessState =
  | { kind: "off" }
  | { kind: "starting" }
  | { kind: "running" }
  | { kind: "lost"; error: ErrorData }
  | { kind: "givenUp"; error: ErrorData };

export interface SupervisorOptions extends Pick<ChildOptions, "file" | "args" | "env" | "execArgv" | "heartbeat"> {
  /** What the process is called in sentences, e.g. `The engine`. */
  name: string;
  policy?: RestartPolicy;
  /** Milliseconds it may take to end when asked. */
  grace?: number;
  now?: () => number;
  onState?(state: ProcessState): void;
  onLog?(level: LogLevel, message: string): void;
}

interface Life<M> {
  child: Child;
  caller: Caller<M>;
  /** Rejects the calls that wait when the process ends. */
  ended: Promise<never>;
}

/**
 * Keeps one child process: started at the first call, started again at the next call after a crash, given up after too
 * many. A call that was under way when the process died fails with `engineDied`; nothing ever hangs.
 */
export class Supervisor<M> implements Caller<M> {
  private life: Life<M> | undefined;
  private crashes: number[] = [];
  private current: ProcessState = { kind: "off" };

  constructor(private readonly options: SupervisorOptions) {}

  get state(): ProcessState {
    return this.current;
  }

  async call<K extends keyof M & string>(
    method: K,
    params: ParamsOf<M, K>,
    options?: CallOptions<ProgressOf<M, K>>,
  ): Promise<ResultOf<M, K>> {
    if (this.current.kind === "givenUp") throw new VitrineError(this.current.error);
    const { caller, ended } = (this.life ??= this.start());
    const answer = caller.call(method, params, options);
    // The connection's own rejection at the end says less than `ended` does.
    answer.catch(() => undefined);
    try {
      return await Promise.race([answer, ended]);
    } catch (error) {
      // A closed connection may be noticed before the exit; the exit knows why.
      if (error instanceof VitrineError && error.code === "internal" && this.life?.caller !== caller)
        return await ended;
      throw error;
    }
  }

  /** Ends the process and forgets its crashes; the next call starts a new one. */
  async stop(): Promise<void> {
    const { life } = this;
    this.life = undefined;
    this.crashes = [];
    this.become({ kind: "off" });
    await life?.child.stop(this.options.grace ?? 3000);
  }

  dispose(): Promise<void> {
    return this.stop();
  }

  private start(): Life<M> {
    this.become({ kind: "starting" });
    let reject: (error: VitrineError) => void = () => undefined;
    const ended = new Promise<never>((_, refuse) => (reject = refuse));
    ended.catch(() => undefined); // nobody may be waiting
    const { file, args, env, execArgv, heartbeat, onLog } = this.options;
    const child = new Child({
      file,
      ...(args ? { args } : {}),
      ...(env ? { env } : {}),
      ...(execArgv ? { execArgv } : {}),
      ...(heartbeat ? { heartbeat } : {}),
      log: (level, message) => onLog?.(level, message),
      ready: () => {
        if (this.life?.child === child) this.become({ kind: "running" });
      },
      ended: (how) => {
        const error = this.deathOf(how);
        if (this.life?.child === child) {
          this.life = undefined;
          this.crashed(error);
        }
        reject(new VitrineError(error));
      },
    });
    return { child, caller: callerOver<M>(child.connection), ended };
  }

  private crashed(error: ErrorData): void {
    const { policy = defaultPolicy, now = Date.now, name } = this.options;
    const time = now();
    this.crashes = recentCrashes([...this.crashes, time], time, policy);
    this.options.onLog?.("error", `${error.message}${lastWords(error)}`);
    if (mayRestart(this.crashes, time, policy)) {
      this.become({ kind: "lost", error });
      return;
    }
    const minutes = Math.round(policy.within / 60_000);
    this.become({
      kind: "givenUp",
      error: {
        ...error,
        message: `${name} stopped ${this.crashes.length} times within ${minutes} minutes and is not started again.`,
        remedy: "See the log for its last words, then start it again or choose another model.",
      },
    });
  }

  private deathOf({ code, signal, lastWords: words, hung }: Ended): ErrorData {
    const { name } = this.options;
    const how = hung
      ? "did not answer and was ended"
      : signal
        ? `was ended by ${signal}`
        : `stopped with status ${code}`;
    return {
      code: "engineDied",
      message: `${name} ${how}.`,
      remedy: "Ask again: it is started anew.",
      details: { exit: code, signal, hung, lastWords: words },
    };
  }

  private become(state: ProcessState): void {
    this.current = state;
    this.options.onState?.(state);
  }
}

function lastWords({ details }: ErrorData): string {
  const words = details?.["lastWords"];
  return typeof words === "string" && words ? `\n${words}` : "";
}
