import { stat } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { ModelEntry, ModelInfo } from "../../contract/model";

const recentKey = "vitrine.recentModels";
const lastKey = "vitrine.lastModel";
const recentLimit = 12;
/** A model of this size is there in a moment, and takes no memory worth asking about. */
const smallBytes = 300e6;

export interface LibraryPorts {
  /** Kept for the machine, not a workspace. */
  memory: Pick<vscode.Memento, "get" | "update">;
  specimen: string;
  /** The file of the setting, empty where none is set. */
  configured(): string;
  /** Folder of downloads. */
  folder(): string;
  catalogue(folder: string): Promise<ModelEntry[]>;
}

/** The models a person can choose from: the specimen, files of theirs, and the catalogue. */
export class ModelLibrary implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly ports: LibraryPorts) {}

  get specimen(): string {
    return this.ports.specimen;
  }

  get folder(): string {
    return this.ports.folder();
  }

  /** What is loaded when nothing was chosen: the setting, else the last one that still exists, else the specimen. */
  async defaultFile(): Promise<string> {
    const configured = this.ports.configured();
    if (configured) return configured;
    const last = this.ports.memory.get<string>(lastKey);
    if (last && (await sizeOf(last)) !== null) return last;
    return this.ports.specimen;
  }

  /** The default is small enough to be loaded before anyone asks for it. */
  async defaultIsSmall(): Promise<boolean> {
    const size = await sizeOf(await this.defaultFile());
    return size !== null && size <= smallBytes;
  }

  async specimenEntry(): Promise<ModelEntry> {
    return {
      id: "specimen",
      name: vscode.l10n.t("Specimen"),
      kind: "specimen",
      file: this.ports.specimen,
      size: (await sizeOf(this.ports.specimen)) ?? 0,
      licence: "MIT",
      description: vscode.l10n.t("A very small model made to be looked into. It ships with Vitrine."),
    };
  }

  /** Files that were loaded or added, latest first; one that is gone is left out. */
  async files(): Promise<ModelEntry[]> {
    const entries: ModelEntry[] = [];
    for (const { file, name } of this.recent()) {
      const size = await sizeOf(file);
      if (size !== null) entries.push({ id: `file:${file}`, name, kind: "file", file, size });
    }
    return entries;
  }

  async catalogue(): Promise<ModelEntry[]> {
    return await this.ports.catalogue(this.ports.folder());
  }

  /** Keeps a file in the list; `model` names it better than its file name does. */
  async remember(file: string, model?: ModelInfo): Promise<void> {
    if (file === this.ports.specimen) return;
    const rest = this.recent().filter((entry) => entry.file !== file);
    const known = this.recent().find((entry) => entry.file === file)?.name;
    const name = model?.name || known || path.basename(file).replace(/\.gguf$/i, "");
    await this.ports.memory.update(recentKey, [{ file, name }, ...rest].slice(0, recentLimit));
    this.changed.fire();
  }

  async chosen(file: string): Promise<void> {
    await this.ports.memory.update(lastKey, file);
  }

  async forget(file: string): Promise<void> {
    await this.ports.memory.update(
      recentKey,
      this.recent().filter((entry) => entry.file !== file),
    );
    if (this.ports.memory.get<string>(lastKey) === file) await this.ports.memory.update(lastKey, undefined);
    this.changed.fire();
  }

  refresh(): void {
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }

  private recent(): { file: string; name: string }[] {
    const stored = this.ports.memory.get<unknown>(recentKey, []);
    return Array.isArray(stored) ? stored.filter(isRecent) : [];
  }
}

function isRecent(value: unknown): value is { file: string; name: string } {
  if (typeof value !== "object" || value === null) return false;
  const { file, name } = value as Record<string, unknown>;
  return typeof file === "string" && path.isAbsolute(file) && typeof name === "string";
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    const found = await stat(file);
    return found.isFile() ? found.size : null;
  } catch {
    // Gone or unreadable is an answer here, not a failure: the entry is left out.
    return null;
  }
}
