import type { Command, OptionSpecs } from "./command";
import { commonOptions } from "./context";

export function generalHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `vitrine: a local model in a glass case\n\nusage: vitrine COMMAND [options]\n\n${lines.join("\n")}\n\n'vitrine help COMMAND' tells more.\n`;
}

export function commandHelp(command: Command): string {
  const own = optionLines(command.options);
  const common = optionLines(commonOptions);
  return [
    `vitrine ${command.name} ${command.usage}`.trimEnd(),
    `  ${command.summary}`,
    ...(own ? ["", own] : []),
    "",
    "everywhere:",
    common,
    "",
  ].join("\n");
}

function optionLines(options: OptionSpecs): string {
  return Object.entries(options)
    .map(([name, { value, help }]) => `  ${`--${name}${value ? ` ${value}` : ""}`.padEnd(26)}  ${help}`)
    .join("\n");
}
