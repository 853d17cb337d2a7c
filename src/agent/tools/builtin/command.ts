import { fail } from "../../../contract/errors";
import type { CommandPort } from "../../../contract/tool";
import { cleanText, hidesSomething } from "../output";
import { textArgument, type Tool } from "../tool";
import { builtinSpec } from "./spec";

export interface CommandOptions {
  timeoutMs?: number;
  /** Bytes of output kept. */
  limit?: number;
}

/** Runs a command line as approved, in a folder and environment that the model does not choose. */
export function commandTool(port: CommandPort, { timeoutMs = 120_000, limit = 200_000 }: CommandOptions = {}): Tool {
  return {
    ...builtinSpec("run_command"),
    source: "builtin",
    effects: ["execute"],
    prepare: (args, { signal }) => {
      const command = textArgument(args, "command").trim();
      if (command === "") fail("badArgument", "The command is empty.");
      if (command.length > 4_000)
        fail("badArgument", "The command is too long.", { remedy: "Write a script file and run it." });
      // What a person approves must be what they see.
      if (hidesSomething(command)) fail("notAllowed", "The command holds characters that would not be seen.");
      return Promise.resolve({
        effects: ["execute", "irreversible"],
        target: { kind: "command", command, folder: port.folder },
        summary: `Run \`${command}\` in ${port.folder}`,
        reversal: "no",
        act: async () => {
          const result = await port.run(command, { timeoutMs, limit, signal });
          const dropped = result.dropped > 0 ? `\n[${result.dropped} bytes of output left out]` : "";
          const output = cleanText(result.output) + dropped;
          const end = result.timedOut
            ? `It was ended after ${timeoutMs / 1000} seconds.`
            : result.exit === null
              ? "It was ended by a signal."
              : `Exit status ${result.exit}.`;
          return {
            text: output.trim() === "" ? `${end} No output.` : `${output.trimEnd()}\n${end}`,
            failed: result.exit !== 0,
            taint: "command",
          };
        },
      });
    },
  };
}
