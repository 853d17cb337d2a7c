import * as vscode from "vscode";
import type { App } from "../app";
import { fail } from "../../contract/errors";
import * as actions from "../tools/actions";
import { compare } from "../tools/compare";
import * as tidy from "../tools/tidy";
import { toolName } from "../tools/place";
import type { Command } from "./register";

export const toolCommands: readonly Command[] = [
  { id: "vitrine.tools.new", need: "nothing", run: ({ tools }) => actions.create(tools) },
  { id: "vitrine.tools.refresh", need: "nothing", run: ({ tools }) => tools.refresh() },
  { id: "vitrine.tools.run", need: "nothing", run: ({ tools }, ...args) => actions.run(tools, target(args)) },
  { id: "vitrine.tools.test", need: "nothing", run: ({ tools }, ...args) => actions.test(tools, target(args)) },
  {
    id: "vitrine.tools.approve",
    need: "nothing",
    run: ({ tools }, ...args) => actions.approve(tools, target(args), fileOf(args[0]) !== undefined),
  },
  {
    id: "vitrine.tools.compare",
    need: "nothing",
    run: (app, ...args) =>
      named(app, args, async (workshop, name) => {
        if (!(await compare(workshop, name, target(args).uri)))
          fail("fileMissing", vscode.l10n.t("There is no approved text of {0} to compare with.", name));
      }),
  },
  { id: "vitrine.tools.merge", need: "nothing", run: ({ tools }) => tidy.merge(tools) },
  { id: "vitrine.tools.trim", need: "nothing", run: ({ tools }) => tidy.trim(tools) },
  { id: "vitrine.tools.reject", need: "nothing", run: (app, ...args) => named(app, args, actions.reject) },
  { id: "vitrine.tools.delete", need: "nothing", run: (app, ...args) => named(app, args, actions.remove) },
];

/** From a lens an address and what it was drawn over, from the tree a node, from the palette what is being edited. */
function target([value, seen]: readonly unknown[]): actions.Target {
  if (value instanceof vscode.Uri) return { uri: value, ...(typeof seen === "string" ? { seen } : {}) };
  const file = fileOf(value);
  if (file !== undefined) return { uri: vscode.Uri.file(file) };
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri ? { uri } : fail("badArgument", vscode.l10n.t("Open the tool's file first."));
}

async function named(
  { tools }: App,
  args: readonly unknown[],
  act: (workshop: App["tools"], name: string) => Promise<void>,
): Promise<void> {
  const name = await toolName(target(args).uri);
  if (name === undefined) fail("notAllowed", vscode.l10n.t("This is not a tool file of a trusted workspace."));
  await act(tools, name);
}

/** The file of a forged tool's node in the Tools view; other callers may pass anything. */
function fileOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "tool") return undefined;
  const info: unknown = "info" in value ? value.info : undefined;
  const forged = typeof info === "object" && info !== null && "source" in info && info.source === "forged";
  return forged && "origin" in info && typeof info.origin === "string" ? info.origin : undefined;
}
