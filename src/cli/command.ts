import type { Caller } from "../contract/method";
import type { EngineMethods } from "../contract/engine";
import type { ModelInfo } from "../contract/model";

/** Options of one command, in the words of `node:util`'s parseArgs, with a line of help each. */
export type OptionSpecs = Record<
  string,
  { type: "string" | "boolean"; multiple?: boolean; help: string; value?: string }
>;

/** Values after parsing: a string, several, or a flag. */
export type OptionValues = Record<string, string | boolean | (string | boolean)[] | undefined>;

/** What a command is given. */
export interface CommandContext {
  positionals: string[];
  options: Options;
  /** Starts the engine on first use, with the model of `--model` loaded. */
  engine(): Promise<LoadedEngine>;
  /** Starts the engine with no model. */
  bareEngine(): Promise<Caller<EngineMethods>>;
  /** Ends when the person interrupts. */
  signal: AbortSignal;
  /** One line of progress on stderr; `total` gives an ETA. */
  progress(done: number, total: number, message?: string): void;
  /** Writes one value of a stream at once, as a JSON line. */
  line(value: unknown): void;
}

export interface LoadedEngine {
  caller: Caller<EngineMethods>;
  info: ModelInfo;
}

export interface Command {
  name: string;
  summary: string;
  /** What follows the name in the help, e.g. `TOKEN | --expression E`. */
  usage: string;
  options: OptionSpecs;
  /** Gives the result (printed as one document), or nothing where lines were written. */
  run(context: CommandContext): Promise<unknown>;
  /** The result for people, in a terminal. JSON is printed where a command has none. */
  table?(result: never): string;
}

/** A wrong call: exit status 2. */
export class UsageError extends Error {}

/** Typed access to parsed options; every getter throws `UsageError` with the option's name. */
export class Options {
  constructor(readonly values: OptionValues) {}

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === "string" ? value : undefined;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`--${name} is missing`);
    return value;
  }

  list(name: string): string[] {
    const value = this.values[name];
    return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string");
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const parsed = Number(value);
    if (value.trim() === "" || !Number.isFinite(parsed))
      throw new UsageError(`--${name} takes a number, not '${value}'`);
    return parsed;
  }

  integer(name: string): number | undefined {
    const value = this.number(name);
    if (value !== undefined && !Number.isInteger(value)) {
      throw new UsageError(`--${name} takes a whole number, not '${value}'`);
    }
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice === value);
    if (!found) throw new UsageError(`--${name} is one of ${choices.join(", ")}, not '${value}'`);
    return found;
  }
}
