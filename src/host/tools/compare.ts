import * as vscode from "vscode";
import type { Workshop } from "./workshop";

const scheme = "vitrine-approved";

/** The approved texts of tools as documents that can be read only. */
export class ApprovedTexts implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly workshop: Pick<Workshop, "approvedText" | "onDidChange">) {
    this.subscriptions = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      workshop.onDidChange(() => {
        for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === scheme) this.changed.fire(uri);
      }),
    ];
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const name = /^\/?([a-z][a-z0-9_]{0,63})\.ts$/.exec(uri.path)?.[1];
    return name === undefined ? "" : ((await this.workshop.approvedText(name)) ?? "");
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}

/** Shows a tool's file against the text that was approved; false where no other text was. */
export async function compare(
  workshop: Pick<Workshop, "approvedText" | "get">,
  name: string,
  file: vscode.Uri,
): Promise<boolean> {
  const approved = await workshop.approvedText(name);
  if (approved === undefined || approved === (await workshop.get(name)).source) return false;
  const before = vscode.Uri.parse(`${scheme}:/${name}.ts`);
  const title = vscode.l10n.t("{0}: approved text and file", name);
  await vscode.commands.executeCommand("vscode.diff", before, file, title);
  return true;
}
