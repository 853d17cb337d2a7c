import { readdir, readFile } from "node:fs/promises";
import * as vscode from "vscode";
import { fail } from "../../contract/errors";
import type { LabsViewMethods, LabsViewState } from "../../contract/labsView";
import { showError } from "../errors";
import { commonHandlers, type CommonPorts } from "../views/common";
import { ViewChannel } from "../views/channel";
import { boolean, integer, object, string } from "../views/checks";
import { viewOptions, viewPage } from "../views/html";
import { commonChecks, type Checks } from "../views/messageChecks";
import { labOf, labs, type Lab } from "./catalogue";
import { labPlace } from "./links";
import { runStep, type LabPorts } from "./run";
import { labTitle } from "./tree";

const checks: Checks<LabsViewMethods> = {
  ...commonChecks,
  openLab: object({ id: string(60) }),
  runStep: object({ id: string(60), step: integer(1, 99) }),
  markDone: object({ id: string(60), done: boolean }),
};

export interface LabsPanelPorts extends CommonPorts {
  extension: vscode.Uri;
  labs: LabPorts;
}

/** The course's panel: one page at a time, its steps as buttons. */
export class LabsPanel implements vscode.Disposable {
  private held: { panel: vscode.WebviewPanel; channel: ViewChannel<LabsViewMethods> } | undefined;
  private lab: Lab | undefined;
  private running: number | null = null;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly ports: LabsPanelPorts) {
    this.subscriptions = [
      ports.labs.progress.onDidChange(() => this.push()),
      vscode.window.registerWebviewPanelSerializer("vitrine.labs", {
        deserializeWebviewPanel: (panel, state) => {
          this.lab = labOf((state as { open?: unknown } | null)?.open) ?? labs[0];
          this.attach(panel);
          return Promise.resolve();
        },
      }),
      vscode.window.registerUriHandler({ handleUri: (uri) => this.follow(uri) }),
    ];
  }

  /** Opens the panel on a lab; without one, on the first that is not done. */
  open(id?: unknown): void {
    const { progress } = this.ports.labs;
    this.lab = labOf(id) ?? this.lab ?? labs.find((lab) => !progress.of(lab.id).done) ?? labs[0];
    if (!this.held) {
      const panel = vscode.window.createWebviewPanel(
        "vitrine.labs",
        "Vitrine",
        { viewColumn: vscode.ViewColumn.Active },
        { enableFindWidget: true },
      );
      this.attach(panel);
    } else this.held.panel.reveal();
    this.push();
  }

  /** Forgets what was done, so that the course can be taken again. */
  async reset(): Promise<void> {
    await this.ports.labs.progress.reset();
  }

  dispose(): void {
    this.held?.channel.dispose();
    for (const each of this.subscriptions) each.dispose();
  }

  private attach(panel: vscode.WebviewPanel): void {
    const { extension, log } = this.ports;
    const options = viewOptions(extension);
    const pictures = vscode.Uri.joinPath(extension, "docs", "labs", "pictures");
    panel.webview.options = { ...options, localResourceRoots: [...(options.localResourceRoots ?? []), pictures] };
    panel.iconPath = {
      light: vscode.Uri.joinPath(extension, "media", "panel-light.svg"),
      dark: vscode.Uri.joinPath(extension, "media", "panel-dark.svg"),
    };
    panel.title = vscode.l10n.t("Labs");
    const common = commonHandlers(this.ports, "labs");
    const channel = new ViewChannel<LabsViewMethods>(
      panel.webview,
      checks,
      {
        ...common,
        openExternal: (params, context) => this.link(params.url) ?? common.openExternal(params, context),
        openLab: ({ id }) => {
          this.open(id);
          return Promise.resolve(null);
        },
        runStep: async ({ id, step }) => {
          await this.run(id, step);
          return null;
        },
        markDone: async ({ id, done }) => {
          if (!labOf(id)) fail("badArgument", vscode.l10n.t("There is no such lab."));
          await this.ports.labs.progress.mark(id, done);
          return null;
        },
      },
      () => this.push(),
      log,
    );
    panel.onDidDispose(() => {
      channel.dispose();
      this.held = undefined;
    });
    this.held = { panel, channel };
    panel.webview.html = viewPage(panel.webview, extension, "labs", panel.title);
  }

  /** A page's link to the product itself, as it also stands on the web. */
  private link(url: string): Promise<null> | undefined {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed?.protocol !== "vscode:" || parsed.host !== "vitrine.vitrine") return undefined;
    const place = labPlace(parsed.pathname);
    if (!place) return undefined;
    if (place.step === undefined) this.open(place.id);
    else return this.run(place.id, place.step).then(() => null);
    return Promise.resolve(null);
  }

  /** A link from outside: a page in a browser, a walkthrough. It can name a lab and a step of ours, nothing else. */
  private async follow(uri: vscode.Uri): Promise<void> {
    const place = labPlace(uri.path);
    if (!place || !labOf(place.id)) return;
    this.open(place.id);
    if (place.step !== undefined) await this.run(place.id, place.step);
  }

  /** A step that cannot be done says so on the screen, wherever it was asked for. */
  private async run(id: string, step: number): Promise<void> {
    this.running = step;
    this.push();
    try {
      await runStep(this.ports.labs, id, step);
    } catch (thrown) {
      showError(thrown, this.ports.log);
    } finally {
      this.running = null;
      this.push();
    }
  }

  private push(): void {
    const held = this.held;
    if (!held) return;
    this.state(held.panel.webview).then(
      (state) => held.channel.event("state", state),
      (thrown: unknown) => showError(thrown, this.ports.log),
    );
  }

  private async state(webview: vscode.Webview): Promise<LabsViewState> {
    const { extension, labs: ports } = this.ports;
    const lab = this.lab;
    return {
      labs: labs.map((each, i) => ({
        id: each.id,
        number: i + 1,
        title: labTitle(each),
        done: ports.progress.of(each.id).done,
      })),
      open: lab
        ? {
            id: lab.id,
            page: await page(extension, lab.id),
            pictures: await pictures(extension, webview, lab.id),
            ran: ports.progress.of(lab.id).ran,
          }
        : null,
      running: this.running,
    };
  }
}

async function page(extension: vscode.Uri, id: string): Promise<string> {
  const folder = vscode.env.language.toLowerCase().startsWith("zh") ? ["labs", "zh-cn"] : ["labs"];
  return await readFile(vscode.Uri.joinPath(extension, "docs", ...folder, `${id}.md`).fsPath, "utf8");
}

async function pictures(extension: vscode.Uri, webview: vscode.Webview, id: string): Promise<Record<string, string>> {
  const folder = vscode.Uri.joinPath(extension, "docs", "labs", "pictures");
  // A lab without pictures has a page all the same.
  const names = await readdir(folder.fsPath).catch((): string[] => []);
  const own = names.filter((name) => name === `${id}.png` || (name.startsWith(`${id}-`) && name.endsWith(".png")));
  return Object.fromEntries(
    own.map((name) => [name, webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString()]),
  );
}
