import { fork, type ChildProcess } from "node:child_process";
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { logType, pingMethod, readyType, shutdownType, type LogLevel } from "./protocol";

export interface ChildOptions {
  /** The module that is started. */
  file: string;
  args?: string[];
  env?: Record<string, string>;
  /** Node's own arguments, such as a heap limit. */
  execArgv?: string[];
  log(level: LogLevel, message: string): void;
  ready(): void;
  /** Called once, however the process ended. */
  ended(how: Ended): void;
  /** How long a child may leave a ping unanswered, and the time between pings. Milliseconds. */
  heartbeat?: { every: number; patience: number };
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines it wrote to stderr: where a native assert says what failed. */
  lastWords: string;
  /** It was ended because it did not answer. */
  hung: boolean;
}

const defaultHeartbeat = { every: 5_000, patience: 60_000 };
/** Milliseconds to the first sign of life. */
const startPatience = 60_000;
const keptLines = 12;
const lastWordsWait = 300;

/** One life of a child process, with the connection to it. */
export class Child {
  readonly connection: MessageConnection;
  private readonly process: ChildProcess;
  private readonly lines: string[] = [];
  private readonly over: Promise<void>;
  private beating: NodeJS.Timeout | undefined;
  private readonly beginning: NodeJS.Timeout;
  private hung = false;

  constructor(options: ChildOptions) {
    this.process = fork(options.file, options.args ?? [], {
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      execArgv: options.execArgv ?? [],
      env: childEnvironment(options.env),
    });
    this.connection = createMessageConnection(new IPCMessageReader(this.process), new IPCMessageWriter(this.process));
    this.connection.onNotification(logType, ({ level, message }) => options.log(level, message));
    this.connection.onNotification(readyType, () => {
      // A slow start is no silence: what has not begun cannot answer.
      this.beat(options.heartbeat ?? defaultHeartbeat, options.log);
      options.ready();
    });
    this.connection.onError(([error]) => options.log("warn", `wire: ${error.message}`));
    // Nothing of ours prints; what does come is a library's.
    readLines(this.process.stdout, (line) => options.log("debug", line));
    readLines(this.process.stderr, (line) => {
      this.lines.push(line);
      if (this.lines.length > keptLines) this.lines.shift();
      options.log("debug", line);
    });
    this.over = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        clearInterval(this.beating);
        clearTimeout(this.beginning);
        this.connection.dispose();
        options.ended({ code, signal, lastWords: this.lines.join("\n"), hung: this.hung });
        resolve();
      };
      // Its last words may still be in the pipe when it has ended; a grandchild may hold the pipe open for good.
      this.process.once("exit", (code, signal) => {
        const late = setTimeout(() => finish(), lastWordsWait);
        const finish = once(() => {
          clearTimeout(late);
          end(code, signal);
        });
        this.process.once("close", finish);
      });
      this.process.once("error", (error) => {
        this.lines.push(error.message);
        // A process that never started has no exit event.
        if (this.process.pid === undefined) end(null, null);
      });
    });
    this.connection.listen();
    this.beginning = setTimeout(() => {
      options.log("error", `no sign of life within ${Math.round(startPatience / 1000)} s`);
      this.hung = true;
      this.kill();
    }, startPatience);
    this.beginning.unref();
  }

  /** Asks it to end, and ends it if it has not after `grace` milliseconds. */
  async stop(grace: number): Promise<void> {
    clearInterval(this.beating);
    if (this.process.connected) await this.connection.sendNotification(shutdownType, null).catch(() => this.kill());
    const timer = setTimeout(() => this.kill(), grace);
    await this.over;
    clearTimeout(timer);
  }

  kill(): void {
    this.process.kill("SIGKILL");
  }

  /** Begins to ask, from the first sign of life on. */
  private beat({ every, patience }: { every: number; patience: number }, log: ChildOptions["log"]): void {
    clearTimeout(this.beginning);
    let waiting = 0;
    this.beating = setInterval(() => {
      // Beats are counted, not the clock: a machine that slept has not waited.
      if (waiting > 0) waiting += every;
      if (waiting > patience) {
        log("error", `no answer for ${Math.round(patience / 1000)} s`);
        this.hung = true;
        this.kill();
        return;
      }
      if (waiting === 0) {
        waiting = 1;
        this.connection.sendRequest(pingMethod, null).then(
          () => (waiting = 0),
          () => undefined, // the connection closed: `exit` tells the rest
        );
      }
    }, every);
    this.beating.unref();
  }
}

/** The parent's environment without what would change how Node starts; Electron is told to behave as Node. */
function childEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_PATH: _path, ...rest } = process.env;
  return { ...rest, ELECTRON_RUN_AS_NODE: "1", ...extra };
}

function once(action: () => void): () => void {
  let called = false;
  return () => {
    if (called) return;
    called = true;
    action();
  };
}

function readLines(stream: NodeJS.ReadableStream | null, take: (line: string) => void): void {
  let rest = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk: string) => {
    const parts = (rest + chunk).split(/\r?\n/);
    rest = (parts.pop() ?? "").slice(-4096);
    for (const line of parts) if (line.trim()) take(line);
  });
}
