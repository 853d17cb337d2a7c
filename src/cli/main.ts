import { parseArgs } from "node:util";
import { fail } from "../contract/errors";
import { commands } from "./commands";
import { Options, UsageError, type Command, type OptionSpecs } from "./command";
import { commandContext, commonOptions } from "./context";
import { commandHelp, generalHelp } from "./help";
import { errorLine, exitDone, exitUsage, toJson } from "./output";

/** Runs one call of the program and gives its exit status. */
export async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    const asked = commands.find((command) => command.name === rest[0]);
    process.stdout.write(asked ? commandHelp(asked) : generalHelp(commands));
    return name === undefined ? exitUsage : exitDone;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) return report(new UsageError(`there is no command '${name}'`));
  if (rest.includes("--help")) {
    process.stdout.write(commandHelp(command));
    return exitDone;
  }
  return runCommand(command, rest);
}

async function runCommand(command: Command, argv: string[]): Promise<number> {
  let call: { options: Options; positionals: string[] };
  try {
    call = parse(command, argv);
  } catch (error) {
    return report(error);
  }
  const context = commandContext(call.positionals, call.options);
  try {
    const result = await command.run(context);
    context.endProgress();
    // What an interrupted verb still gave is only a part: it is not passed off as the result.
    if (context.signal.aborted) fail("cancelled", "Cancelled.");
    if (result !== undefined) await print(command, result, call.options.flag("json"));
    return exitDone;
  } catch (error) {
    context.endProgress();
    return report(error);
  } finally {
    await context.dispose();
  }
}

function parse(command: Command, argv: string[]) {
  const specs: OptionSpecs = { ...commonOptions, ...command.options };
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, multiple }]) => [name, { type, ...(multiple ? { multiple } : {}) }]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: joinNegatives(argv, specs),
      options,
      allowPositionals: true,
      strict: true,
    });
    return { options: new Options(values), positionals };
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ")[0] ?? "bad options");
  }
}

/** `--position -1` means what it says: parseArgs would take `-1` for an option. */
function joinNegatives(argv: string[], specs: OptionSpecs): string[] {
  const joined: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const [item, next] = [argv[index] as string, argv[index + 1]];
    const takesValue = item.startsWith("--") && specs[item.slice(2)]?.type === "string";
    if (takesValue && next !== undefined && next.startsWith("-")) {
      joined.push(`${item}=${next}`);
      index++;
    } else {
      joined.push(item);
    }
  }
  return joined;
}

async function print(command: Command, result: unknown, json: boolean): Promise<void> {
  const forPeople = process.stdout.isTTY && !json;
  const text = forPeople ? (command.table?.(result as never) ?? toJson(result, 2)) : toJson(result);
  // Waits for the pipe: a long document must not be cut off by the exit.
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve()));
  });
}

function report(error: unknown): number {
  const { line, status } = errorLine(error);
  process.stderr.write(`${line}\n`);
  return status;
}

// A reader that went away (`| head`) is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? exitDone : 1));

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
