import path from "node:path";
import type { Caller } from "../contract/method";
import type { EngineMethods } from "../contract/engine";
import { UsageError, type CommandContext, type LoadedEngine, type Options, type OptionSpecs } from "./command";
import { startEngine, type RunningEngine } from "./engine";
import { specimenFile } from "./folders";
import { toJson } from "./output";
import { progressReporter } from "./progress";

/** Options of every command. */
export const commonOptions: OptionSpecs = {
  model: { type: "string", help: "a GGUF file, or specimen (the default)", value: "FILE" },
  gpu: { type: "string", help: "auto (the default) or off", value: "auto|off" },
  threads: { type: "string", help: "chosen by model size and free cores when absent", value: "N" },
  context: { type: "string", help: "tokens of context", value: "N" },
  seed: { type: "string", help: "for sampling", value: "N" },
  workspace: { type: "string", help: "the folder worked on (the current one)", value: "DIR" },
  json: { type: "boolean", help: "JSON in a terminal too" },
};

/** What a command is given, and what must be let go after it. */
export function commandContext(positionals: string[], options: Options) {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const reporter = progressReporter(process.stderr);
  let engine: Promise<RunningEngine> | undefined;
  let loaded: Promise<LoadedEngine> | undefined;

  const running = () => (engine ??= startEngine());
  const context: CommandContext = {
    positionals,
    options,
    signal: interrupt.signal,
    progress: (done, total, message) => reporter.report(done, total, message),
    line(value) {
      reporter.end();
      process.stdout.write(`${toJson(value)}\n`);
    },
    async bareEngine(): Promise<Caller<EngineMethods>> {
      return (await running()).caller;
    },
    engine() {
      loaded ??= (async () => {
        const params = loadParams(options);
        const { caller } = await running();
        const info = await caller.call("load", params, {
          signal: interrupt.signal,
          onProgress: ({ fraction }) => reporter.report(fraction, 1, "loading the model"),
        });
        reporter.end();
        return { caller, info };
      })();
      return loaded;
    },
  };
  return Object.assign(context, {
    endProgress: () => reporter.end(),
    async dispose() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
      await engine?.then(
        (started) => started.dispose(),
        () => undefined, // it never started: the command has said so
      );
    },
  });
}

function loadParams(options: Options) {
  const model = options.text("model") ?? "specimen";
  const [context, threads] = [positive(options, "context"), positive(options, "threads")];
  return {
    file: model === "specimen" ? specimenFile() : path.resolve(model),
    gpu: options.choice("gpu", ["auto", "off"]) ?? ("auto" as const),
    ...(context === undefined ? {} : { context }),
    ...(threads === undefined ? {} : { threads }),
  };
}

function positive(options: Options, name: string): number | undefined {
  const value = options.integer(name);
  if (value !== undefined && value < 1) throw new UsageError(`--${name} must be at least 1`);
  return value;
}
