import { realpath } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { workspaceFolders } from "../agent/agents";

/** What the editor takes for a tool file at first sight; `toolName` decides. */
export const toolFiles: vscode.DocumentSelector = [
  { scheme: "file", pattern: "**/.vitrine/tools/*.ts" },
  { scheme: "vscode-remote", pattern: "**/.vitrine/tools/*.ts" },
];

/** Names as the forge takes them; also what a new tool's name is held to. */
export const namePattern = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * The name of the tool whose file this is, or undefined for any other file: one of another folder, one that a link leads
 * to or out of, and every file while the workspace is not trusted or no folder is open.
 */
export async function toolName(uri: vscode.Uri): Promise<string | undefined> {
  if (!vscode.workspace.isTrusted || (uri.scheme !== "file" && uri.scheme !== "vscode-remote")) return undefined;
  const root = workspaceFolders()[0];
  const name = path.basename(uri.fsPath, ".ts");
  if (root === undefined || !namePattern.test(name) || !uri.fsPath.endsWith(".ts")) return undefined;
  try {
    const expected = path.join(await realpath(root), ".vitrine", "tools", `${name}.ts`);
    return (await realpath(uri.fsPath)) === expected ? name : undefined;
  } catch {
    // A file that is not there is no tool's.
    return undefined;
  }
}
