import path from "node:path";
import * as vscode from "vscode";
import type { DirectionsViewMethods, DirectionsViewState } from "../../contract/directionsView";
import { errorData } from "../../contract/errors";
import type { Handlers } from "../../contract/method";
import type { EngineService } from "../engine/service";
import type { Interventions } from "../interventions/list";
import type { Log } from "../log";
import { ViewChannel } from "../views/channel";
import { commonHandlers, type CommonPorts } from "../views/common";
import { viewOptions, viewPage } from "../views/html";
import { directionsChecks } from "./checks";
import { directionsFolder, fileName } from "./folder";
import type { Directions } from "./service";

export interface DirectionsPanelPorts extends CommonPorts {
  extension: vscode.Uri;
  engine: EngineService;
  directions: Directions;
  interventions: Interventions;
  log: Log;
}

const viewType = "vitrine.directions";

/** The one directions panel of the editor area. It holds nothing: jobs and results live in the service. */
export class DirectionsPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | null = null;
  private channel: ViewChannel<DirectionsViewMethods> | null = null;
  private opened: string | null = null;
  private openings = 0;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly ports: DirectionsPanelPorts) {
    const { directions, engine } = ports;
    this.subscriptions = [
      directions.onDidChange(() => this.push()),
      engine.onDidChange(() => this.push()),
      directions.onDidWork((job) => this.channel?.event("job", job)),
      directions.onDidFinish((results) => this.channel?.event("results", results)),
      vscode.window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: (panel) => {
          this.attach(panel);
          return Promise.resolve();
        },
      }),
    ];
  }

  /** Opens the panel, on a file of the folder where one is given. */
  open(file?: string): void {
    if (file !== undefined && path.dirname(file) === directionsFolder()) {
      this.opened = fileName(path.basename(file));
      this.openings += 1;
    }
    if (this.panel) {
      this.panel.reveal();
      this.push();
      return;
    }
    const title = vscode.l10n.t("Directions");
    const options = { ...viewOptions(this.ports.extension), enableFindWidget: true };
    this.attach(vscode.window.createWebviewPanel(viewType, title, vscode.ViewColumn.Active, options));
  }

  dispose(): void {
    this.channel?.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private attach(panel: vscode.WebviewPanel): void {
    const { extension, log, engine } = this.ports;
    this.panel = panel;
    panel.webview.options = viewOptions(extension);
    panel.iconPath = {
      light: vscode.Uri.joinPath(extension, "media", "panel-light.svg"),
      dark: vscode.Uri.joinPath(extension, "media", "panel-dark.svg"),
    };
    const channel = new ViewChannel<DirectionsViewMethods>(
      panel.webview,
      directionsChecks,
      this.handlers(),
      () => this.ready(),
      log,
    );
    this.channel = channel;
    panel.onDidDispose(() => {
      channel.dispose();
      if (this.panel === panel) this.panel = this.channel = null;
    });
    panel.webview.html = viewPage(panel.webview, extension, "directions", vscode.l10n.t("Directions"));
    engine.ensureModel().catch((thrown: unknown) => {
      log.warn(`No model for the panel: ${errorData(thrown).message}`);
    });
  }

  private ready(): void {
    const { directions, log } = this.ports;
    this.push();
    this.channel?.event("job", directions.job);
    this.channel?.event("results", directions.results);
    directions.refresh().catch((thrown: unknown) => log.warn(errorData(thrown).message));
  }

  private push(): void {
    const { engine, directions, interventions } = this.ports;
    const state: DirectionsViewState = {
      model: engine.model,
      request: null,
      interventions: interventions.active().names,
      folder: directionsFolder() ?? null,
      files: directions.files(),
      rated: directions.ratedCount,
      opened: this.opened,
      openings: this.openings,
    };
    this.channel?.event("state", state);
  }

  private handlers(): Handlers<DirectionsViewMethods> {
    const { directions } = this.ports;
    const act =
      <P>(work: (params: P) => unknown) =>
      async (params: P): Promise<null> => {
        await work(params);
        return null;
      };
    return {
      ...commonHandlers(this.ports, "directions"),
      extract: act((params) => directions.extract(params)),
      test: act((params) => directions.test(params)),
      grid: act((params) => directions.grid(params)),
      stop: act(() => directions.stop()),
      intervene: act((params) => directions.intervene(params)),
      meter: act(({ file, on }) => directions.meter(file, on)),
      importFiles: act(() => directions.importFiles()),
      removeFile: act(({ file }) => directions.remove(file)),
      showFile: act(({ file }) => directions.show(file)),
      loadPrompts: () => directions.loadPrompts(),
      ratedAnswers: () => directions.ratedAnswers(),
      showChat: act(() => void vscode.commands.executeCommand("vitrine.chat.focus")),
    };
  }
}
