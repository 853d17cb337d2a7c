import * as vscode from "vscode";
import { errorData, fail } from "../../contract/errors";
import type { Handlers } from "../../contract/method";
import type { PlanView } from "../../contract/plan";
import type { PlanViewMethods, PlanViewState } from "../../contract/planView";
import type { AgentService } from "../agent/service";
import { Throttle } from "../chat/throttle";
import type { Log } from "../log";
import type { Plans } from "../plan/plans";
import { ViewChannel } from "./channel";
import { commonHandlers, type CommonPorts } from "./common";
import { viewOptions, viewPage } from "./html";
import { planChecks } from "./planChecks";

export interface PlanPorts extends CommonPorts {
  extension: vscode.Uri;
  plans: Plans;
  agent: Pick<AgentService, "plan" | "editPlan" | "onDidPlan">;
  openTrace(run: string, step: number | undefined): Promise<void>;
  log: Log;
}

const viewType = "vitrine.plan";

/** The plan as a tree in the editor area: live while a run plans, read from its file afterwards. */
export class PlanPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private channel: ViewChannel<PlanViewMethods> | undefined;
  private shown: PlanView | undefined;
  private readonly pushing = new Throttle(
    () => void this.push(),
    () => 120,
  );
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly ports: PlanPorts) {
    this.subscriptions = [
      ports.agent.onDidPlan((plan) => {
        this.shown = plan;
        if (this.panel) this.pushing.request();
      }),
      vscode.window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: (panel, state) => {
          this.attach(panel);
          void this.show(runIn(state));
          return Promise.resolve();
        },
      }),
    ];
  }

  /** Opens the plan of a run; without one that of the run under way, or the latest. */
  async open(run?: string): Promise<void> {
    if (this.panel) this.panel.reveal();
    else {
      const column = { viewColumn: vscode.ViewColumn.Active, preserveFocus: true };
      const options = { ...viewOptions(this.ports.extension), enableFindWidget: true };
      this.attach(vscode.window.createWebviewPanel(viewType, vscode.l10n.t("Plan"), column, options));
    }
    await this.show(run);
  }

  dispose(): void {
    this.pushing.clear();
    this.channel?.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async show(run: string | undefined): Promise<void> {
    const { agent, plans, log } = this.ports;
    const live = agent.plan;
    try {
      if (live && (run === undefined || live.run === run)) this.shown = live;
      else this.shown = run === undefined ? await plans.latest() : await plans.open(run);
    } catch (thrown) {
      log.warn(`The plan could not be read: ${errorData(thrown).message}`);
      this.shown = undefined;
    }
    await this.push();
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
    panel.title = vscode.l10n.t("Plan");
    const channel = new ViewChannel<PlanViewMethods>(
      panel.webview,
      planChecks,
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
    panel.webview.html = viewPage(panel.webview, extension, "plan", panel.title);
  }

  private handlers(): Handlers<PlanViewMethods> {
    const { agent, plans, openInstrument, openTrace } = this.ports;
    return {
      ...commonHandlers(this.ports, "plan"),
      edit: async ({ run, edit }) => {
        if (agent.plan?.run !== run) fail("notAllowed", vscode.l10n.t("This run is over: its plan cannot be changed."));
        return { text: await agent.editPlan(edit) };
      },
      decisions: async ({ run, node }) => ({ decisions: await plans.decisions(run, node) }),
      look: async ({ run, decision, instrument }) => {
        openInstrument(await plans.place(run, decision, instrument));
        return null;
      },
      openTrace: async ({ run, step }) => {
        await openTrace(run, step ?? undefined);
        return null;
      },
    };
  }

  private async push(): Promise<void> {
    const { shown, channel } = this;
    const { agent, plans, log } = this.ports;
    if (!channel) return;
    const calibration = shown
      ? await plans.calibration(shown.brain).catch((thrown: unknown) => {
          log.debug(`No calibration: ${errorData(thrown).message}`);
          return null;
        })
      : null;
    const state: PlanViewState = {
      plan: shown ?? null,
      live: shown !== undefined && agent.plan?.run === shown.run,
      calibration,
    };
    channel.event("state", state);
  }
}

/** The run in a view's saved state, which is the view's word and so is checked. */
function runIn(state: unknown): string | undefined {
  if (typeof state !== "object" || state === null || !("run" in state)) return undefined;
  return typeof state.run === "string" && state.run.length <= 100 ? state.run : undefined;
}
