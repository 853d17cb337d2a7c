import * as vscode from "vscode";
import type { InstrumentRequest } from "../../contract/view";
import type { App } from "../app";
import type { Command } from "./register";

type Instrument = InstrumentRequest["instrument"];

const opening: readonly [id: string, instrument: Instrument][] = [
  ["vitrine.lens.open", "lens"],
  ["vitrine.layers.open", "layers"],
  ["vitrine.attribution.open", "attribution"],
  ["vitrine.neurons.open", "neurons"],
  ["vitrine.attention.open", "attention"],
  ["vitrine.embeddings.open", "embedding"],
  ["vitrine.patching.open", "patching"],
  ["vitrine.features.open", "features"],
];

export const instrumentCommands: readonly Command[] = [
  ...opening.map(([id, instrument]): Command => ({
    id,
    need: "model",
    // From a button that already knows the text; otherwise what is selected.
    run: ({ panels }, text) => panels.open(typeof text === "string" ? about(instrument, text) : fromEditor(instrument)),
  })),
  { id: "vitrine._lensAt", need: "model", run: openAt },
  {
    id: "vitrine.surprisal.show",
    need: "model",
    run: ({ surprisal }) => {
      const document = vscode.window.activeTextEditor?.document;
      if (document) surprisal.show(document);
      else void vscode.window.showInformationMessage(vscode.l10n.t("Open a text document first."));
    },
  },
  {
    id: "vitrine.surprisal.hide",
    need: "nothing",
    run: ({ surprisal }) => {
      const document = vscode.window.activeTextEditor?.document;
      if (document) surprisal.hide(document);
    },
  },
];

/** The selection of the active editor as a prompt; without one the panel opens empty and asks for text itself. */
function fromEditor(instrument: Instrument): InstrumentRequest {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.selection.isEmpty) return { instrument };
  return about(instrument, editor.document.getText(editor.selection));
}

function about(instrument: Instrument, text: string): InstrumentRequest {
  return { instrument, text, position: -1, title: text.trim().slice(0, 40) };
}

/** UTF-16 units before a token that its lens is given. */
const contextUnits = 1200;

/** The lens just before a token of a document, on that token: how the layers came to expect it, or not. */
function openAt({ panels, surprisal }: App, uri: unknown, offset: unknown): void {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri);
  const token = document && typeof offset === "number" ? surprisal.tokenAt(document, offset) : undefined;
  if (!document || !token) return;
  const text = document.getText().slice(Math.max(0, token.start - contextUnits), token.start);
  panels.open({
    instrument: "lens",
    text: text.replace(/^[\uDC00-\uDFFF]/, ""),
    position: -1,
    target: token.text,
    title: token.text.trim(),
  });
}
