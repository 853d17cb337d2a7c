import * as vscode from "vscode";
import { fail } from "../../contract/errors";
import { review } from "../mcp/review";
import type { Command } from "./register";

export const mcpCommands: readonly Command[] = [
  { id: "vitrine.mcp.review", need: "nothing", run: ({ mcp }, server) => review(mcp, serverName(server)) },
  { id: "vitrine.mcp.start", need: "nothing", run: ({ mcp }, server) => mcp.start(serverName(server)) },
  { id: "vitrine.mcp.stop", need: "nothing", run: ({ mcp }, server) => mcp.stop(serverName(server)) },
  {
    id: "vitrine.mcp.configure",
    need: "nothing",
    run: () => vscode.commands.executeCommand("workbench.action.openSettings", "vitrine.mcp.servers"),
  },
];

/** From a message the name, from the Tools view a node. */
function serverName(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "kind" in value && value.kind === "server" && "server" in value) {
    const { server } = value;
    if (typeof server === "object" && server !== null && "name" in server && typeof server.name === "string")
      return server.name;
  }
  return fail("badArgument", vscode.l10n.t("Choose a server in the Tools view."));
}
