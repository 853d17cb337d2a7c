import path from "node:path";
import * as vscode from "vscode";
import { fail } from "../../contract/errors";

/** Folders of `.vitrine/` that hold what is made here. */
export type Made = "features" | "edits";

/** `.vitrine/KIND` of the open folder. Throws `fileMissing` where no folder is open. */
export function madeFolder(kind: Made): string {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (root === undefined) {
    return fail("fileMissing", vscode.l10n.t("No folder is open."), {
      remedy: vscode.l10n.t("Open a folder: features and edits are kept in it."),
    });
  }
  return path.join(root, ".vitrine", kind);
}

/** A place there by its plain name; nothing a view says can name another place. */
export function madePlace(kind: Made, name: string): string {
  return path.join(madeFolder(kind), plainName(name));
}

/** Letters of any script, digits and `._ -`; never empty, never one that climbs or hides. */
export function plainName(name: string): string {
  const plain = name
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}._ -]/gu, "_")
    .replace(/\.{2,}/g, "_")
    .replace(/^[. ]+|[. ]+$/g, "")
    .slice(0, 100);
  return plain === "" ? fail("badArgument", vscode.l10n.t("A file needs a name.")) : plain;
}
