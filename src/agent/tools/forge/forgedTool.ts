import { fail } from "../../../contract/errors";
import type { HostCallLog, ToolOutput } from "../../../contract/tool";
import { spacedJson } from "../../prompts/spacedJson";
import type { Tool } from "../tool";
import { CapabilityGate, capabilityText, functionsOf, type Lendable } from "./capabilities";
import type { SandboxRunner } from "./sandboxRunner";
import type { ToolFile } from "./toolFile";

/**
 * An approved tool file as a tool of the registry. What runs is the text that was approved, held here; a file that changed
 * on disk meanwhile has no part in it.
 */
export function forgedTool(
  file: ToolFile,
  path: string,
  sandbox: SandboxRunner,
  lend: Lendable,
  onLog?: (tool: string, log: HostCallLog[]) => void,
): Tool {
  const { name, description, parameters, effects, capabilities } = file.manifest;
  const { hash, source } = file;
  return {
    name,
    description,
    parameters,
    source: "forged",
    effects,
    origin: path,
    hash,
    prepare: (args, { run, signal }) => {
      const may = capabilities.map(capabilityText).join(", ");
      return Promise.resolve({
        effects,
        target: { kind: "code", file: path, hash },
        summary: `Run ${name}(${spacedJson(args).slice(0, 200)})${may ? `, which ${may}` : ""}`,
        reversal: effects.includes("write")
          ? "checkpoint"
          : effects.length === 0 || effects.every((effect) => effect === "read")
            ? "none"
            : "no",
        act: async (): Promise<ToolOutput> => {
          const gate = new CapabilityGate(capabilities, lend, run, signal);
          try {
            const { value, logs } = await sandbox.run({
              source,
              argument: args,
              functions: functionsOf(capabilities),
              signal,
              host: (each, given) => gate.answer(each, given),
            });
            const text = typeof value === "string" ? value : spacedJson(value);
            const notes = logs.length > 0 ? `\n[log] ${logs.join("\n").slice(0, 2_000)}` : "";
            return {
              text: text + notes,
              value,
              taint: capabilities.some(({ kind }) => kind === "fetch") ? "page" : "tool",
            };
          } finally {
            if (gate.log.length > 0) onLog?.(name, gate.log);
          }
        },
      });
    },
  };
}

/** What a person is shown beside the code when asked to approve it. */
export function approvalSummary(file: ToolFile): string {
  const { name, effects, capabilities, examples } = file.manifest;
  const may =
    capabilities.length === 0
      ? "It only computes: it reaches no file, no network and no model."
      : `It ${capabilities.map(capabilityText).join(", ")}.`;
  if (effects.length === 0 && capabilities.length > 0) fail("internal", "A tool with capabilities has effects.");
  return `Offer the tool ${name} to the agent. ${may} ${examples.length} examples pass.`;
}
