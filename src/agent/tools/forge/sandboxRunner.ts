import { randomUUID } from "node:crypto";
import { errorData, fail, type ErrorData } from "../../../contract/errors";
import type { Json } from "../../../contract/json";
import type { Caller } from "../../../contract/method";
import {
  defaultLimits,
  type HostCall,
  type HostFunction,
  type SandboxLimits,
  type SandboxMethods,
  type SandboxResult,
} from "../../../contract/sandbox";

/** The sandbox's process as the agent holds it. */
export interface SandboxPort extends Caller<SandboxMethods> {
  /** Ends the process; the next call starts a new one. For code that stops answering altogether. */
  restart(): Promise<void>;
}

export interface SandboxJob {
  source: string;
  argument: Json;
  functions: HostFunction[];
  limits?: Partial<SandboxLimits>;
  mutate?: boolean;
  deterministic?: boolean;
  signal: AbortSignal;
  /** Answers a call of the host; its failures reach the code as errors. */
  host?: (name: HostFunction, args: Json[]) => Promise<Json>;
}

/** Milliseconds beyond its own limit after which the process is taken to be lost. */
const grace = 3_000;

/** Runs jobs in the sandbox, answers their calls, and never waits for ever: what does not end is ended with its process. */
export class SandboxRunner {
  constructor(private readonly sandbox: SandboxPort) {}

  async run(job: SandboxJob): Promise<SandboxResult> {
    const run = randomUUID();
    const limits = { ...defaultLimits, ...job.limits };
    const answered = new AbortController();
    const onProgress = (call: HostCall): void => void this.answer(job, run, call, answered.signal);
    const { source, argument, functions, mutate, deterministic, signal } = job;
    const params = {
      run,
      source,
      entry: "run",
      argument,
      functions,
      limits,
      ...(mutate ? { mutate } : {}),
      ...(deterministic ? { deterministic } : {}),
    };
    try {
      return await this.bounded(this.sandbox.call("run", params, { signal, onProgress }), limits.wallMs + grace);
    } finally {
      answered.abort();
    }
  }

  async describe(source: string, signal: AbortSignal): Promise<{ exports: Record<string, Json>; functions: string[] }> {
    const limits = { ...defaultLimits, timeMs: 1_000, wallMs: 2_000 };
    return this.bounded(this.sandbox.call("describe", { source, limits }, { signal }), limits.wallMs + grace);
  }

  private async bounded<T>(answer: Promise<T>, ms: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), ms)));
    try {
      const first = await Promise.race([answer, late]);
      if (first !== "late") return first;
      answer.catch(() => undefined);
      await this.sandbox.restart();
      fail("timeout", "The code did not end and its process was ended.");
    } finally {
      clearTimeout(timer);
    }
  }

  private async answer(job: SandboxJob, run: string, call: HostCall, over: AbortSignal): Promise<void> {
    let value: Json | undefined;
    let error: ErrorData | undefined;
    try {
      // The process says which function it wants: what was not handed in is not answered, whatever it says.
      if (!job.host || !job.functions.includes(call.name))
        fail("notAllowed", `${call.name} was not handed to this tool.`);
      value = await job.host(call.name, call.arguments);
    } catch (thrown) {
      error = errorData(thrown);
    }
    if (over.aborted) return;
    const params = {
      run,
      call: call.call,
      ...(value === undefined ? {} : { value }),
      ...(error === undefined ? {} : { error }),
    };
    // When the process is gone meanwhile, the run itself fails and tells why.
    await this.sandbox.call("answer", params).catch(() => undefined);
  }
}
