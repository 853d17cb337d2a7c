import * as vscode from "vscode";
import { fail } from "../../contract/errors";
import type { App } from "../app";
import * as actions from "../memory/actions";
import type { Command } from "./register";

export const memoryCommands: readonly Command[] = [
  { id: "vitrine.memory.open", need: "nothing", run: ({ memoryPanel }) => memoryPanel.open() },
  {
    id: "vitrine.memory.show",
    need: "nothing",
    run: ({ memoryPanel }, value) => memoryPanel.open({ ids: [idOf(value)] }),
  },
  {
    id: "vitrine.memory.remember",
    need: "nothing",
    run: ({ memory, memoryPanel }, given) => actions.rememberThis(memory, memoryPanel, given),
  },
  {
    id: "vitrine.memory.forget",
    need: "nothing",
    run: ({ memory }, given) => actions.forget(memory, given === undefined ? undefined : actions.itemOf(given)),
  },
  {
    id: "vitrine.memory.edit",
    need: "nothing",
    run: ({ memory }, given) => actions.correct(memory, actions.itemOf(given)),
  },
  {
    id: "vitrine.memory.pin",
    need: "nothing",
    run: ({ memory }, given) => actions.pin(memory, actions.itemOf(given), true),
  },
  {
    id: "vitrine.memory.unpin",
    need: "nothing",
    run: ({ memory }, given) => actions.pin(memory, actions.itemOf(given), false),
  },
  {
    id: "vitrine.memory.keep",
    need: "nothing",
    run: ({ memory }, given) => memory.call("memoryApprove", { id: pendingOf(given) }),
  },
  {
    id: "vitrine.memory.refuse",
    need: "nothing",
    run: ({ memory }, given) => memory.call("memoryRefuse", { id: pendingOf(given) }),
  },
  { id: "vitrine.memory.undo", need: "nothing", run: undo },
  {
    id: "vitrine.memory.reflect",
    need: "model",
    run: ({ memory, memoryPanel }) => actions.reflect(memory, memoryPanel),
  },
  {
    id: "vitrine.memory.why",
    need: "nothing",
    run: ({ memory, memoryPanel }, run) => actions.why(memory, memoryPanel, run),
  },
];

async function undo({ memory }: App): Promise<void> {
  const { undone } = await memory.call("memoryUndo", {});
  void vscode.window.showInformationMessage(undone ?? vscode.l10n.t("There is nothing to take back."));
}

function idOf(value: unknown): string {
  const id: unknown = typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
  return typeof id === "string" ? id : actions.itemOf(value).id;
}

function pendingOf(value: unknown): string {
  const write: unknown = typeof value === "object" && value !== null && "write" in value ? value.write : undefined;
  const id: unknown = typeof write === "object" && write !== null && "id" in write ? write.id : undefined;
  return typeof id === "string"
    ? id
    : fail("badArgument", vscode.l10n.t("Choose a waiting memory in the Memory view first."));
}
