import * as vscode from "vscode";
import type { App } from "../app";
import { asMarkdown } from "../chat/export";
import type { Command } from "./register";

const focus = () => vscode.commands.executeCommand("vitrine.chat.focus");

export const chatCommands: readonly Command[] = [
  { id: "vitrine.openChat", need: "nothing", run: focus },
  {
    id: "vitrine.chat.new",
    need: "nothing",
    run: async ({ chat }) => {
      chat.newConversation();
      await focus();
    },
  },
  { id: "vitrine.chat.stop", need: "nothing", run: ({ chat }) => chat.stop() },
  { id: "vitrine.chat.history", need: "nothing", run: history },
  { id: "vitrine.chat.askSelection", need: "model", run: askSelection },
  { id: "vitrine.chat.export", need: "nothing", run: exportConversation },
];

/** Every conversation in a list, each with a button that deletes it. */
async function history({ chat, log }: App): Promise<void> {
  const bin: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("trash"), tooltip: vscode.l10n.t("Delete") };
  type Item = vscode.QuickPickItem & { id: string };
  const items = (): Item[] =>
    chat.state().conversations.map(({ id, title, updated, turns }) => ({
      id,
      label: title || vscode.l10n.t("Untitled"),
      description: vscode.l10n.t("{0} questions · {1}", turns, new Date(updated).toLocaleString(vscode.env.language)),
      buttons: [bin],
    }));
  const pick = vscode.window.createQuickPick<Item>();
  pick.placeholder = vscode.l10n.t("Open a conversation");
  pick.items = items();
  pick.onDidTriggerItemButton(({ item }) => {
    chat.deleteConversation(item.id).then(
      () => {
        pick.items = items();
      },
      (thrown: unknown) => log.error(String(thrown)),
    );
  });
  const chosen = await new Promise<string | undefined>((resolve) => {
    pick.onDidAccept(() => resolve(pick.selectedItems[0]?.id));
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  if (chosen === undefined) return;
  await chat.openConversation(chosen);
  await focus();
}

/** Asks about what is selected in the editor. */
async function askSelection({ chat }: App): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection) ?? "";
  if (!editor || text.trim() === "") {
    void vscode.window.showInformationMessage(vscode.l10n.t("Select some text in an editor first."));
    return;
  }
  const question = await vscode.window.showInputBox({
    prompt: vscode.l10n.t("What do you want to know about the selection?"),
    value: vscode.l10n.t("Explain this."),
  });
  if (question === undefined) return;
  await focus();
  chat.send(`${question}\n\n${fenced(text, editor.document.languageId)}`);
}

/** A code block whose fence is longer than any run of backticks inside. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

async function exportConversation({ chat }: App): Promise<void> {
  const { conversation } = chat.state();
  if (conversation.nodes.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("The conversation is empty."));
    return;
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `${conversation.title.replace(/[^\p{L}\p{N} _-]/gu, "").trim() || "conversation"}.md`;
  const target = await vscode.window.showSaveDialog({
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
    filters: { Markdown: ["md"], JSON: ["json"] },
  });
  if (!target) return;
  const text = target.path.endsWith(".json") ? JSON.stringify(conversation, null, 2) : asMarkdown(conversation);
  await vscode.workspace.fs.writeFile(target, Buffer.from(text, "utf8"));
}
