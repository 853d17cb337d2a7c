import * as vscode from "vscode";
import type { Operator } from "../../agent/operator/operator";
import { fail } from "../../contract/errors";
import type { Handlers } from "../../contract/method";
import type { OperatorState, OperatorViewMethods } from "../../contract/operator";
import { Throttle } from "../chat/throttle";
import { ViewChannel } from "../views/channel";
import { commonHandlers, type CommonPorts } from "../views/common";
import { viewOptions, viewPage } from "../views/html";
import { operatorChecks } from "../views/operatorChecks";

export interface OperatorPorts extends CommonPorts {
  extension: vscode.Uri;
  /** The agent's browser; undefined while none is lent to it. */
  operator(): Operator | undefined;
  /** Something of it changed. */
  onDidChange: vscode.Event<void>;
  /** Ends the answer that is driving it. */
  stopAnswer(): void;
}

const viewType = "vitrine.operator";

const nothingOpen: OperatorState = {
  open: false,
  headless: true,
  hold: "agent",
  busy: null,
  url: "",
  title: "",
  width: 1280,
  height: 800,
  steps: [],
};

/** The live view of the agent's browser, beside the editor; it opens by itself when the browser starts. */
export class OperatorPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private channel: ViewChannel<OperatorViewMethods> | undefined;
  private wasOpen = false;
  private readonly pushing = new Throttle(
    () => this.push(),
    () => 150,
  );
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly ports: OperatorPorts) {
    this.subscriptions = [
      ports.onDidChange(() => this.changed()),
      vscode.window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: (panel) => {
          this.attach(panel);
          return Promise.resolve();
        },
      }),
    ];
  }

  /** Shows the panel; `keepFocus` where nobody asked for it. */
  open(keepFocus = false): void {
    if (this.panel) {
      this.panel.reveal(undefined, keepFocus);
      return;
    }
    this.attach(
      vscode.window.createWebviewPanel(
        viewType,
        vscode.l10n.t("Browser"),
        { viewColumn: keepFocus ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active, preserveFocus: keepFocus },
        viewOptions(this.ports.extension),
      ),
    );
  }

  dispose(): void {
    this.pushing.clear();
    this.channel?.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private changed(): void {
    const isOpen = this.ports.operator()?.isOpen ?? false;
    // Whoever closed the panel since is not shown it again until the browser starts anew.
    if (isOpen && !this.wasOpen && !this.panel) this.open(true);
    this.wasOpen = isOpen;
    if (this.panel) this.pushing.request();
  }

  private attach(panel: vscode.WebviewPanel): void {
    const { extension, log } = this.ports;
    this.channel?.dispose();
    this.panel?.dispose();
    panel.webview.options = viewOptions(extension);
    panel.iconPath = {
      light: vscode.Uri.joinPath(extension, "media", "panel-light.svg"),
      dark: vscode.Uri.joinPath(extension, "media", "panel-dark.svg"),
    };
    panel.title = vscode.l10n.t("Browser");
    const channel = new ViewChannel<OperatorViewMethods>(
      panel.webview,
      operatorChecks,
      this.handlers(),
      () => this.push(),
      log,
    );
    this.panel = panel;
    this.channel = channel;
    panel.onDidDispose(() => {
      channel.dispose();
      if (this.panel === panel) this.panel = this.channel = undefined;
    });
    panel.webview.html = viewPage(panel.webview, extension, "operator", panel.title);
  }

  private handlers(): Handlers<OperatorViewMethods> {
    const act =
      <P>(work: (operator: Operator, params: P) => unknown) =>
      async (params: P): Promise<null> => {
        await work(this.running(), params);
        return null;
      };
    return {
      ...commonHandlers(this.ports, "operator"),
      pause: act((operator) => operator.pause()),
      goOn: act((operator) => operator.goOn()),
      takeOver: act((operator) => operator.takeOver()),
      giveBack: act((operator) => operator.giveBack()),
      closeBrowser: act((operator) => operator.close()),
      stop: act(async (operator) => {
        this.ports.stopAnswer();
        await operator.close();
      }),
      pointer: act((operator, { x, y }) => operator.pointer(x, y)),
      typeText: act((operator, { text }) => operator.typeText(text)),
      key: act((operator, { key }) => operator.key(key)),
      picture: ({ n }) => {
        const step = this.ports
          .operator()
          ?.state()
          .steps.find((each) => each.n === n);
        return Promise.resolve({ picture: step?.picture ?? null });
      },
    };
  }

  private running(): Operator {
    return this.ports.operator() ?? fail("notAllowed", vscode.l10n.t("The agent has no browser open."));
  }

  private push(): void {
    this.channel?.event("state", shownState(this.ports.operator()?.state() ?? nothingOpen));
  }
}

/** A state as the view is sent it: of sixty pictures only the last; the others are asked for. */
export function shownState(state: OperatorState): OperatorState {
  const last = state.steps.length - 1;
  return {
    ...state,
    steps: state.steps.map((step, index) => {
      if (index === last) return step;
      const { picture: _, ...rest } = step;
      return rest;
    }),
  };
}
