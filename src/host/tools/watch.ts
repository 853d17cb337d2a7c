import { readFileSync } from "node:fs";
import * as vscode from "vscode";
import type { Forged } from "../../agent/tools/forge/forge";
import { errorData } from "../../contract/errors";
import { workspaceFolders } from "../agent/agents";
import { Store } from "../dispose";
import type { Log } from "../log";
import { toolName } from "./place";
import type { Workshop } from "./workshop";

/** How long files are left to settle before they are read: a branch that is switched changes many at once. */
const settleMs = 300;

/** Checks tool files whenever they change, and says what is wrong with them where they are written. */
export class ToolWatch implements vscode.Disposable {
  private readonly store = new Store();
  private readonly problems = this.store.add(vscode.languages.createDiagnosticCollection("vitrine.tools"));
  private watcher: vscode.Disposable | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** What a file held when the editor began to write a person's changes over it. */
  private readonly before = new Map<string, string>();

  constructor(
    private readonly workshop: Pick<Workshop, "saved" | "refresh" | "list" | "onDidChange">,
    private readonly log: Log,
  ) {
    const { workspace } = vscode;
    this.store.add(workspace.onWillSaveTextDocument(({ document }) => this.willSave(document)));
    this.store.add(workspace.onDidSaveTextDocument((document) => void this.saved(document)));
    this.store.add(workspace.onDidChangeWorkspaceFolders(() => this.watch()));
    this.store.add(workspace.onDidGrantWorkspaceTrust(() => this.watch()));
    this.store.add(workshop.onDidChange(() => void this.publish()));
    this.watch();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watcher?.dispose();
    this.store.dispose();
  }

  private watch(): void {
    this.watcher?.dispose();
    this.watcher = undefined;
    const root = workspaceFolders()[0];
    if (root === undefined || !vscode.workspace.isTrusted) return;
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(root, ".vitrine/tools/*.{ts,json}"),
    );
    const changed = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.attempt(() => this.workshop.refresh()), settleMs);
    };
    watcher.onDidChange(changed);
    watcher.onDidCreate(changed);
    watcher.onDidDelete(changed);
    this.watcher = watcher;
  }

  /**
   * Only a document with changes of its own is a person's edit. One that is saved as it is may show what the agent wrote:
   * pressing save on that approves nothing. What the file holds now is the text that the person started from, unless
   * somebody wrote it meanwhile, which the forge sees by its hash.
   */
  private willSave(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    this.before.delete(key);
    if (!document.isDirty || !document.uri.fsPath.includes(".vitrine")) return;
    try {
      this.before.set(key, readFileSync(document.uri.fsPath, "utf8"));
    } catch {
      // A file that is not there yet was never approved.
    }
  }

  /**
   * This event comes from saves by the editor alone. The agent writes files on its own way past the editor: a document
   * that is open on such a file is loaded again without being saved, and comes in by the watcher, which approves nothing.
   */
  private async saved(document: vscode.TextDocument): Promise<void> {
    const key = document.uri.toString();
    const before = this.before.get(key);
    this.before.delete(key);
    const text = document.getText();
    await this.attempt(async () => {
      const name = await toolName(document.uri);
      if (name !== undefined) await this.workshop.saved(name, text, before);
    });
  }

  private publish(): Promise<void> {
    return this.attempt(async () => {
      const tools = await this.workshop.list();
      this.problems.clear();
      for (const tool of tools) this.problems.set(vscode.Uri.file(tool.path), diagnostics(tool));
    });
  }

  private async attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      if (vscode.workspace.isTrusted) await work();
    } catch (thrown) {
      const { code, message } = errorData(thrown);
      if (code !== "cancelled") this.log.warn(`The tools were not checked: ${message}`);
    }
  }
}

function diagnostics({ report, source }: Forged): vscode.Diagnostic[] {
  const lines = source.split("\n");
  return report.problems.map(({ message, line, severity }) => {
    const at = Math.min(Math.max(line - 1, 0), lines.length - 1);
    const end = lines[at]?.trimEnd().length ?? 0;
    const found = new vscode.Diagnostic(
      new vscode.Range(new vscode.Position(at, 0), new vscode.Position(at, end)),
      message,
      severity === "error" ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
    );
    found.source = "Vitrine";
    return found;
  });
}
