import * as vscode from "vscode";
import type { EditorPort } from "../../contract/tool";

/** What the editor knows of files: problems and names. Paths were resolved and judged by the tool. */
export const editorPort: EditorPort = {
  diagnostics(path) {
    const severities = ["error", "warning", "information", "hint"];
    const found = vscode.languages.getDiagnostics(vscode.Uri.file(path));
    return Promise.resolve(
      found.map(({ range, message, severity }) => `${range.start.line + 1}: ${severities[severity]}: ${message}`),
    );
  },
  async symbols(query) {
    const found =
      (await vscode.commands.executeCommand<vscode.SymbolInformation[]>(
        "vscode.executeWorkspaceSymbolProvider",
        query,
      )) ?? [];
    return found.map(({ name, kind, location }) => ({
      name,
      kind: vscode.SymbolKind[kind].toLowerCase(),
      path: vscode.workspace.asRelativePath(location.uri),
      line: location.range.start.line + 1,
    }));
  },
};
