import { cp, mkdir, readdir, stat } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { FeatureFolder } from "../../contract/actingView";
import { errorData, fail } from "../../contract/errors";
import type { EngineService } from "../engine/service";
import { madeFolder, madePlace, plainName } from "./places";

const isFile = (file: string) =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  );

/** Every sparse auto-encoder of the workspace, with what it says of itself or why it cannot be read. */
export async function featureFolders(engine: Pick<EngineService, "call">): Promise<FeatureFolder[]> {
  if (!vscode.workspace.workspaceFolders?.length) return [];
  const root = madeFolder("features");
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
  const folders: FeatureFolder[] = [];
  for (const name of names) {
    const folder = path.join(root, name);
    const checkpoint = await isFile(path.join(folder, "checkpoint.safetensors"));
    try {
      folders.push({ name, checkpoint, info: await engine.call("featuresInfo", { folder }) });
    } catch (thrown) {
      folders.push({ name, checkpoint, error: errorData(thrown) });
    }
  }
  return folders;
}

/** Files of the two layouts; nothing else of a chosen folder is copied. */
const ours =
  /^(cfg\.json|sae_weights\.safetensors|sparsity\.safetensors|params\.npz|labels\.json|contexts\.jsonl|measures\.json)$/;

/** Copies a folder in SAELens' or Gemma Scope's layout into the workspace, once the engine could read it. */
export async function importFeatures(engine: Pick<EngineService, "call">): Promise<string | null> {
  const root = madeFolder("features");
  const chosen = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: vscode.l10n.t("Load Features"),
    title: vscode.l10n.t("A folder with cfg.json and sae_weights.safetensors (SAELens), or params.npz (Gemma Scope)"),
  });
  const from = chosen?.[0]?.fsPath;
  if (from === undefined) return null;
  await engine.call("featuresInfo", { folder: from });
  const name = await freeName(root, nameFor(from));
  const to = madePlace("features", name);
  await mkdir(to, { recursive: true });
  for (const file of await readdir(from)) {
    if (ours.test(file)) await cp(path.join(from, file), path.join(to, file), { dereference: true });
  }
  return name;
}

/** Gemma Scope's layer and site are told by its folders' names alone, so the copy keeps them. */
function nameFor(folder: string): string {
  const parts = folder.split(path.sep);
  const layer = parts.findLastIndex((part) => /^layer_\d+$/.test(part));
  if (layer < 0) return plainName(path.basename(folder));
  const mlp = /mlp/.test(parts[layer - 1] ?? "") ? ["mlp"] : [];
  return plainName([...mlp, ...parts.slice(layer)].join("-"));
}

async function freeName(root: string, wanted: string): Promise<string> {
  const taken = new Set(await readdir(root).catch(() => []));
  if (!taken.has(wanted)) return wanted;
  for (let i = 2; i < 1000; i++) if (!taken.has(`${wanted} ${i}`)) return `${wanted} ${i}`;
  return fail("badArgument", vscode.l10n.t("There are too many folders of that name."));
}
