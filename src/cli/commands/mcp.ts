import type { Forge } from "../../agent/tools/forge/forge";
import { startMcpServer } from "../../agent/tools/mcp/mcpServer";
import { errorData } from "../../contract/errors";
import type { Command } from "../command";
import { cliWorkshop, workshopOptions } from "../workshop";

/** How often tool files and what a person approved are looked at; text that was checked is not run again. */
const everyMs = 2_000;

/** Keeps the tools as they are on disk, so that clients are told when one is approved, changed or taken back. */
function follow(forge: Forge, signal: AbortSignal): NodeJS.Timeout {
  let looking = false;
  return setInterval(() => {
    if (looking) return;
    looking = true;
    forge
      .refresh(signal)
      .catch((error: unknown) => process.stderr.write(`The tools were not read: ${errorData(error).message}\n`))
      .finally(() => (looking = false));
  }, everyMs);
}

export const mcp: Command = {
  name: "mcp",
  summary: "offer the approved tools of the workspace to an MCP client, over stdin and stdout",
  usage: "[--workspace DIR] [--approve none|read|all]",
  options: workshopOptions,
  async run(context) {
    const workshop = await cliWorkshop(context);
    try {
      const server = await startMcpServer(workshop.registry, workshop.approvals());
      const following = follow(workshop.forge, context.signal);
      await new Promise<void>((resolve) => {
        // The client ends the conversation by closing our input.
        process.stdin.once("close", resolve);
        process.stdin.once("end", resolve);
        context.signal.addEventListener("abort", () => resolve(), { once: true });
      });
      clearInterval(following);
      await server.stop();
    } finally {
      await workshop.dispose();
    }
    return undefined;
  },
};
