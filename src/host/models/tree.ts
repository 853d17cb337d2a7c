import * as vscode from "vscode";
import { errorData } from "../../contract/errors";
import type { ModelEntry } from "../../contract/model";
import type { EngineService } from "../engine/service";
import { sentence } from "../errors";
import type { Downloads } from "./downloads";
import { bytes, summary } from "./format";
import type { ModelLibrary } from "./library";

export type ModelNode =
  | { kind: "section"; section: "files" | "catalogue" }
  | { kind: "model"; entry: ModelEntry }
  | { kind: "note"; text: string; icon: string; command?: string };

/** The Models view: the specimen, the person's files, and a catalogue that is asked of the engine when it is opened. */
export class ModelsTree implements vscode.TreeDataProvider<ModelNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];
  private shown = "";

  constructor(
    private readonly library: ModelLibrary,
    private readonly engine: EngineService,
    private readonly downloads: Downloads,
  ) {
    this.subscriptions = [
      library.onDidChange(() => this.changed.fire()),
      downloads.onDidChange(() => this.changed.fire()),
      engine.onDidChange(() => this.engineChanged()),
    ];
  }

  async getChildren(node?: ModelNode): Promise<ModelNode[]> {
    if (!node) {
      return [
        { kind: "model", entry: await this.library.specimenEntry() },
        { kind: "section", section: "files" },
        { kind: "section", section: "catalogue" },
      ];
    }
    if (node.kind !== "section") return [];
    if (node.section === "files") {
      const files = await this.library.files();
      if (files.length > 0) return files.map((entry) => ({ kind: "model", entry }));
      return [{ kind: "note", text: vscode.l10n.t("Add a GGUF file…"), icon: "add", command: "vitrine.models.add" }];
    }
    try {
      return (await this.library.catalogue()).map((entry) => ({ kind: "model", entry }));
    } catch (thrown) {
      return [{ kind: "note", text: sentence(errorData(thrown)), icon: "warning", command: "vitrine.engine.restart" }];
    }
  }

  getTreeItem(node: ModelNode): vscode.TreeItem {
    if (node.kind === "section") return sectionItem(node.section);
    if (node.kind === "note") {
      const item = new vscode.TreeItem(node.text);
      item.iconPath = new vscode.ThemeIcon(node.icon);
      if (node.command) item.command = { command: node.command, title: node.text };
      return item;
    }
    return this.modelItem(node.entry);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }

  private modelItem(entry: ModelEntry): vscode.TreeItem {
    const item = new vscode.TreeItem(entry.name);
    item.id = `${entry.kind}:${entry.id}`;
    const loaded = entry.file !== undefined && this.engine.model?.file === entry.file;
    const state = this.engine.state;
    const loading = entry.file !== undefined && state.kind === "loading" && state.file === entry.file;
    const download = this.downloads.progress(entry);
    item.description = summary(entry);
    item.contextValue = contextValue(entry, { loaded, loading, downloading: download !== null });
    item.tooltip = tooltip(entry);
    if (loaded) {
      item.iconPath = new vscode.ThemeIcon("pass-filled", new vscode.ThemeColor("charts.green"));
      item.description = `${vscode.l10n.t("loaded")} · ${item.description}`;
    } else if (loading) {
      item.iconPath = new vscode.ThemeIcon("loading~spin");
      item.description = vscode.l10n.t("loading {0} %", Math.round(state.fraction * 100));
    } else if (download !== null) {
      item.iconPath = new vscode.ThemeIcon("loading~spin");
      item.description = vscode.l10n.t("downloading {0} %", Math.floor(download * 100));
    } else {
      item.iconPath = new vscode.ThemeIcon(
        entry.kind === "specimen" ? "beaker" : entry.file ? "file-binary" : "cloud-download",
      );
    }
    item.accessibilityInformation = { label: `${entry.name}, ${item.description}` };
    if (entry.file && !loaded && !loading) {
      item.command = {
        command: "vitrine.models.load",
        title: vscode.l10n.t("Load"),
        arguments: [{ kind: "model", entry }],
      };
    }
    return item;
  }

  /** The engine changes state often while it loads or works; the tree is drawn again only when an item would differ. */
  private engineChanged(): void {
    const state = this.engine.state;
    const loading = state.kind === "loading" ? `${state.file} ${Math.round(state.fraction * 20)}` : "";
    const shown = `${this.engine.model?.file ?? ""}|${loading}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.changed.fire();
  }
}

function sectionItem(section: "files" | "catalogue"): vscode.TreeItem {
  const files = section === "files";
  const item = new vscode.TreeItem(
    files ? vscode.l10n.t("Your files") : vscode.l10n.t("Catalogue"),
    files ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = `section:${section}`;
  item.contextValue = `section.${section}`;
  item.iconPath = new vscode.ThemeIcon(files ? "folder" : "library");
  if (!files)
    item.tooltip = vscode.l10n.t("Small instruct models that are known to work, to download from Hugging Face");
  return item;
}

/** Words that package.json's `when` clauses look for. */
export function contextValue(
  entry: ModelEntry,
  state: { loaded: boolean; loading: boolean; downloading: boolean },
): string {
  const words: string[] = [entry.kind];
  if (state.loaded) words.push("loaded");
  else if (state.loading) words.push("loading");
  else if (state.downloading) words.push("downloading");
  else if (entry.file) words.push("loadable");
  else words.push("downloadable");
  if (entry.file && entry.kind !== "specimen") words.push("removable");
  return words.join(" ");
}

function tooltip(entry: ModelEntry): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendText(entry.name);
  const lines = [
    entry.description,
    entry.parameters ? vscode.l10n.t("{0} parameters", entry.parameters) : undefined,
    entry.size > 0 ? vscode.l10n.t("{0} on disk", bytes(entry.size)) : undefined,
    entry.memory ? vscode.l10n.t("{0} of memory with 4,096 tokens", bytes(entry.memory)) : undefined,
    entry.licence ? vscode.l10n.t("Licence: {0}", entry.licence) : undefined,
    entry.file ?? entry.uri,
  ];
  for (const line of lines) {
    if (!line) continue;
    text.appendMarkdown("\n\n");
    text.appendText(line);
  }
  return text;
}
