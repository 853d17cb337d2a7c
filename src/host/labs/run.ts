import * as vscode from "vscode";
import type { ChatOptions } from "../../contract/chatView";
import { fail } from "../../contract/errors";
import type { ChatService } from "../chat/service";
import type { InstrumentPanels } from "../views/instrumentPanels";
import { labOf, type LabStep } from "./catalogue";
import { showError } from "../errors";
import type { Log } from "../log";
import type { LabProgress } from "./progress";

export interface LabPorts {
  chat: Pick<ChatService, "newConversation" | "send" | "answering">;
  panels: Pick<InstrumentPanels, "open">;
  progress: LabProgress;
  log: Log;
  /** Sets the chat's switches; the settings keep them. */
  setOptions(options: Partial<ChatOptions>): Promise<void>;
}

/** Does a step of a lab, 1 the first. @throws badArgument where there is no such lab or step */
export async function runStep(ports: LabPorts, id: unknown, step: number): Promise<void> {
  const lab = labOf(id);
  const wanted = lab?.steps[step - 1];
  if (!lab || !wanted) return fail("badArgument", vscode.l10n.t("There is no such step of a lab."));
  await act(ports, wanted);
  await ports.progress.ran(lab.id, step, lab.steps.length);
}

async function act({ chat, panels, setOptions, log }: LabPorts, step: LabStep): Promise<void> {
  if (step.kind === "open") panels.open(step.request);
  else if (step.kind === "command") {
    // Not waited for: some end only when what they opened is closed, or when a long work is done.
    vscode.commands
      .executeCommand(step.command, ...(step.args ?? []))
      .then(undefined, (thrown: unknown) => showError(thrown, log));
  } else if (step.kind === "file") await openFile(step.path, step.text);
  else {
    const { text, mode = "chat", think = "auto", liveLens = false } = step;
    if (chat.answering) {
      fail("notAllowed", vscode.l10n.t("An answer is still being written."), {
        remedy: vscode.l10n.t("Stop it, or wait until it is done."),
      });
    }
    await vscode.commands.executeCommand("vitrine.chat.focus");
    await setOptions({ mode, think, liveLens });
    chat.newConversation();
    chat.send(text);
  }
}

/** A file of the first folder, open in an editor. A person's own file of that name is shown, never written over. */
async function openFile(path: string, text: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (!folder || !vscode.workspace.isTrusted) {
    return fail("notAllowed", vscode.l10n.t("This step writes a file: it needs a folder that you trust."));
  }
  const uri = vscode.Uri.joinPath(folder, path);
  const there = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (!there) await vscode.workspace.fs.writeFile(uri, Buffer.from(text, "utf8"));
  await vscode.window.showTextDocument(uri);
}
