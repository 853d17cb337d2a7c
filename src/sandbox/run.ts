import type {
  QuickJSContext,
  QuickJSDeferredPromise,
  QuickJSHandle,
  QuickJSRuntime,
  QuickJSWASMModule,
} from "quickjs-emscripten-core";
import { fail, type ErrorData } from "../contract/errors";
import type { Json } from "../contract/json";
import type { HostCall, HostFunction, SandboxLimits } from "../contract/sandbox";
import { prelude } from "./prelude";

export interface WorldOptions {
  run: string;
  /** JavaScript: the types are stripped already. */
  code: string;
  functions: HostFunction[];
  limits: SandboxLimits;
  deterministic: boolean;
  signal: AbortSignal;
  /** Passes a call of the host on; the answer comes through `answer`. */
  onHostCall: (call: HostCall) => void;
}

/** One world: a run of strangers' code from its first line to its result. Used once. */
export class World {
  readonly logs: string[] = [];
  private readonly runtime: QuickJSRuntime;
  private readonly context: QuickJSContext;
  private readonly waiting = new Map<number, QuickJSDeferredPromise>();
  private readonly begun = performance.now();
  private calls = 0;
  private logged = 0;
  private used = 0;
  private entered = 0;
  private interrupted = false;
  private over = false;
  private wake: () => void = () => undefined;

  constructor(
    module: QuickJSWASMModule,
    private readonly options: WorldOptions,
  ) {
    const { memory, stack } = options.limits;
    this.runtime = module.newRuntime();
    this.runtime.setMemoryLimit(memory);
    this.runtime.setMaxStackSize(stack);
    this.runtime.setInterruptHandler(() => this.outOfTime());
    this.runtime.setModuleLoader((name) => {
      throw new Error(
        `Imports are not available here (${name.slice(0, 80)}). Everything a tool needs is handed to run.`,
      );
    });
    this.context = this.runtime.newContext();
  }

  /** Milliseconds of the code's own running. */
  get usedMs(): number {
    return this.used;
  }

  /** Calls an exported function with a JSON argument and gives its result's JSON. */
  async call(entry: string, argument: Json): Promise<Json> {
    const { tools, exports } = await this.load();
    const { context } = this;
    const target = context.getProp(exports, entry);
    if (context.typeof(target) !== "function") fail("badArgument", `The file exports no function ${entry}.`);
    const given = context.newString(JSON.stringify(argument));
    const made = this.inside(() =>
      context.callFunction(context.getProp(tools, "call"), context.undefined, target, given),
    );
    const value = await this.settled(made);
    return this.json(tools, "toJson", value);
  }

  /** What the module exports, as plain data, and the names of its functions. */
  async describe(): Promise<{ values: Record<string, Json>; functions: string[] }> {
    const { tools, exports } = await this.load();
    const described = this.json(tools, "describe", exports) as { values: Record<string, Json>; functions: string[] };
    return described;
  }

  /** The host's answer to a call. Late ones are let go. */
  answer(call: number, value: Json | undefined, error: ErrorData | undefined): void {
    const promise = this.waiting.get(call);
    if (!promise || this.over) return;
    this.waiting.delete(call);
    const { context } = this;
    if (error) promise.reject(context.newError(error.message));
    else promise.resolve(context.newString(JSON.stringify(value ?? null)));
    this.wake();
  }

  /** After this nothing of the world runs any more. Its memory goes with the instance. */
  end(): void {
    this.over = true;
    this.waiting.clear();
    this.wake();
  }

  private async load(): Promise<{ tools: QuickJSHandle; exports: QuickJSHandle }> {
    const { context } = this;
    this.define("__log", (text) => {
      this.log(context.getString(text));
      return context.undefined;
    });
    this.define("__host", (name, args) =>
      this.hostCall(context.getString(name) as HostFunction, context.getString(args)),
    );
    context.setProp(context.global, "__names", context.newString(JSON.stringify(this.options.functions)));
    context.setProp(context.global, "__fixed", this.options.deterministic ? context.true : context.false);
    const tools = this.inside(() => context.evalCode(prelude, "vitrine"));
    const made = this.inside(() => context.evalCode(this.options.code, "tool.ts", { type: "module" }));
    const exports = await this.settled(made);
    return { tools, exports };
  }

  private define(name: string, implementation: (...args: QuickJSHandle[]) => QuickJSHandle): void {
    this.context.setProp(this.context.global, name, this.context.newFunction(name, implementation));
  }

  private hostCall(name: HostFunction, args: string): QuickJSHandle {
    const { context, options } = this;
    const call = ++this.calls;
    const promise = context.newPromise();
    if (!options.functions.includes(name)) promise.reject(context.newError(`${name} was not handed to this code.`));
    else if (call > options.limits.calls)
      promise.reject(context.newError(`More than ${options.limits.calls} calls of the host.`));
    else if (args.length > options.limits.output)
      promise.reject(context.newError("The arguments of a call of the host are too large."));
    else {
      this.waiting.set(call, promise);
      options.onHostCall({ run: options.run, call, name, arguments: JSON.parse(args) as Json[] });
    }
    return promise.handle;
  }

  private log(text: string): void {
    const room = this.options.limits.output - this.logged;
    if (room <= 0) return;
    this.logged += text.length;
    this.logs.push(text.length > room ? `${text.slice(0, room)}…` : text);
  }

  /** Runs a step within the world; an error in it becomes ours. */
  private inside(step: () => ReturnType<QuickJSContext["evalCode"]>): QuickJSHandle {
    const result = this.timed(step);
    if (result.error) this.broken(result.error);
    return result.value;
  }

  /** Runs a step of the world on the code's own time. A fault of the machine itself ends this world and no other. */
  private timed<T>(step: () => T): T {
    this.entered = performance.now();
    try {
      return step();
    } catch (error) {
      if (this.interrupted) this.timedOut();
      const fault = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
      if (fault) fail("tooLarge", "The code calls itself too deep or takes too much memory.", { cause: error });
      throw error;
    } finally {
      this.used += performance.now() - this.entered;
      this.entered = 0;
    }
  }

  /** Waits for a promise of the world, running its jobs and waiting for the host's answers. */
  private async settled(handle: QuickJSHandle): Promise<QuickJSHandle> {
    const { context, options } = this;
    for (;;) {
      this.jobs();
      const state = context.getPromiseState(handle);
      if (state.type === "fulfilled") return state.value;
      if (state.type === "rejected") this.broken(state.error);
      if (this.waiting.size === 0) fail("badReply", "The code waits for something that never comes.");
      const left = options.limits.wallMs - (performance.now() - this.begun);
      await this.next(left);
      if (options.signal.aborted) fail("cancelled", "Cancelled.");
      if (performance.now() - this.begun >= options.limits.wallMs)
        fail("timeout", `The code was not done after ${options.limits.wallMs} ms.`);
    }
  }

  private next(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.options.signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, ms));
      this.options.signal.addEventListener("abort", done, { once: true });
      this.wake = done;
      if (this.options.signal.aborted) done();
    });
  }

  private jobs(): void {
    const result = this.timed(() => this.runtime.executePendingJobs());
    if (result.error) this.broken(result.error);
    if (this.interrupted) this.timedOut();
  }

  private json(tools: QuickJSHandle, name: "toJson" | "describe", value: QuickJSHandle): Json {
    const { context, options } = this;
    const text = context.getString(
      this.inside(() => context.callFunction(context.getProp(tools, name), context.undefined, value)),
    );
    if (text.length > options.limits.output)
      fail("tooLarge", `The result is ${text.length} characters long, at most ${options.limits.output} are taken.`);
    return JSON.parse(text) as Json;
  }

  private outOfTime(): boolean {
    const used = this.used + (this.entered === 0 ? 0 : performance.now() - this.entered);
    if (this.over || used > this.options.limits.timeMs) this.interrupted = true;
    return this.interrupted;
  }

  private timedOut(): never {
    fail("timeout", `The code ran longer than ${this.options.limits.timeMs} ms.`);
  }

  private broken(error: QuickJSHandle): never {
    if (this.interrupted) this.timedOut();
    const { message, place } = this.sentence(error);
    if (/out of memory/.test(message))
      fail("tooLarge", `The code took more than ${Math.round(this.options.limits.memory / 1024 / 1024)} MB of memory.`);
    if (/stack overflow|Maximum call stack/.test(message)) fail("tooLarge", "The code calls itself too deep.");
    fail("badReply", place ? `${message} (line ${place})` : message, {
      details: { ...(place ? { line: place } : {}) },
    });
  }

  /** The error's own words, read as plain texts: whatever was thrown, nothing of it is called again. */
  private sentence(error: QuickJSHandle): { message: string; place?: number } {
    const { context } = this;
    // A getter of the thrown thing may run: it has the time of a run of its own, and no more.
    this.used = 0;
    this.entered = performance.now();
    const text = (key: string): string => {
      if (context.typeof(error) !== "object") return "";
      const value = context.getProp(error, key);
      return context.typeof(value) === "string" ? context.getString(value) : "";
    };
    const plain = ["string", "number", "boolean"].includes(context.typeof(error)) ? String(context.dump(error)) : "";
    const [name, message] = [text("name"), text("message")];
    const line = /tool\.ts:(\d+)/.exec(text("stack"))?.[1];
    const said =
      plain ||
      (message
        ? name && name !== "Error" && name !== "InternalError"
          ? `${name}: ${message}`
          : message
        : "The code failed without a word.");
    return { message: said.slice(0, 1_000), ...(line === undefined ? {} : { place: Number(line) }) };
  }
}
