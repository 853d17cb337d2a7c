import * as vscode from "vscode";
import type { InterventionEntry } from "../contract/interventions";
import { strengthOf } from "./interventions/entry";
import type { Interventions } from "./interventions/list";

/** The list of interventions, each with a check box. */
export class InterventionsTree implements vscode.TreeDataProvider<InterventionEntry>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly interventions: Interventions) {
    this.subscription = interventions.onDidChange(() => this.changed.fire());
  }

  getChildren(node?: InterventionEntry): InterventionEntry[] {
    return node ? [] : [...this.interventions.all];
  }

  getTreeItem(entry: InterventionEntry): vscode.TreeItem {
    const { id, name, on } = entry;
    const item = new vscode.TreeItem(name);
    const does = [entry.kind, strengthOf(entry)].filter((each) => each !== undefined).join(" · ");
    item.id = id;
    item.description = does;
    item.contextValue = "intervention";
    item.checkboxState = {
      state: on ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
      tooltip: on ? vscode.l10n.t("On: answers are altered") : vscode.l10n.t("Off"),
      accessibilityInformation: { label: `${name}, ${does}`, role: "checkbox" },
    };
    item.accessibilityInformation = { label: `${name}, ${does}` };
    return item;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}
