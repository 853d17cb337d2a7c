import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import { sha256 } from "../../agent/tools/hash";
import { fail } from "../../contract/errors";
import { toolName } from "./place";

/** A tool file as a person sees it: what they decide on is exactly this text. */
export interface ShownTool {
  name: string;
  uri: vscode.Uri;
  /** SHA-256 of the file's text, as the forge counts it. */
  hash: string;
}

/** What a lens was drawn for, so that a click on it means that text. */
export function textHash(text: string): string {
  return sha256(plain(text));
}

/**
 * The tool that a document shows. Fails with `notAllowed` when the file is no tool's, when the editor holds changes that
 * are not saved, and when the file, the editor and what the click was meant for (`seen`, of `textHash`) are not one text.
 */
export async function shownTool(uri: vscode.Uri, seen?: string): Promise<ShownTool> {
  const name = await toolName(uri);
  if (name === undefined)
    fail("notAllowed", vscode.l10n.t("This is not a tool file of a trusted workspace."), {
      remedy: vscode.l10n.t("Tools are the files in .vitrine/tools of the first folder."),
    });
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.isDirty)
    fail("notAllowed", vscode.l10n.t("{0} has changes that are not saved.", name), {
      remedy: vscode.l10n.t("Save the file first."),
    });
  const source = await readFile(uri.fsPath, "utf8");
  const shown = textHash(document.getText());
  if (textHash(source) !== shown || (seen !== undefined && seen !== shown))
    fail("notAllowed", vscode.l10n.t("{0} has changed since it was shown.", name), {
      remedy: vscode.l10n.t("Look at it again."),
    });
  return { name, uri, hash: sha256(source) };
}

/** The editor shows neither a byte order mark nor which line endings there are. */
function plain(text: string): string {
  return text
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .replaceAll("\r", "\n");
}
