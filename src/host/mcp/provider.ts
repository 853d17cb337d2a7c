import { existsSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { workspaceFolders } from "../agent/agents";
import type { Workshop } from "../tools/workshop";

/** As package.json names it. */
const id = "vitrine.tools";

/**
 * Offers the approved tools of the workspace to the other agents of the editor, as an MCP server that the editor starts
 * itself: this program's command line. Nothing is offered in a workspace that is not trusted, nor before there is a tool.
 */
export function offerTools(
  extension: vscode.ExtensionContext,
  workshop: Pick<Workshop, "list" | "onDidChange">,
): vscode.Disposable {
  const lm: Partial<typeof vscode.lm> = vscode.lm;
  // Editors that share this API's version without this part of it go without.
  if (typeof lm.registerMcpServerDefinitionProvider !== "function") return new vscode.Disposable(() => undefined);
  return lm.registerMcpServerDefinitionProvider(id, {
    onDidChangeMcpServerDefinitions: workshop.onDidChange,
    provideMcpServerDefinitions: async () => {
      const [folder] = workspaceFolders();
      if (!vscode.workspace.isTrusted || folder === undefined) return [];
      // Without a tool the agent is not even opened.
      if (!existsSync(path.join(folder, ".vitrine", "tools"))) return [];
      const approved = (await workshop.list()).filter(({ state }) => state === "approved");
      if (approved.length === 0) return [];
      return [
        new vscode.McpStdioServerDefinition(
          vscode.l10n.t("Vitrine: tools of this workspace"),
          process.execPath,
          [extension.asAbsolutePath(path.join("dist", "cli.js")), "mcp", "--workspace", folder],
          { ELECTRON_RUN_AS_NODE: "1", VITRINE_HOME: extension.globalStorageUri.fsPath },
          approved.map(({ hash }) => hash.slice(0, 8)).join("."),
        ),
      ];
    },
  });
}
