import { fail } from "../../../contract/errors";
import { unifiedDiff } from "../diff";
import { builtinSpec } from "../builtin/spec";
import { pure, textArgument, type Tool } from "../tool";
import type { Forge } from "./forge";
import { approvalSummary } from "./forgedTool";
import { failureOf } from "./maker";

/**
 * Lets the agent make a tool. The draft is made and checked first; what a person then approves is its very text, and only
 * their yes offers it.
 */
export function makeTool(forge: Forge, keep: (run: string, names: string[]) => void): Tool {
  return {
    ...builtinSpec("make_tool"),
    source: "builtin",
    effects: ["write"],
    prepare: async (args, { run, signal }) => {
      const request = textArgument(args, "request").trim();
      if (request === "") fail("badArgument", "Say what the tool should do.");
      const { forged, existing } = await forge.make(request, signal);
      const { name, path, hash, source, report } = forged;
      if (existing) {
        keep(run, [name]);
        return pure(`Use ${name}`, () =>
          Promise.resolve({
            text: `The tool ${name} does this already: ${report.file?.manifest.description ?? ""} Call it.`,
          }),
        );
      }
      if (!report.ok || !report.file)
        fail("badReply", `The tool ${name} was drafted in ${path} but does not pass its checks: ${failureOf(report)}`);
      const { file } = report;
      return {
        effects: ["write"],
        target: { kind: "code", file: path, hash },
        summary: approvalSummary(file),
        diff: unifiedDiff("", source, path),
        mustAsk: "A new tool is offered only after you have seen its code.",
        reversal: "checkpoint",
        act: async () => {
          await forge.approve(name, hash, signal);
          keep(run, [name]);
          return { text: `The tool ${name} is ready: ${file.manifest.description} Call it now.` };
        },
      };
    },
  };
}
