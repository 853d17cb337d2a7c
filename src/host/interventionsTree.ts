import * as vscode from "vscode";
import type { Intervention } from "../contract/sites";
import type { Interventions, NamedIntervention } from "./interventions";

/** The list of interventions, each with a check box. */
export class InterventionsTree implements vscode.TreeDataProvider<NamedIntervention>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly interventions: Interventions) {
    this.subscription = interventions.onDidChange(() => this.changed.fire());
  }

  getChildren(node?: NamedIntervention): NamedIntervention[] {
    return node ? [] : [...this.interventions.all];
  }

  getTreeItem({ name, on, intervention }: NamedIntervention): vscode.TreeItem {
    const item = new vscode.TreeItem(name);
    const does = describe(intervention);
    item.id = name;
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

function describe({ site, layer, operation, strength, where }: Intervention): string {
  const place = layer === undefined ? site : `${site} ${layer}`;
  const how = strength === undefined ? operation : `${operation} ${strength}`;
  const range = typeof where === "string" ? where : `${where.length}`;
  return `${how} · ${place} · ${range}`;
}
