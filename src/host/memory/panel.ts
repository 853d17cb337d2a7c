import path from "node:path";
import * as vscode from "vscode";
import { errorData, fail, type ErrorData } from "../../contract/errors";
import type { MemoryWhy, ReflectProgress } from "../../contract/memory";
import {
  memoryPanelMethods,
  type MemoryGraphRequest,
  type MemoryPanelMethod,
  type MemoryPanelState,
  type MemoryViewMethods,
} from "../../contract/memoryView";
import type { CallContext, Handlers } from "../../contract/method";
import { workspaceFolders } from "../agent/agents";
import { Throttle } from "../chat/throttle";
import type { Log } from "../log";
import { ViewChannel } from "../views/channel";
import { commonHandlers, type CommonPorts } from "../views/common";
import { viewOptions, viewPage } from "../views/html";
import { memoryChecks } from "../views/memoryChecks";
import type { MemoryDoor } from "./door";
import type { PositionsFile } from "./positions";

export interface MemoryPanelPorts extends CommonPorts {
  extension: vscode.Uri;
  memory: MemoryDoor;
  places: PositionsFile;
  log: Log;
}

/** The Memory graph in the editor area. There is one; opening it again shows it on what was asked for. */
export class MemoryPanel implements vscode.Disposable {
  private held: { panel: vscode.WebviewPanel; channel: ViewChannel<MemoryViewMethods> } | null = null;
  private request: MemoryGraphRequest | null = null;
  private requests = 0;
  private revision = 0;
  private told: [drawn: string, beside: string] = ["", ""];
  private missing: ErrorData | null = null;
  private readonly pushing = new Throttle(
    () => this.push(),
    () => 80,
  );
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly ports: MemoryPanelPorts) {
    this.subscriptions = [
      ports.memory.onDidChange(() => this.changed()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.wake()),
      vscode.window.registerWebviewPanelSerializer("vitrine.memory", {
        deserializeWebviewPanel: (panel) => {
          this.attach(panel);
          return Promise.resolve();
        },
      }),
    ];
  }

  /** Shows the graph; `ids` names what to show in it, `why` what an answer was given. */
  open(about: { ids?: string[]; why?: MemoryWhy } = {}): void {
    if (about.ids !== undefined || about.why !== undefined) this.request = { number: ++this.requests, ...about };
    if (this.held) {
      this.held.panel.reveal();
      this.push();
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      "vitrine.memory",
      vscode.l10n.t("Memory Graph"),
      { viewColumn: vscode.ViewColumn.Active },
      { ...viewOptions(this.ports.extension), retainContextWhenHidden: true },
    );
    this.attach(panel);
  }

  dispose(): void {
    this.pushing.clear();
    this.held?.channel.dispose();
    this.held = null;
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private attach(panel: vscode.WebviewPanel): void {
    const { extension, log } = this.ports;
    this.held?.panel.dispose();
    panel.webview.options = viewOptions(extension);
    panel.iconPath = {
      light: vscode.Uri.joinPath(extension, "media", "panel-light.svg"),
      dark: vscode.Uri.joinPath(extension, "media", "panel-dark.svg"),
    };
    panel.title = vscode.l10n.t("Memory Graph");
    const channel = new ViewChannel<MemoryViewMethods>(
      panel.webview,
      memoryChecks,
      this.handlers(),
      () => void this.wake(),
      log,
    );
    this.held = { panel, channel };
    panel.onDidDispose(() => {
      channel.dispose();
      if (this.held?.panel === panel) this.held = null;
    });
    panel.webview.html = viewPage(panel.webview, extension, "memory", panel.title);
  }

  /** Opens the memory, which no one may have asked yet, and tells the view what became of it. */
  private async wake(): Promise<void> {
    if (!this.held) return;
    try {
      await this.ports.memory.call("memoryState", {});
      this.missing = null;
    } catch (thrown) {
      this.missing = errorData(thrown);
    }
    this.push();
  }

  /** The graph is asked for again after every change, but not where only progress was told. */
  private changed(): void {
    const { reflecting, vectors, queued, pending, ...drawn } = this.ports.memory.state;
    const [before, besideBefore] = this.told;
    this.told = [JSON.stringify(drawn), JSON.stringify([reflecting, vectors, queued, pending])];
    const [now, besideNow] = this.told;
    if (now !== before || besideNow === besideBefore) this.revision++;
    this.pushing.request();
  }

  private push(): void {
    if (!this.held) return;
    const { state: memory } = this.ports.memory;
    const state: MemoryPanelState = {
      revision: this.revision,
      memory: this.missing ? null : memory,
      missing: this.missing,
      request: this.request,
    };
    this.held.channel.event("state", state);
  }

  private handlers(): Handlers<MemoryViewMethods> {
    const { memory, places } = this.ports;
    const passed = Object.fromEntries(
      memoryPanelMethods.map((name) => [
        name,
        (params: never, { signal, progress }: CallContext<ReflectProgress>) =>
          memory.call(name, params, { signal, onProgress: progress }),
      ]),
    ) as unknown as Pick<Handlers<MemoryViewMethods>, MemoryPanelMethod>;
    return {
      ...commonHandlers(this.ports, "memory"),
      ...passed,
      memoryPositions: () => places.read(),
      keepMemoryPositions: async ({ positions }) => {
        await places.keep(positions);
        return null;
      },
      openMemoryRun: async ({ run }) => {
        await openRun(run);
        return null;
      },
    };
  }
}

/** Opens the file that a run was written to. */
export async function openRun(run: string): Promise<void> {
  const [root] = workspaceFolders();
  if (root === undefined) fail("fileMissing", vscode.l10n.t("No folder is open."));
  const file = vscode.Uri.file(path.join(root, ".vitrine", "runs", `${run}.jsonl`));
  try {
    await vscode.workspace.fs.stat(file);
  } catch {
    fail("fileMissing", vscode.l10n.t("The file of this run is no longer there."));
  }
  await vscode.commands.executeCommand("vscode.open", file);
}
