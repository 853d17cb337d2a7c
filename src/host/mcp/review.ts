import * as vscode from "vscode";
import type { McpState } from "../../agent/tools/mcp/mcpClient";
import { fail } from "../../contract/errors";
import type { McpServers } from "./servers";

/** Tools that a question names by itself; more are shown in a document beside it. */
const inQuestion = 12;

/**
 * Asks a person for what a server still needs: to be started exactly as it is configured, then for its tools as they
 * describe themselves. Each yes is bound to what was shown.
 */
export async function review(servers: McpServers, name: string): Promise<void> {
  const shown = servers.list().find((each) => each.name === name);
  if (!shown) return fail("badArgument", vscode.l10n.t("There is no MCP server {0} in the settings.", name));
  let state: McpState = shown.state;
  if (state.kind === "off" || state.kind === "failed") state = await servers.start(name);
  if (state.kind === "unapproved") {
    const yes = vscode.l10n.t("Start");
    const message = vscode.l10n.t("Start the MCP server {0}, now and with every goal?", name);
    const answer = await vscode.window.showWarningMessage(message, { modal: true, detail: shown.what }, yes);
    if (answer !== yes) return;
    state = await servers.approve(name, state.hash);
  }
  if (state.kind === "changed") await reviewTools(servers, name, state);
  else if (state.kind === "ready")
    void vscode.window.showInformationMessage(
      vscode.l10n.t("The MCP server {0} runs and offers {1} tools.", name, state.tools),
    );
}

async function reviewTools(
  servers: McpServers,
  name: string,
  state: Extract<McpState, { kind: "changed" }>,
): Promise<void> {
  const changed = new Set(state.tools);
  const lines = servers
    .tools(name)
    .filter((tool) => changed.has(tool.name))
    .map((tool) => `${tool.name}: ${tool.description}`);
  const few = lines.length <= inQuestion && lines.every((line) => line.length <= 300);
  if (!few) {
    const document = await vscode.workspace.openTextDocument({ language: "plaintext", content: lines.join("\n\n") });
    await vscode.window.showTextDocument(document, { preview: true });
  }
  const yes = vscode.l10n.t("Approve");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t("Let the agent use these tools of the MCP server {0}?", name),
    {
      modal: true,
      detail: few
        ? lines.join("\n")
        : vscode.l10n.t(
            "{0} tools; the document that has been opened holds what they say of themselves.",
            lines.length,
          ),
    },
    yes,
  );
  if (answer === yes) await servers.approve(name, state.hash);
}
