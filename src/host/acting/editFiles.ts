import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { EditFile } from "../../contract/actingView";
import { errorData } from "../../contract/errors";
import type { EditInfo } from "../../contract/acting";
import type { EngineService } from "../engine/service";
import type { Interventions } from "../interventions/list";
import { madeFolder, madePlace } from "./places";

const ending = ".gguf";

/** The file a name stands for; the ending may be left out. */
export function editPlace(name: string): string {
  return madePlace("edits", name.endsWith(ending) ? name : `${name}${ending}`);
}

/** Edits of the workspace: adapters in `.vitrine/edits`, switched on and off through the list of interventions. */
export class EditFiles implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly engine: Pick<EngineService, "call" | "model" | "onDidChange">,
    private readonly interventions: Pick<Interventions, "all" | "add" | "toggle" | "remove" | "onDidChange">,
  ) {
    const watcher = vscode.workspace.createFileSystemWatcher("**/.vitrine/edits/*.gguf");
    const tell = () => this.changed.fire();
    this.subscriptions = [
      watcher,
      watcher.onDidCreate(tell),
      watcher.onDidChange(tell),
      watcher.onDidDelete(tell),
      interventions.onDidChange(tell),
    ];
  }

  async list(): Promise<EditFile[]> {
    if (!vscode.workspace.workspaceFolders?.length) return [];
    const root = madeFolder("edits");
    const names = (await readdir(root).catch(() => [])).filter((name) => name.endsWith(ending)).sort();
    return await Promise.all(
      names.map(async (name): Promise<EditFile> => {
        const on = this.isOn(path.join(root, name));
        try {
          return { name, on, info: await this.info(name) };
        } catch (thrown) {
          return { name, on, error: errorData(thrown) };
        }
      }),
    );
  }

  async info(name: string): Promise<EditInfo> {
    return await this.engine.call("editInfo", { file: editPlace(name) });
  }

  /** Where a new edit is written. */
  async placeFor(name: string): Promise<string> {
    await mkdir(madeFolder("edits"), { recursive: true });
    return editPlace(name);
  }

  /** Told by whoever has written a file: watching may be slow, or off. */
  written(): void {
    this.changed.fire();
  }

  /** On: it acts on the very next answer. One made for another model is refused. */
  async switch(name: string, on: boolean): Promise<void> {
    const file = editPlace(name);
    const entry = this.entry(file);
    if (!on) {
      if (entry) await this.interventions.toggle(entry.id, false);
      return;
    }
    await this.engine.call("editLoad", { edits: [{ file }] });
    if (entry) await this.interventions.toggle(entry.id, true);
    else await this.interventions.add({ kind: "edit", use: { file }, name: await this.title(name), on: true });
  }

  /** Asks, switches it off, and deletes the file. */
  async delete(name: string): Promise<boolean> {
    const remove = vscode.l10n.t("Delete");
    const chosen = await vscode.window.showWarningMessage(
      vscode.l10n.t("Delete the edit {0}?", name),
      { modal: true, detail: vscode.l10n.t("The model itself is untouched; the file of the edit is deleted.") },
      remove,
    );
    if (chosen !== remove) return false;
    const file = editPlace(name);
    const entry = this.entry(file);
    if (entry) await this.interventions.remove(entry.id);
    await rm(file, { force: true });
    this.changed.fire();
    return true;
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
    this.changed.dispose();
  }

  private isOn(file: string): boolean {
    return this.entry(file)?.on ?? false;
  }

  private entry(file: string) {
    return this.interventions.all.find((each) => each.kind === "edit" && each.use.file === file);
  }

  /** What the list calls it: the fact where the file tells one. */
  private async title(name: string): Promise<string> {
    const { fact } = await this.info(name);
    const plain = path.basename(name, ending);
    return fact ? vscode.l10n.t("{0}: {1} instead of {2}", fact.subject, fact.to, fact.from).slice(0, 160) : plain;
  }
}
