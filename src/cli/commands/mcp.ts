import { startMcpServer } from "../../agent/tools/mcp/mcpServer";
import type { Command } from "../command";
import { cliWorkshop, workshopOptions } from "../workshop";

export const mcp: Command = {
  name: "mcp",
  summary: "offer the approved tools of the workspace to an MCP client, over stdin and stdout",
  usage: "[--workspace DIR] [--approve none|read|all]",
  options: workshopOptions,
  async run(context) {
    const workshop = await cliWorkshop(context);
    try {
      const server = await startMcpServer(workshop.registry, workshop.approvals());
      await new Promise<void>((resolve) => {
        // The client ends the conversation by closing our input.
        process.stdin.once("close", resolve);
        process.stdin.once("end", resolve);
        context.signal.addEventListener("abort", () => resolve(), { once: true });
      });
      await server.stop();
    } finally {
      await workshop.dispose();
    }
    return undefined;
  },
};
