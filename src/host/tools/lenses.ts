import * as vscode from "vscode";
import { errorData } from "../../contract/errors";
import type { Log } from "../log";
import { toolName } from "./place";
import { textHash } from "./shown";
import type { Workshop } from "./workshop";

/** Run, Test, Approve and Reject above a tool file; each means the text that it was drawn over. */
export class ToolLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly workshop: Pick<Workshop, "list" | "onDidChange">,
    private readonly log: Log,
  ) {
    this.subscription = workshop.onDidChange(() => this.changed.fire());
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const name = await toolName(document.uri);
    if (name === undefined) return [];
    const state = await this.state(name);
    const seen = textHash(document.getText());
    const lens = (title: string, act: string, tooltip: string) =>
      new vscode.CodeLens(new vscode.Range(new vscode.Position(0, 0), new vscode.Position(0, 0)), {
        title,
        tooltip,
        command: `vitrine.tools.${act}`,
        arguments: [document.uri, seen],
      });
    const approved = state === "approved" && !document.isDirty;
    return [
      lens(`$(play) ${vscode.l10n.t("Run")}`, "run", vscode.l10n.t("Run it in the sandbox with arguments of yours")),
      lens(
        `$(beaker) ${vscode.l10n.t("Test")}`,
        "test",
        vscode.l10n.t("Run its examples, and see that they fail when the code is broken"),
      ),
      ...(state === "changed"
        ? [
            lens(
              `$(diff) ${vscode.l10n.t("Compare")}`,
              "compare",
              vscode.l10n.t("See what has changed since it was approved"),
            ),
          ]
        : []),
      ...(approved
        ? []
        : [
            lens(
              `$(check) ${vscode.l10n.t("Approve")}`,
              "approve",
              vscode.l10n.t("Let the agent use exactly this text"),
            ),
          ]),
      lens(
        approved
          ? `$(pass-filled) ${vscode.l10n.t("Approved: Take Back")}`
          : `$(circle-slash) ${vscode.l10n.t("Reject")}`,
        "reject",
        vscode.l10n.t("Keep the file, but do not let the agent use it"),
      ),
    ];
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  private async state(name: string): Promise<string | undefined> {
    try {
      return (await this.workshop.list()).find((each) => each.name === name)?.state;
    } catch (thrown) {
      // The lenses work without it, and say themselves what is wrong when they are used.
      this.log.warn(`The tools were not read: ${errorData(thrown).message}`);
      return undefined;
    }
  }
}
