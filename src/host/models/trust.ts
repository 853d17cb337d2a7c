import path from "node:path";
import * as vscode from "vscode";
import { fail } from "../../contract/errors";

/**
 * A model file is read by native code, so one that lies in a folder that is not trusted is not loaded. Throws
 * `notAllowed`. Symbolic links must be resolved before: what counts is where the bytes are.
 */
export function mustBeTrusted(file: string, folders: readonly string[], trusted: boolean): void {
  if (trusted) return;
  const inside = folders.some((folder) => {
    const relative = path.relative(folder, file);
    return (
      relative === "" || (!relative.startsWith(`..${path.sep}`) && relative !== ".." && !path.isAbsolute(relative))
    );
  });
  if (inside) {
    fail("notAllowed", vscode.l10n.t("This model lies in a folder that is not trusted."), {
      remedy: vscode.l10n.t("Trust the workspace, or choose a model from elsewhere."),
    });
  }
}
