import * as vscode from "vscode";
import type { Forged } from "../../agent/tools/forge/forge";
import type { Workshop } from "./workshop";

/** Days without a use after which a tool is offered for removal. */
const idleDays = 30;

/** Finds approved tools that do the same, and merges the pairs that a person picks. */
export async function merge(workshop: Workshop): Promise<void> {
  const location = vscode.ProgressLocation.Notification;
  const title = vscode.l10n.t("Looking for tools that do the same");
  const pairs = await vscode.window.withProgress({ location, title, cancellable: true }, (_, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    return workshop.duplicates(abort.signal);
  });
  if (pairs.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("No two approved tools do the same."));
    return;
  }
  const items = pairs.map((pair) => ({
    label: `${pair.drop} → ${pair.keep}`,
    description: pair.why,
    picked: true,
    pair,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t("Merge tools"),
    placeHolder: vscode.l10n.t("The first tool's examples and uses go to the second, and its file is deleted"),
  });
  if (!chosen || chosen.length === 0) return;
  for (const { pair } of chosen) await workshop.merge(pair.keep, pair.drop);
  void vscode.window.showInformationMessage(vscode.l10n.t("Merged: {0}", chosen.map(({ label }) => label).join(", ")));
}

/** Names the tools that were not used for long, and deletes those that a person picks. */
export async function trim(workshop: Workshop): Promise<void> {
  const unused = await workshop.trimmable(idleDays);
  if (unused.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("Every tool was used in the last {0} days.", String(idleDays)),
    );
    return;
  }
  const items = unused.map((tool) => ({ label: tool.name, description: lastUse(tool), name: tool.name }));
  const chosen = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t("Remove unused tools"),
    placeHolder: vscode.l10n.t("The files of the tools you pick are deleted"),
  });
  if (!chosen || chosen.length === 0) return;
  const yes = vscode.l10n.t("Delete Files");
  const names = chosen.map(({ name }) => name);
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t("Delete {0} tools?", names.length),
    { modal: true, detail: names.join("\n") },
    yes,
  );
  if (answer === yes) await workshop.remove(...names);
}

function lastUse({ use }: Forged): string {
  return use.lastUsed === ""
    ? vscode.l10n.t("never used")
    : vscode.l10n.t("last used {0}", new Date(use.lastUsed).toLocaleDateString(vscode.env.language));
}
