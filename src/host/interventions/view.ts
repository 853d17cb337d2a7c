import * as vscode from "vscode";
import type { InterventionsViewMethods, InterventionsViewState } from "../../contract/interventions";
import type { Handlers } from "../../contract/method";
import type { EngineService } from "../engine/service";
import type { Log } from "../log";
import { ViewChannel } from "../views/channel";
import { commonHandlers, type CommonPorts } from "../views/common";
import { viewOptions, viewPage } from "../views/html";
import { interventionsChecks } from "./checks";
import type { Interventions } from "./list";
import type { Switchboard } from "./switchboard";

export interface InterventionsViewPorts extends CommonPorts {
  extension: vscode.Uri;
  engine: EngineService;
  list: Interventions;
  switchboard: Switchboard;
  log: Log;
}

/**
 * The Interventions view of the side bar. A page and not a tree of the editor's own, because a tree has no slider: how strongly
 * a direction acts is turned while answers are read. Check boxes, sliders and fields are native controls with names, so that
 * keyboards and screen readers use it as they use a form; what is done with one entry stands in the editor's own context menu too.
 */
export class InterventionsView implements vscode.WebviewViewProvider, vscode.Disposable {
  private channel: ViewChannel<InterventionsViewMethods> | null = null;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly ports: InterventionsViewPorts) {
    const { list, engine } = ports;
    this.subscriptions = [
      list.onDidChange(() => this.push()),
      list.onDidLearn(() => this.push()),
      engine.onDidChange(() => this.push()),
    ];
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.channel?.dispose();
    const { extension, log, switchboard } = this.ports;
    view.webview.options = viewOptions(extension);
    const channel = new ViewChannel<InterventionsViewMethods>(
      view.webview,
      interventionsChecks,
      this.handlers(),
      () => {
        this.push();
        void switchboard.check();
      },
      log,
    );
    this.channel = channel;
    const looked = view.onDidChangeVisibility(() => {
      if (view.visible) void switchboard.check();
    });
    view.onDidDispose(() => {
      looked.dispose();
      channel.dispose();
      if (this.channel === channel) this.channel = null;
    });
    view.webview.html = viewPage(view.webview, extension, "interventions", vscode.l10n.t("Interventions"));
  }

  dispose(): void {
    this.channel?.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private push(): void {
    const state: InterventionsViewState = { model: this.ports.engine.model, entries: this.ports.list.shown() };
    this.channel?.event("state", state);
  }

  private handlers(): Handlers<InterventionsViewMethods> {
    const { list } = this.ports;
    const act =
      <P>(work: (params: P) => unknown) =>
      async (params: P): Promise<null> => {
        await work(params);
        return null;
      };
    const run = (command: string) => act((params: object) => void vscode.commands.executeCommand(command, params));
    return {
      ...commonHandlers(this.ports, "interventions"),
      toggle: act(({ id, on }) => list.toggle(id, on)),
      change: act(({ id, change }) => list.change(id, change)),
      meter: act(({ id, on }) => list.meter(id, on)),
      duplicate: act(({ id }) => list.duplicate(id)),
      remove: act(({ id }) => list.remove(id)),
      showFile: run("vitrine.interventions.showFile"),
      openPanel: run("vitrine.interventions.openPanel"),
      allOff: act(() => list.allOff()),
      addFile: run("vitrine.interventions.addFile"),
      silenceNeuron: run("vitrine.interventions.silenceNeuron"),
      openDirections: run("vitrine.directions.open"),
    };
  }
}
