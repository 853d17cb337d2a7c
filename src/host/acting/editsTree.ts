import * as vscode from "vscode";
import type { EditFile } from "../../contract/actingView";
import { showError, sentence } from "../errors";
import type { Log } from "../log";
import type { EditFiles } from "./editFiles";

/** The workspace's edits, each with a check box: on is an entry of the list of interventions. */
export class EditsTree implements vscode.TreeDataProvider<EditFile>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly edits: EditFiles) {
    this.subscription = edits.onDidChange(() => this.changed.fire());
  }

  async getChildren(node?: EditFile): Promise<EditFile[]> {
    return node ? [] : await this.edits.list();
  }

  getTreeItem({ name, on, info, error }: EditFile): vscode.TreeItem {
    const fact = info?.fact;
    const label = fact ? `${fact.subject}: ${fact.from} → ${fact.to}` : name;
    const item = new vscode.TreeItem(label);
    const doubt = error ? sentence(error) : info?.warnings[0];
    item.id = name;
    item.description =
      doubt ??
      [info?.method, info?.layer === undefined ? undefined : `L${info.layer}`, name].filter(Boolean).join(" · ");
    item.tooltip = [name, fact?.prompt, doubt].filter(Boolean).join("\n");
    item.contextValue = "edit";
    item.iconPath = new vscode.ThemeIcon(doubt === undefined ? "edit" : "warning");
    item.command = {
      command: "vitrine.edits.show",
      title: vscode.l10n.t("Show What It Changed"),
      arguments: [{ name }],
    };
    if (!error) {
      item.checkboxState = {
        state: on ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
        tooltip: on ? vscode.l10n.t("On: answers are altered") : vscode.l10n.t("Off"),
        accessibilityInformation: { label, role: "checkbox" },
      };
    }
    item.accessibilityInformation = { label: doubt === undefined ? label : `${label}. ${doubt}` };
    return item;
  }

  /** What check boxes were set to. One that cannot be switched on says why, and goes back. */
  async toggled(items: readonly (readonly [EditFile, vscode.TreeItemCheckboxState])[], log: Log): Promise<void> {
    for (const [{ name }, state] of items) {
      try {
        await this.edits.switch(name, state === vscode.TreeItemCheckboxState.Checked);
      } catch (thrown) {
        showError(thrown, log);
        this.changed.fire();
      }
    }
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}
