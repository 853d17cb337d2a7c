import * as vscode from "vscode";
import type { ModelEntry } from "../../contract/model";
import type { EngineService } from "../engine/service";
import { bytes } from "./format";
import type { ModelLibrary } from "./library";

/** Downloads under way. Each can be cancelled; what was received is kept, and the next try goes on from there. */
export class Downloads implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly running = new Map<string, { fraction: number; abort: AbortController }>();

  constructor(
    private readonly engine: EngineService,
    private readonly library: ModelLibrary,
  ) {}

  /** 0..1, or null when the entry is not being downloaded. */
  progress(entry: ModelEntry): number | null {
    return this.running.get(entry.id)?.fraction ?? null;
  }

  /** Downloads an entry of the catalogue with a notification that can cancel it, and returns the file. */
  async download(entry: ModelEntry): Promise<string> {
    const { uri } = entry;
    if (!uri) throw new Error(`${entry.name} has no address to download from.`);
    if (this.running.has(entry.id)) throw new Error(vscode.l10n.t("{0} is being downloaded already.", entry.name));
    const abort = new AbortController();
    const state = { fraction: 0, abort };
    this.running.set(entry.id, state);
    this.changed.fire();
    try {
      return await vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: vscode.l10n.t("Downloading {0}", entry.name),
          cancellable: true,
        },
        async (progress, token) => {
          token.onCancellationRequested(() => abort.abort());
          let shown = 0;
          const { file } = await this.engine.call(
            "download",
            { uri, folder: this.library.folder, ...(entry.sha256 ? { sha256: entry.sha256 } : {}) },
            {
              signal: abort.signal,
              onProgress: ({ received, total }) => {
                const percent = total > 0 ? Math.floor((received / total) * 100) : 0;
                state.fraction = percent / 100;
                progress.report({
                  increment: percent - shown,
                  message: vscode.l10n.t("{0} of {1}", bytes(received), bytes(total)),
                });
                if (percent !== shown) this.changed.fire();
                shown = percent;
              },
            },
          );
          return file;
        },
      );
    } finally {
      this.running.delete(entry.id);
      this.changed.fire();
    }
  }

  cancel(entry: ModelEntry): void {
    this.running.get(entry.id)?.abort.abort();
  }

  dispose(): void {
    for (const { abort } of this.running.values()) abort.abort();
    this.changed.dispose();
  }
}
