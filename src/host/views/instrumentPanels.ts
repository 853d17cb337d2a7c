import * as vscode from "vscode";
import type { ActingViewMethods } from "../../contract/actingView";
import { errorData } from "../../contract/errors";
import type { InstrumentViewMethods, InstrumentViewState } from "../../contract/instrumentView";
import type { Handlers } from "../../contract/method";
import type { InstrumentRequest } from "../../contract/view";
import type { EngineService } from "../engine/service";
import { setContext } from "../context";
import type { Log } from "../log";
import { ViewChannel } from "./channel";
import { commonHandlers, type CommonPorts } from "./common";
import { viewOptions, viewPage, type ViewBundle } from "./html";
import { instrumentChecks, requestCheck } from "./messageChecks";

type PanelBundle = Extract<
  ViewBundle,
  "lens" | "layers" | "neurons" | "attention" | "embeddings" | "patching" | "features" | "edits"
>;

const bundles: Record<InstrumentRequest["instrument"], PanelBundle> = {
  lens: "lens",
  layers: "layers",
  attribution: "layers",
  neurons: "neurons",
  neuron: "neurons",
  attention: "attention",
  embedding: "embeddings",
  patching: "patching",
  features: "features",
  edits: "edits",
};

const panelBundles: readonly PanelBundle[] = [
  "lens",
  "layers",
  "neurons",
  "attention",
  "embeddings",
  "patching",
  "features",
  "edits",
];

export interface PanelPorts extends Omit<CommonPorts, "openInstrument"> {
  extension: vscode.Uri;
  engine: EngineService;
  acting: Handlers<ActingViewMethods>;
  activeInterventions(): { names: string[] };
  onDidChangeInterventions: vscode.Event<void>;
  log: Log;
}

interface Panel {
  panel: vscode.WebviewPanel;
  channel: ViewChannel<InstrumentViewMethods>;
  request: InstrumentRequest | null;
}

/** The instruments' panels in the editor area, which come back after a reload with what they were opened on. */
export class InstrumentPanels implements vscode.Disposable {
  private readonly panels = new Set<Panel>();
  private readonly subscriptions: vscode.Disposable[];
  private alteration = 0;
  private model: string | null = null;

  constructor(private readonly ports: PanelPorts) {
    this.subscriptions = [
      ports.engine.onDidChange(() => this.modelChanged()),
      ports.onDidChangeInterventions(() => {
        this.alteration++;
        this.pushAll();
      }),
      ...panelBundles.map((bundle) =>
        vscode.window.registerWebviewPanelSerializer(`vitrine.${bundle}`, {
          deserializeWebviewPanel: (panel, state) => {
            this.attach(panel, bundle, requestIn(state));
            return Promise.resolve();
          },
        }),
      ),
    ];
  }

  /** Opens an instrument on a place. A panel of that kind that is open takes it, so that clicks do not pile up panels. */
  open(request: InstrumentRequest): void {
    const bundle = bundles[request.instrument];
    if (bundle === "lens") setContext("vitrine.lensOpened", true);
    const about = saysSomething(request) ? request : null;
    const there = [...this.panels].find(({ panel }) => panel.viewType === `vitrine.${bundle}`);
    if (there) {
      if (about) {
        there.request = about;
        there.panel.title = title(bundle, about);
        this.push(there);
      }
      there.panel.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      `vitrine.${bundle}`,
      title(bundle, about),
      { viewColumn: vscode.ViewColumn.Active },
      { ...viewOptions(this.ports.extension), enableFindWidget: true },
    );
    this.attach(panel, bundle, about);
  }

  dispose(): void {
    for (const { channel } of this.panels) channel.dispose();
    this.panels.clear();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private attach(panel: vscode.WebviewPanel, bundle: PanelBundle, request: InstrumentRequest | null): void {
    const { extension, log } = this.ports;
    panel.webview.options = viewOptions(extension);
    panel.iconPath = {
      light: vscode.Uri.joinPath(extension, "media", "panel-light.svg"),
      dark: vscode.Uri.joinPath(extension, "media", "panel-dark.svg"),
    };
    panel.title = title(bundle, request);
    const handlers = {
      ...commonHandlers({ ...this.ports, openInstrument: (next) => this.open(next) }, bundle),
      ...this.ports.acting,
    };
    const held: Panel = {
      panel,
      request,
      channel: new ViewChannel<InstrumentViewMethods>(
        panel.webview,
        instrumentChecks,
        handlers,
        () => this.push(held),
        log,
      ),
    };
    this.panels.add(held);
    panel.onDidDispose(() => {
      held.channel.dispose();
      this.panels.delete(held);
    });
    panel.webview.html = viewPage(panel.webview, extension, bundle, panel.title);
    // A panel wants to know the model; it comes with a later state where it has to be loaded first.
    this.ports.engine.ensureModel().catch((thrown: unknown) => {
      log.warn(`No model for the panel: ${errorData(thrown).message}`);
    });
  }

  private push({ channel, request }: Panel): void {
    const state: InstrumentViewState = {
      model: this.ports.engine.model,
      request,
      interventions: this.ports.activeInterventions().names,
      alteration: this.alteration,
    };
    channel.event("state", state);
  }

  private pushAll(): void {
    for (const panel of this.panels) this.push(panel);
  }

  private modelChanged(): void {
    const model = this.ports.engine.model?.fingerprint ?? null;
    if (model === this.model) return;
    this.model = model;
    this.pushAll();
  }
}

function title(bundle: PanelBundle, request: InstrumentRequest | null): string {
  const names: Record<PanelBundle, string> = {
    lens: vscode.l10n.t("Logit Lens"),
    layers: vscode.l10n.t("Layers & Attribution"),
    neurons: vscode.l10n.t("Neurons"),
    attention: vscode.l10n.t("Attention"),
    embeddings: vscode.l10n.t("Embeddings"),
    patching: vscode.l10n.t("Patching"),
    features: vscode.l10n.t("Features"),
    edits: vscode.l10n.t("Edits"),
  };
  const about = request?.title?.replace(/\s+/g, " ").trim().slice(0, 40);
  return about ? `${names[bundle]}: ${about}` : names[bundle];
}

/** A request from the palette names the instrument alone: the panel opens empty, or stays as it is. */
function saysSomething({ instrument, tokens, text, target, id, layer, name, tab }: InstrumentRequest): boolean {
  return (
    instrument === "attribution" || [tokens, text, target, id, layer, name, tab].some((value) => value !== undefined)
  );
}

/** The request in a view's saved state, which is the view's word and so is checked. */
function requestIn(state: unknown): InstrumentRequest | null {
  if (typeof state !== "object" || state === null || !("request" in state)) return null;
  try {
    return requestCheck(state.request, "request");
  } catch {
    // A state of another version: the panel opens empty.
    return null;
  }
}
