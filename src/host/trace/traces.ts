import path from "node:path";
import * as vscode from "vscode";
import { listRuns, runFile, TraceFile } from "../../agent/node/traceFiles";
import { fail } from "../../contract/errors";
import type { TraceRun } from "../../contract/traceView";
import type { InstrumentRequest } from "../../contract/view";
import { workspaceFolders } from "../agent/agents";
import type { EngineService } from "../engine/service";
import { placeOfToken } from "./places";

/** The runs of the workspace, read from their files: the same for a run that goes on, one of yesterday and one of the CLI's. */
export class Traces implements vscode.Disposable {
  private readonly files = new Map<string, TraceFile>();
  private readonly changed = new vscode.EventEmitter<string>();
  /** The run whose file has grown. */
  readonly onDidChange = this.changed.event;
  private readonly watcher: vscode.FileSystemWatcher;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly engine: Pick<EngineService, "ensureModel" | "call">) {
    this.watcher = vscode.workspace.createFileSystemWatcher("**/.vitrine/runs/*.jsonl");
    const tell = ({ fsPath }: vscode.Uri) => this.changed.fire(path.basename(fsPath, ".jsonl"));
    this.subscriptions = [
      this.watcher,
      this.watcher.onDidCreate(tell),
      this.watcher.onDidChange(tell),
      this.watcher.onDidDelete(({ fsPath }) => {
        this.files.delete(fsPath);
        tell(vscode.Uri.file(fsPath));
      }),
      this.changed,
    ];
  }

  list(): Promise<TraceRun[]> {
    const folder = runsFolder();
    return folder === undefined ? Promise.resolve([]) : listRuns(folder);
  }

  /** A run's file as it is now. Fails with `fileMissing`. */
  async open(run: string): Promise<TraceFile> {
    const file = this.fileOf(run);
    let held = this.files.get(file);
    if (!held) {
      held = new TraceFile(run, file);
      this.files.set(file, held);
      // A few of them are enough: they are read again when they are opened again.
      for (const old of [...this.files.keys()].slice(0, -4)) this.files.delete(old);
    }
    await this.oneAtATime(held);
    return held;
  }

  fileOf(run: string): string {
    const folder = runsFolder() ?? fail("fileMissing", vscode.l10n.t("No folder is open."));
    return runFile(folder, run);
  }

  /** The place of a token; without a line, of the run's last reply, which its answer is. */
  async place(
    run: string,
    token: number,
    instrument: InstrumentRequest["instrument"],
    line?: number,
  ): Promise<InstrumentRequest> {
    const file = await this.open(run);
    const reply = line ?? file.lastReply() ?? fail("badArgument", vscode.l10n.t("The answer has no such token."));
    return placeOfToken(this.engine, file, reply, token, instrument);
  }

  /** Something was written that the watcher has not told yet. */
  grown(run: string): void {
    this.changed.fire(run);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private readonly updating = new Map<TraceFile, Promise<boolean>>();
  private async oneAtATime(file: TraceFile): Promise<void> {
    const before = this.updating.get(file) ?? Promise.resolve(false);
    const next = before.catch(() => false).then(() => file.update());
    this.updating.set(file, next);
    try {
      await next;
    } catch (thrown) {
      this.files.delete(this.fileOf(file.run));
      throw thrown;
    } finally {
      if (this.updating.get(file) === next) this.updating.delete(file);
    }
  }
}

function runsFolder(): string | undefined {
  const [folder] = workspaceFolders();
  return folder === undefined ? undefined : path.join(folder, ".vitrine", "runs");
}
