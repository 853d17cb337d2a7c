import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  CancellationTokenSource,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
  createMessageConnection,
} from "vscode-jsonrpc/node";
import type { MessageConnection } from "vscode-jsonrpc/node";
import { VitrineError, fail } from "../contract/errors";
import type { ErrorData } from "../contract/errors";
import {
  asErrorData,
  exitNotification,
  logNotification,
  pingRequest,
  progressNotification,
  readyNotification,
} from "./messages";
import type { LogLevel, LogMessage, ProgressMessage } from "./messages";

export interface ChildOptions {
  /** The program to start. */
  file: string;
  args?: string[];
  /** Added to this process's environment. */
  env?: Record<string, string>;
  execArgv?: string[];
  /** Milliseconds to wait for: the first sign of life, an answer to a ping, an orderly end. */
  startMs?: number;
  pingEveryMs?: number;
  silenceMs?: number;
  grace?: number;
}

const defaults = { startMs: 30_000, pingEveryMs: 5_000, silenceMs: 60_000, grace: 3_000 };

interface Call {
  onProgress: ((value: unknown) => void) | undefined;
  reject: (error: VitrineError) => void;
}

const keptLines = 12;

/** One life of a process at the other end of a boundary. */
export class Child {
  private readonly calls = new Map<number, Call>();
  private nextCall = 1;
  private heartbeat: NodeJS.Timeout | undefined;
  private readonly tail: string[] = [];
  private end: ErrorData | undefined;
  private asked = false;
  /** Why we ended it ourselves. */
  private reason: string | undefined;
  private readonly gone: Promise<void>;

  /** Starts the program and waits until it says that it is ready. Throws `engineDied` or `timeout`. */
  static async start(
    options: ChildOptions,
    log: (level: LogLevel, message: string) => void,
    onEnd: (why: ErrorData) => void,
  ): Promise<Child> {
    const { file, args = [], env = {}, execArgv = [] } = options;
    const process_ = fork(file, args, {
      serialization: "advanced",
      execArgv,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Inside VS Code this program is Electron, which runs as Node only when told so.
      env: { ...process.env, ...(process.versions["electron"] ? { ELECTRON_RUN_AS_NODE: "1" } : {}), ...env },
    });
    const child = new Child(process_, { ...defaults, ...dropUndefined(options) }, log, onEnd);
    await child.ready();
    return child;
  }

  private readonly connection: MessageConnection;
  private becomeReady: () => void = () => undefined;
  private failReady: (error: VitrineError) => void = () => undefined;
  private readonly readiness: Promise<void>;

  private constructor(
    private readonly process: ChildProcess,
    private readonly times: typeof defaults,
    private readonly log: (level: LogLevel, message: string) => void,
    onEnd: (why: ErrorData) => void,
  ) {
    this.readiness = new Promise((resolve, reject) => {
      this.becomeReady = resolve;
      this.failReady = reject;
    });
    // Whoever waits sees the failure; nobody may be waiting.
    this.readiness.catch(() => undefined);
    this.connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process), {
      error: (message) => log("error", message),
      warn: (message) => log("warn", message),
      info: (message) => log("info", message),
      log: (message) => log("debug", message),
    });
    this.connection.onNotification(readyNotification, () => this.becomeReady());
    this.connection.onNotification(logNotification, ({ level, message }: LogMessage) => log(level, message));
    this.connection.onNotification(progressNotification, ({ progress, value }: ProgressMessage) =>
      this.calls.get(progress)?.onProgress?.(value),
    );
    this.connection.listen();
    this.listen("stdout", "info");
    this.listen("stderr", "warn");
    this.gone = new Promise((resolve) => {
      const over = (why: string): void => {
        resolve();
        this.finish(why, onEnd);
      };
      process.on("error", (error) => over(`it could not be started (${error.message})`));
      process.on("exit", (code, signal) =>
        over(this.reason ?? (signal ? `it was ended by ${signal}` : `it ended with status ${code}`)),
      );
    });
  }

  private async ready(): Promise<void> {
    const timer = setTimeout(() => {
      this.reason = `it did not start within ${this.times.startMs / 1000} seconds`;
      this.kill();
    }, this.times.startMs);
    try {
      await this.readiness;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks a method. A call that is cancelled waits for the other side's answer, which may bring what was done so far. */
  async call(
    method: string,
    params: unknown,
    options: { signal?: AbortSignal; onProgress?: (value: unknown) => void },
  ): Promise<unknown> {
    if (this.end) throw new VitrineError(this.end);
    const id = this.nextCall++;
    const cancel = new CancellationTokenSource();
    const onAbort = (): void => cancel.cancel();
    options.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        this.calls.set(id, { onProgress: options.onProgress, reject });
        this.watch();
        this.connection
          .sendRequest(method, { params, progress: id }, cancel.token)
          .then(resolve, (error: unknown) => reject(this.typed(error)));
        if (options.signal?.aborted) cancel.cancel();
      });
    } finally {
      options.signal?.removeEventListener("abort", onAbort);
      cancel.dispose();
      this.calls.delete(id);
      if (this.calls.size === 0) this.unwatch();
    }
  }

  private typed(error: unknown): VitrineError {
    if (error instanceof VitrineError) return error;
    if (error instanceof ResponseError) {
      const data = asErrorData(error.data);
      if (data) return new VitrineError(data);
    }
    if (this.end) return new VitrineError(this.end);
    const message = error instanceof Error ? error.message : String(error);
    return new VitrineError({ code: "internal", message }, error);
  }

  /** Pings while something is asked, so that a process that hangs is noticed. */
  private watch(): void {
    if (this.heartbeat) return;
    const { pingEveryMs, silenceMs } = this.times;
    let heard = performance.now();
    let asked = false;
    this.heartbeat = setInterval(() => {
      if (performance.now() - heard > silenceMs) {
        this.reason = `it did not answer for ${Math.round(silenceMs / 1000)} seconds`;
        this.kill();
        return;
      }
      if (asked) return;
      asked = true;
      this.connection.sendRequest(pingRequest).then(
        () => {
          heard = performance.now();
          asked = false;
        },
        () => undefined, // the connection is gone: the exit says why
      );
    }, pingEveryMs);
    this.heartbeat.unref();
  }

  private unwatch(): void {
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
  }

  private finish(why: string, onEnd: (error: ErrorData) => void): void {
    if (this.end) return;
    this.unwatch();
    const lastWords = this.tail.join("\n");
    this.end = {
      code: "engineDied",
      message: `The process ended while it was needed: ${why}.`,
      remedy: "Try again; it is started anew.",
      details: lastWords === "" ? { why } : { why, lastWords },
    };
    const error = new VitrineError(this.end);
    for (const { reject } of this.calls.values()) reject(error);
    this.failReady(error);
    this.connection.dispose();
    if (!this.asked) onEnd(this.end);
  }

  private listen(name: "stdout" | "stderr", level: LogLevel): void {
    const stream = this.process[name];
    if (!stream) fail("internal", `The child has no ${name}.`);
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = (lines.pop() ?? "").slice(-10_000);
      for (const line of lines.filter((each) => each.trim() !== "")) {
        this.tail.push(line);
        if (this.tail.length > keptLines) this.tail.shift();
        this.log(level, line);
      }
    });
  }

  /** Asks for an orderly end, and ends it by force when that takes too long. */
  async stop(): Promise<void> {
    this.asked = true;
    if (this.end) return;
    void this.connection.sendNotification(exitNotification).catch(() => this.kill());
    const timer = setTimeout(() => this.kill(), this.times.grace);
    await this.gone;
    clearTimeout(timer);
  }

  kill(): void {
    this.process.kill("SIGKILL");
  }
}

function dropUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>;
}
