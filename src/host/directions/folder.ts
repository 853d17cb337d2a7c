import { copyFile, mkdir, readdir, realpath, rm, stat } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { fail } from "../../contract/errors";
import { workspaceFolders } from "../agent/agents";

/** `.vitrine/directions/` of the first folder; undefined where none is open. */
export function directionsFolder(): string | undefined {
  const root = workspaceFolders()[0];
  return root === undefined ? undefined : path.join(root, ".vitrine", "directions");
}

export function needFolder(): string {
  return (
    directionsFolder() ??
    fail("notAllowed", vscode.l10n.t("Directions are kept in a folder, and none is open."), {
      remedy: vscode.l10n.t("Open a folder first."),
    })
  );
}

/** A name that is one file of the folder and nothing else, whatever a view or a person writes. */
export function fileName(name: string): string {
  const plain = name
    .replace(/\.gguf$/i, "")
    .replace(/[^\p{L}\p{N} ._-]/gu, "_")
    .replace(/\.{2,}|^\.+/g, "_")
    .trim()
    .slice(0, 100);
  return plain === "" ? fail("badArgument", vscode.l10n.t("A direction needs a name.")) : `${plain}.gguf`;
}

/** Where a direction lies. Throws `fileMissing` for one that is not there, `notAllowed` for one that a link leads out of. */
export async function directionFile(name: string): Promise<string> {
  const file = path.join(needFolder(), fileName(name));
  const real = await realpath(file).catch((cause: unknown) =>
    fail("fileMissing", vscode.l10n.t("There is no direction {0}.", name), { cause }),
  );
  const folder = await realpath(needFolder());
  if (path.dirname(real) !== folder) fail("notAllowed", vscode.l10n.t("{0} lies outside of the workspace.", name));
  return file;
}

/** Where a direction is to be written; one that is there is written over only after a yes. */
export async function newDirection(name: string): Promise<string> {
  const folder = needFolder();
  if (!vscode.workspace.isTrusted) fail("notAllowed", vscode.l10n.t("Nothing is written in an untrusted workspace."));
  const plain = fileName(name);
  const file = path.join(folder, plain);
  if (await isThere(file)) {
    const replace = vscode.l10n.t("Replace");
    const question = vscode.l10n.t("There is a direction {0} already. Replace it?", plain);
    const chosen = await vscode.window.showWarningMessage(question, { modal: true }, replace);
    if (chosen !== replace) fail("cancelled", vscode.l10n.t("It was left as it is."));
  }
  await mkdir(folder, { recursive: true });
  return file;
}

/** Names of the control vectors there, in order. */
export async function directionNames(): Promise<string[]> {
  const folder = directionsFolder();
  if (folder === undefined) return [];
  try {
    const names = await readdir(folder);
    return names.filter((name) => /\.gguf$/i.test(name)).sort((a, b) => a.localeCompare(b));
  } catch {
    return []; // no direction was made yet
  }
}

/** Copies files that a person chose into the folder. */
export async function importDirections(files: readonly string[]): Promise<void> {
  for (const from of files) {
    const to = await newDirection(path.basename(from));
    if (path.resolve(from) !== path.resolve(to)) await copyFile(from, to);
  }
}

export async function removeDirection(name: string): Promise<void> {
  const file = await directionFile(name);
  const remove = vscode.l10n.t("Delete");
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t("Delete the direction {0}?", name),
    { modal: true },
    remove,
  );
  if (chosen === remove) await rm(file);
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
