import * as vscode from "vscode";
import { fail, errorData } from "../../contract/errors";
import type { Handlers } from "../../contract/method";
import type { TraceViewMethods, TraceViewState } from "../../contract/traceView";
import { Throttle } from "../chat/throttle";
import type { EngineService } from "../engine/service";
import type { Log } from "../log";
import type { Traces } from "../trace/traces";
import { ViewChannel } from "./channel";
import { commonHandlers, type CommonPorts } from "./common";
import { viewOptions, viewPage } from "./html";
import { traceChecks } from "./traceChecks";

export interface TracePorts extends CommonPorts {
  extension: vscode.Uri;
  engine: EngineService;
  traces: Traces;
  log: Log;
}

const viewType = "vitrine.trace";
const rowsAtOnce = 5_000;

/** The Trace in the editor area: one panel, which shows whichever run was opened last. */
export class TracePanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private channel: ViewChannel<TraceViewMethods> | undefined;
  private run: string | undefined;
  private from: number | null = null;
  private readonly pushing = new Throttle(
    () => void this.push(),
    () => 250,
  );
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly ports: TracePorts) {
    this.subscriptions = [
      ports.traces.onDidChange(() => {
        if (this.panel) this.pushing.request();
      }),
      ports.engine.onDidChange(() => {
        if (this.panel) this.pushing.request();
      }),
      vscode.window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: (panel, state) => {
          this.attach(panel, runIn(state));
          return Promise.resolve();
        },
      }),
    ];
  }

  /** Opens a run, or the latest one; `from` is the step to begin at. */
  async open(run?: string, step?: number): Promise<void> {
    const { traces, extension } = this.ports;
    const wanted = run ?? this.run ?? (await traces.list())[0]?.run;
    this.from = null;
    if (wanted !== undefined && step !== undefined) {
      this.from = (await traces.open(wanted)).rows.find((row) => row.step === step)?.line ?? null;
    }
    this.run = wanted;
    if (this.panel) {
      this.panel.reveal();
      await this.push();
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      viewType,
      vscode.l10n.t("Trace"),
      { viewColumn: vscode.ViewColumn.Active },
      { ...viewOptions(extension), enableFindWidget: true },
    );
    this.attach(panel, wanted);
  }

  dispose(): void {
    this.pushing.clear();
    this.channel?.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private attach(panel: vscode.WebviewPanel, run: string | undefined): void {
    const { extension, log } = this.ports;
    this.channel?.dispose();
    this.panel?.dispose();
    this.run = run;
    panel.webview.options = viewOptions(extension);
    panel.iconPath = {
      light: vscode.Uri.joinPath(extension, "media", "panel-light.svg"),
      dark: vscode.Uri.joinPath(extension, "media", "panel-dark.svg"),
    };
    panel.title = vscode.l10n.t("Trace");
    const channel = new ViewChannel<TraceViewMethods>(
      panel.webview,
      traceChecks,
      this.handlers(),
      () => void this.push(),
      log,
    );
    this.panel = panel;
    this.channel = channel;
    panel.onDidDispose(() => {
      channel.dispose();
      if (this.panel === panel) this.panel = this.channel = undefined;
    });
    panel.webview.html = viewPage(panel.webview, extension, "trace", panel.title);
  }

  private handlers(): Handlers<TraceViewMethods> {
    const { traces } = this.ports;
    return {
      ...commonHandlers(this.ports, "trace"),
      rows: async ({ run, from }) => {
        const { rows } = await traces.open(run);
        return { rows: rows.slice(from, from + rowsAtOnce) };
      },
      entry: async ({ run, line }) => (await traces.open(run)).entry(line),
      place: ({ run, line, token, instrument }) => traces.place(run, token, instrument, line),
      openRun: async ({ run }) => {
        await this.open(run);
        return null;
      },
      openFile: async ({ run, line }) => {
        const at = new vscode.Range(line, 0, line, 0);
        await vscode.window.showTextDocument(vscode.Uri.file(traces.fileOf(run)), {
          selection: at,
          viewColumn: vscode.ViewColumn.Beside,
        });
        return null;
      },
    };
  }

  /** The whole of what there is to say; the rows themselves are asked for by the view. */
  private async push(): Promise<void> {
    try {
      this.channel?.event("state", await this.state());
    } catch (thrown) {
      this.ports.log.warn(`The trace could not be read: ${errorData(thrown).message}`);
    }
  }

  private async state(): Promise<TraceViewState> {
    const { traces, engine, log } = this.ports;
    const runs = await traces.list();
    const { model } = engine;
    const about = model ? { name: model.name, fingerprint: model.fingerprint } : null;
    const none = { runs, shown: null, count: 0, damaged: [], model: about, from: null };
    if (this.run === undefined) return none;
    try {
      const { head, rows, damaged } = await traces.open(this.run);
      return { runs, shown: head, count: rows.length, damaged: damaged.slice(0, 1_000), model: about, from: this.from };
    } catch (thrown) {
      // A run that was deleted: the list remains.
      log.warn(errorData(thrown).message);
      return none;
    }
  }
}

/** The run in a view's saved state, which is the view's word and so is checked. */
function runIn(state: unknown): string | undefined {
  if (typeof state !== "object" || state === null || !("run" in state)) return undefined;
  return typeof state.run === "string" && state.run.length <= 100 ? state.run : undefined;
}

/** What the command may be called with: a run's name, from the chat or a list. */
export function runArgument(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : fail("badArgument", "A run is named by a text.");
}
