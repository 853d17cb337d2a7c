import * as vscode from "vscode";
import { labs, type Lab } from "./catalogue";
import type { LabProgress } from "./progress";

/** The course in the side bar: a row a lab, checked when it was done. */
export class LabsTree implements vscode.TreeDataProvider<Lab>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly progress: LabProgress) {
    this.subscription = progress.onDidChange(() => this.changed.fire());
  }

  getChildren(node?: Lab): Lab[] {
    return node ? [] : [...labs];
  }

  getTreeItem(lab: Lab): vscode.TreeItem {
    const { ran, done } = this.progress.of(lab.id);
    const title = labTitle(lab);
    const item = new vscode.TreeItem(`${labs.indexOf(lab) + 1}. ${title}`);
    item.id = lab.id;
    item.command = { command: "vitrine.labs.open", title, arguments: [lab.id] };
    item.iconPath = new vscode.ThemeIcon(
      done ? "pass-filled" : ran.length > 0 ? "circle-large-filled" : "circle-large",
    );
    if (!done && ran.length > 0) item.description = `${ran.length}/${lab.steps.length}`;
    const state = done ? vscode.l10n.t("done") : vscode.l10n.t("not done yet");
    item.accessibilityInformation = { label: `${title}, ${state}` };
    return item;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

/** A lab's title in the editor's language. */
export function labTitle({ en, zh }: Lab): string {
  return vscode.env.language.toLowerCase().startsWith("zh") ? zh : en;
}
