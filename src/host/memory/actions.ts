import * as vscode from "vscode";
import { fail } from "../../contract/errors";
import type { MemoryItem, MemorySource, ReflectStage } from "../../contract/memory";
import type { MemoryDoor } from "./door";
import type { MemoryPanel } from "./panel";
import { shownLine } from "./tree";

/** Keeps a text as a person's own memory, and says so with a way back. */
export async function remember(
  memory: MemoryDoor,
  panel: MemoryPanel,
  text: string,
  source: Partial<MemorySource>,
): Promise<void> {
  const { item, why } = await memory.call("memoryRemember", { text, source });
  if (!item) {
    void vscode.window.showWarningMessage(vscode.l10n.t("Not remembered: {0}", why));
    return;
  }
  const show = vscode.l10n.t("Show");
  const undo = vscode.l10n.t("Undo");
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t("Remembered: {0}", shownLine(item.text, 100)),
    show,
    undo,
  );
  if (chosen === show) panel.open({ ids: [item.id] });
  if (chosen === undo) await memory.call("memoryUndo", {});
}

/** The selection, or what a person types: what is to be remembered. */
export async function rememberThis(memory: MemoryDoor, panel: MemoryPanel, given: unknown): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const selected = editor && !editor.selection.isEmpty ? editor.document.getText(editor.selection) : undefined;
  const start = typeof given === "string" ? given : (selected ?? "");
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t("Remember This"),
    prompt: vscode.l10n.t("One sentence that stays true and will be useful."),
    value: shownLine(start, 2000),
    validateInput: (value) => (value.trim() === "" ? vscode.l10n.t("Write what is to be remembered.") : undefined),
  });
  if (text === undefined || text.trim() === "") return;
  const file = selected !== undefined && editor ? vscode.workspace.asRelativePath(editor.document.uri) : undefined;
  await remember(memory, panel, text.trim(), { by: "user", ...(file === undefined ? {} : { file }) });
}

type Choice = vscode.QuickPickItem & { id: string };

/** Lets a person search and choose what is to be forgotten; one step back is offered. */
export async function forget(memory: MemoryDoor, given: MemoryItem | undefined): Promise<void> {
  const ids = given ? [given.id] : await chooseMemories(memory);
  if (ids.length === 0) return;
  const { removed } = await memory.call("memoryForget", { ids });
  const undo = vscode.l10n.t("Undo");
  const said = removed === 1 ? vscode.l10n.t("Forgotten.") : vscode.l10n.t("{0} memories forgotten.", removed);
  if ((await vscode.window.showInformationMessage(said, undo)) === undo) await memory.call("memoryUndo", {});
}

async function chooseMemories(memory: MemoryDoor): Promise<string[]> {
  const { items } = await memory.call("memoryList", { limit: 500, filter: { nodes: ["record", "thought"] } });
  if (items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("Nothing is remembered yet."));
    return [];
  }
  const picks = items.map(({ id, text, time, kind }): Choice => ({
    id,
    label: shownLine(text),
    description: kind,
    detail: new Date(time).toLocaleString(vscode.env.language),
  }));
  const chosen = await vscode.window.showQuickPick(picks, {
    title: vscode.l10n.t("Forget…"),
    placeHolder: vscode.l10n.t("Choose what is to be forgotten"),
    canPickMany: true,
    matchOnDetail: true,
  });
  return (chosen ?? []).map(({ id }) => id);
}

export async function pin(memory: MemoryDoor, item: MemoryItem, pinned: boolean): Promise<void> {
  await memory.call("memoryPin", { id: item.id, pinned });
}

/** Another wording of a memory, asked for in a line of its own. */
export async function correct(memory: MemoryDoor, item: Pick<MemoryItem, "id" | "text">): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t("Correct a Memory"),
    prompt: vscode.l10n.t("The old wording is kept as outdated, and no longer given to the model."),
    value: shownLine(item.text, 2000),
    validateInput: (value) => (value.trim() === "" ? vscode.l10n.t("Write what is true.") : undefined),
  });
  if (text === undefined || text.trim() === "" || text.trim() === item.text) return;
  await memory.call("memoryEdit", { id: item.id, text: text.trim() });
}

/** Reflects with a progress that can be cancelled, and says what came of it. */
export async function reflect(memory: MemoryDoor, panel: MemoryPanel): Promise<void> {
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Reflecting"), cancellable: true },
    async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      return memory.call(
        "memoryReflect",
        {},
        {
          signal: abort.signal,
          onProgress: ({ stage, done, total }) =>
            progress.report({ message: total > 0 ? `${stageWord(stage)} ${done}/${total}` : stageWord(stage) }),
        },
      );
    },
  );
  const { thoughts, entities, relations, communities, complete } = result;
  const open = vscode.l10n.t("Open Memory Graph");
  const said = vscode.l10n.t(
    "{0} new thoughts, {1} entities, {2} relations, {3} communities.",
    thoughts,
    entities,
    relations,
    communities,
  );
  const more = complete ? "" : ` ${vscode.l10n.t("There is more to do; the next time goes on from here.")}`;
  if ((await vscode.window.showInformationMessage(said + more, open)) === open) panel.open();
}

function stageWord(stage: ReflectStage): string {
  switch (stage) {
    case "fold":
      return vscode.l10n.t("folding what is told twice");
    case "triples":
      return vscode.l10n.t("finding entities and relations");
    case "thoughts":
      return vscode.l10n.t("drawing thoughts");
    case "communities":
      return vscode.l10n.t("finding communities");
    case "decay":
      return vscode.l10n.t("letting fade what is not used");
  }
}

/** Shows in the graph what an answer was given: the last one's, or that of the named run. */
export async function why(memory: MemoryDoor, panel: MemoryPanel, run: unknown): Promise<void> {
  const found = await memory.call("memoryWhy", typeof run === "string" ? { run } : {});
  if (!found || found.hits.length + found.written.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("Nothing was read from memory for this answer."));
    return;
  }
  panel.open({ why: found });
}

/** The memory of a node of the Memory view; other callers may pass anything. */
export function itemOf(value: unknown): MemoryItem {
  if (typeof value === "object" && value !== null && "kind" in value && value.kind === "memory" && "item" in value) {
    const item: unknown = value.item;
    if (typeof item === "object" && item !== null && "id" in item && typeof item.id === "string")
      return item as MemoryItem;
  }
  return fail("badArgument", vscode.l10n.t("Choose a memory in the Memory view first."));
}
