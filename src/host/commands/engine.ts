import * as vscode from "vscode";
import { withFreshContext } from "../context";
import type { Command } from "./register";

export const engineCommands: readonly Command[] = [
  {
    id: "vitrine.engine.restart",
    need: "nothing",
    run: ({ engine }) =>
      vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Restarting the engine") },
        () => engine.restart(),
      ),
  },
  { id: "vitrine.engine.stop", need: "nothing", run: ({ engine }) => engine.stop() },
  { id: "vitrine.showLog", need: "nothing", run: ({ log }) => log.show() },
  {
    id: "vitrine.openSettings",
    need: "nothing",
    run: ({ extension }, setting) =>
      vscode.commands.executeCommand(
        "workbench.action.openSettings",
        typeof setting === "string" && /^vitrine\.[\w.]+$/.test(setting) ? setting : `@ext:${extension.extension.id}`,
      ),
  },
  {
    id: "vitrine.openWalkthrough",
    need: "nothing",
    run: ({ extension }) =>
      withFreshContext(() =>
        vscode.commands.executeCommand("workbench.action.openWalkthrough", `${extension.extension.id}#vitrine`, false),
      ),
  },
  { id: "vitrine.labs.open", need: "nothing", run: ({ labs }, id) => labs.open(id) },
  { id: "vitrine.labs.reset", need: "nothing", run: ({ labs }) => labs.reset() },
  { id: "vitrine.openDocs", need: "nothing", run: ({ extension }, topic) => openDocs(extension.extensionUri, topic) },
];

/** The guide that ships with the product; with a topic, the instruments' page at the heading of that name. */
async function openDocs(extension: vscode.Uri, topic: unknown): Promise<void> {
  const page = typeof topic === "string" ? ["docs", "microscope.md"] : ["README.md"];
  const uri = vscode.Uri.joinPath(extension, ...page);
  const heading = typeof topic === "string" ? topic.toLowerCase().replace(/[^a-z0-9]+/g, "-") : "";
  await vscode.commands.executeCommand("markdown.showPreview", heading ? uri.with({ fragment: heading }) : uri);
}
