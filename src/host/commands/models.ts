import path from "node:path";
import * as vscode from "vscode";
import * as actions from "../models/actions";
import type { ModelNode } from "../models/tree";
import type { Command } from "./register";

/** A node of the Models view, or undefined: other callers may pass anything. */
function nodeIn(value: unknown): ModelNode | undefined {
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "model") return undefined;
  const entry: unknown = "entry" in value ? value.entry : undefined;
  const sound = typeof entry === "object" && entry !== null && "id" in entry && "name" in entry && "size" in entry;
  return sound ? (value as ModelNode) : undefined;
}

export const modelCommands: readonly Command[] = [
  { id: "vitrine.models.choose", need: "nothing", run: ({ models }) => actions.choose(models) },
  { id: "vitrine.models.load", need: "nothing", run: ({ models }, node) => actions.load(models, nodeIn(node)) },
  {
    id: "vitrine.models.loadSpecimen",
    need: "nothing",
    run: ({ models }) => actions.loadFile(models, models.library.specimen),
  },
  {
    id: "vitrine.models.loadFile",
    need: "nothing",
    // From the explorer a Uri, from the page of a GGUF file its path.
    run: ({ models }, place) => {
      const file = place instanceof vscode.Uri && place.scheme === "file" ? place.fsPath : place;
      if (typeof file === "string" && path.isAbsolute(file)) return actions.loadFile(models, file);
    },
  },
  {
    id: "vitrine.models.openInLens",
    need: "nothing",
    run: async ({ models, panels }, place) => {
      if (typeof place !== "string" || !path.isAbsolute(place)) return;
      await actions.loadFile(models, place);
      panels.open({ instrument: "lens" });
    },
  },
  {
    id: "vitrine.models.inspect",
    need: "nothing",
    run: (_, place) => {
      const node = nodeIn(place);
      const file = node?.kind === "model" ? node.entry.file : undefined;
      const uri = file === undefined ? place : vscode.Uri.file(file);
      if (uri instanceof vscode.Uri) return vscode.commands.executeCommand("vscode.openWith", uri, "vitrine.gguf");
    },
  },
  { id: "vitrine.models.cancelLoad", need: "nothing", run: ({ engine }) => engine.cancelLoad() },
  { id: "vitrine.models.unload", need: "nothing", run: ({ engine }) => engine.unload() },
  { id: "vitrine.models.add", need: "nothing", run: ({ models }) => actions.add(models) },
  { id: "vitrine.models.download", need: "nothing", run: ({ models }, node) => actions.download(models, nodeIn(node)) },
  {
    id: "vitrine.models.cancelDownload",
    need: "nothing",
    run: ({ models }, value) => {
      const node = nodeIn(value);
      if (node?.kind === "model") models.downloads.cancel(node.entry);
    },
  },
  { id: "vitrine.models.remove", need: "nothing", run: ({ models }, node) => actions.remove(models, nodeIn(node)) },
  {
    id: "vitrine.models.reveal",
    need: "nothing",
    run: (_, value) => {
      const node = nodeIn(value);
      const file = node?.kind === "model" ? node.entry.file : undefined;
      if (file) return vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(file));
    },
  },
  { id: "vitrine.models.refresh", need: "nothing", run: ({ models }) => models.library.refresh() },
];
