import { rm } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { ModelEntry, ModelInfo } from "../../contract/model";
import type { EngineService } from "../engine/service";
import type { Downloads } from "./downloads";
import { summary } from "./format";
import type { ModelLibrary } from "./library";
import type { ModelNode } from "./tree";

export interface ModelServices {
  engine: EngineService;
  library: ModelLibrary;
  downloads: Downloads;
}

/** Loads a file with a notification that shows progress and can cancel. */
export async function loadFile({ engine, library }: ModelServices, file: string): Promise<ModelInfo> {
  const model = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Loading {0}", path.basename(file)),
      cancellable: true,
    },
    async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      let shown = 0;
      return await engine.load(file, {
        signal: abort.signal,
        onProgress: (fraction) => {
          progress.report({ increment: (fraction - shown) * 100 });
          shown = fraction;
        },
      });
    },
  );
  await library.remember(file, model);
  await library.chosen(file);
  return model;
}

/** A node of the tree, or nothing (from the palette): then a person chooses. */
export async function load(services: ModelServices, node: ModelNode | undefined): Promise<void> {
  const entry = node?.kind === "model" ? node.entry : undefined;
  if (!entry) return await choose(services);
  if (entry.file) await loadFile(services, entry.file);
  else await download(services, node);
}

export async function choose(services: ModelServices): Promise<void> {
  const { library, engine } = services;
  const local = [await library.specimenEntry(), ...(await library.files())];
  const items: (vscode.QuickPickItem & { entry?: ModelEntry; act?: "add" | "catalogue" })[] = local.map((entry) => ({
    label: entry.name,
    description: entry.file === engine.model?.file ? vscode.l10n.t("loaded") : summary(entry),
    detail: entry.kind === "specimen" ? entry.description : entry.file,
    iconPath: new vscode.ThemeIcon(entry.kind === "specimen" ? "beaker" : "file-binary"),
    entry,
  }));
  items.push(
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    { label: vscode.l10n.t("Add a GGUF file…"), iconPath: new vscode.ThemeIcon("add"), act: "add" },
    { label: vscode.l10n.t("From the catalogue…"), iconPath: new vscode.ThemeIcon("cloud-download"), act: "catalogue" },
  );
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t("The model that chats and that is looked into"),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen?.entry?.file) await loadFile(services, chosen.entry.file);
  else if (chosen?.act === "add") await add(services);
  else if (chosen?.act === "catalogue") await download(services, undefined);
}

export async function add(services: ModelServices): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Add a model"),
    openLabel: vscode.l10n.t("Add"),
    filters: { GGUF: ["gguf"] },
    canSelectMany: false,
  });
  const file = chosen?.[0]?.fsPath;
  if (file) await loadFile(services, file);
}

export async function download(services: ModelServices, node: ModelNode | undefined): Promise<void> {
  const entry = node?.kind === "model" ? node.entry : await chooseFromCatalogue(services);
  if (!entry) return;
  const file = entry.file ?? (await services.downloads.download(entry));
  await services.library.remember(file);
  const load = vscode.l10n.t("Load It");
  const answer = await vscode.window.showInformationMessage(vscode.l10n.t("{0} is on this machine.", entry.name), load);
  if (answer === load) await loadFile(services, file);
}

async function chooseFromCatalogue({ library }: ModelServices): Promise<ModelEntry | undefined> {
  const entries = await library.catalogue();
  const chosen = await vscode.window.showQuickPick(
    entries.map((entry) => ({ label: entry.name, description: summary(entry), detail: entry.description, entry })),
    { placeHolder: vscode.l10n.t("A model to download from Hugging Face"), matchOnDescription: true },
  );
  return chosen?.entry;
}

/** Takes a model out of the list; a file in our own folder can be deleted too, if the person says so. */
export async function remove({ engine, library }: ModelServices, node: ModelNode | undefined): Promise<void> {
  const file = node?.kind === "model" ? node.entry.file : undefined;
  if (!file || file === library.specimen) return;
  const ours = path.resolve(file).startsWith(path.resolve(library.folder) + path.sep);
  const forget = vscode.l10n.t("Remove from List");
  const erase = vscode.l10n.t("Delete File");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t("Remove {0}?", path.basename(file)),
    { modal: true, detail: file },
    ...(ours ? [erase, forget] : [forget]),
  );
  if (answer === undefined) return;
  if (engine.model?.file === file) await engine.unload();
  if (answer === erase) await rm(file, { force: true });
  await library.forget(file);
}
