import * as vscode from "vscode";
import type { App } from "../app";
import { fail } from "../../contract/errors";
import type { Command } from "./register";

export const editCommands: readonly Command[] = [
  { id: "vitrine.edits.open", need: "model", run: ({ panels }) => panels.open({ instrument: "edits" }) },
  { id: "vitrine.edits.show", need: "model", run: show },
  {
    id: "vitrine.edits.delete",
    need: "nothing",
    run: async ({ edits }, node) => void (await edits.delete(nameOf(node))),
  },
  { id: "vitrine.edits.refresh", need: "nothing", run: ({ edits }) => edits.written() },
];

/** The panel on one edit: what it changed, and its test. */
function show({ panels }: App, node: unknown): void {
  const name = nameOf(node);
  panels.open({ instrument: "edits", name, title: name });
}

/** The file of a node of the Edits view; other callers may pass anything. */
function nameOf(node: unknown): string {
  const name: unknown = typeof node === "object" && node !== null && "name" in node ? node.name : node;
  return typeof name === "string" && name !== ""
    ? name
    : fail("badArgument", vscode.l10n.t("Choose an edit in the list."));
}
