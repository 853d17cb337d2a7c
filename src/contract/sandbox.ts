import type { ErrorData } from "./errors";
import type { Json } from "./json";
import type { Method } from "./method";

/** What a run may take. Times in milliseconds of the code's own running, waiting for the host left out. */
export interface SandboxLimits {
  timeMs: number;
  /** Bytes of the code's heap. */
  memory: number;
  /** Bytes of its stack. */
  stack: number;
  /** Bytes of the result as JSON, and of everything it logs. */
  output: number;
  /** Calls of the host. */
  calls: number;
  /** From beginning to end, waiting included. */
  wallMs: number;
}

export const defaultLimits: SandboxLimits = {
  timeMs: 2_000,
  memory: 64 * 1024 * 1024,
  stack: 256 * 1024,
  output: 256 * 1024,
  calls: 64,
  wallMs: 30_000,
};

/** The functions of the host that code may be handed. Nothing else exists for it. */
export type HostFunction = "files.read" | "files.list" | "files.write" | "fetch" | "model.ask";

export interface SandboxRunParams {
  /** Chosen by the caller; names the run in `answer`. */
  run: string;
  /** The tool file's TypeScript. */
  source: string;
  /** The exported function that is called. */
  entry: string;
  /** Its first argument; the second is the host's functions. */
  argument: Json;
  functions: HostFunction[];
  limits: SandboxLimits;
  /** Changes the result after the code made it, for the mutation check. */
  mutate?: boolean;
  /** What `Math.random` and the clock give are fixed. */
  deterministic?: boolean;
}

export interface SandboxResult {
  value: Json;
  logs: string[];
  /** Milliseconds: until the code could begin, and of the code itself. */
  startMs: number;
  runMs: number;
}

/** What running code asks of the host, answered with `answer`. */
export interface HostCall {
  run: string;
  call: number;
  name: HostFunction;
  arguments: Json[];
}

/** The boundary between whoever runs strangers' code and the process that holds it. */
export interface SandboxMethods {
  /** Runs one call in a fresh world. A failure of the code is `badReply`, a limit is `timeout` or `tooLarge`. */
  run: Method<SandboxRunParams, SandboxResult, HostCall>;
  /** The host's answer to a `HostCall`. */
  answer: Method<{ run: string; call: number; value?: Json; error?: ErrorData }, null>;
  /** Reads what a module exports as plain data, its functions by name, with no host function at hand. */
  describe: Method<
    { source: string; limits: SandboxLimits },
    { exports: { [name: string]: Json }; functions: string[]; strippedBytes: number }
  >;
  ping: Method<object, { uptimeMs: number; runs: number }>;
}
