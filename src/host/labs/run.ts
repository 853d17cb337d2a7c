import * as vscode from "vscode";
import { fail } from "../../contract/errors";
import type { ChatService } from "../chat/service";
import type { InstrumentPanels } from "../views/instrumentPanels";
import { labOf, type LabStep } from "./catalogue";
import type { LabProgress } from "./progress";

export interface LabPorts {
  chat: Pick<ChatService, "newConversation" | "send">;
  panels: Pick<InstrumentPanels, "open">;
  progress: LabProgress;
}

/** Does a step of a lab, 1 the first. @throws badArgument where there is no such lab or step */
export async function runStep(ports: LabPorts, id: unknown, step: number): Promise<void> {
  const lab = labOf(id);
  const wanted = lab?.steps[step - 1];
  if (!lab || !wanted) return fail("badArgument", vscode.l10n.t("There is no such step of a lab."));
  await act(ports, wanted);
  await ports.progress.ran(lab.id, step, lab.steps.length);
}

async function act({ chat, panels }: LabPorts, step: LabStep): Promise<void> {
  if (step.kind === "open") panels.open(step.request);
  else if (step.kind === "command") await vscode.commands.executeCommand(step.command, ...(step.args ?? []));
  else {
    await vscode.commands.executeCommand("vitrine.chat.focus");
    chat.newConversation();
    chat.send(step.text);
  }
}
