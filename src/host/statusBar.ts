import * as vscode from "vscode";
import type { EngineState } from "../contract/chatView";
import type { ModelInfo } from "../contract/model";
import type { EngineService } from "./engine/service";
import { sentence } from "./errors";
import type { Interventions } from "./interventions/list";
import { bytes, parameters } from "./models/format";
import { server } from "./settings";

/** The one status-bar item: which model, how it fares, and whether it is altered. */
export function createStatusBar(engine: EngineService, interventions: Interventions): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("vitrine.status", vscode.StatusBarAlignment.Right, 90);
  item.name = "Vitrine";
  item.command = "vitrine.models.choose";
  const draw = () => {
    const { names } = interventions.active();
    const goals = server();
    item.text =
      label(engine.state, engine.model, names.length > 0) + (goals ? ` · $(cloud) ${short(goals.model)}` : "");
    item.tooltip = tooltip(engine.state, engine.model, names);
    item.backgroundColor =
      engine.state.kind === "failed"
        ? new vscode.ThemeColor("statusBarItem.errorBackground")
        : names.length > 0
          ? new vscode.ThemeColor("statusBarItem.warningBackground")
          : undefined;
    item.accessibilityInformation = {
      label: `Vitrine: ${item.text.replace(/\$\([^)]*\)/g, "").trim()}`,
      role: "button",
    };
  };
  const subscriptions = [
    engine.onDidChange(draw),
    interventions.onDidChange(draw),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("vitrine.server")) draw();
    }),
  ];
  draw();
  item.show();
  return vscode.Disposable.from(item, ...subscriptions);
}

export function label(state: EngineState, model: ModelInfo | null, altered: boolean): string {
  const mark = altered ? ` · ${vscode.l10n.t("altered")}` : "";
  const name = model ? short(model.name) : "Vitrine";
  switch (state.kind) {
    case "off":
      return `$(beaker) ${name}${mark}`;
    case "starting":
      return `$(loading~spin) ${vscode.l10n.t("starting")}`;
    case "loading":
      return `$(loading~spin) ${vscode.l10n.t("loading {0} %", Math.round(state.fraction * 100))}`;
    case "ready":
      return `$(beaker) ${name}${mark}`;
    case "busy":
      return `$(sync~spin) ${name}${mark}`;
    case "failed":
      return `$(error) Vitrine`;
  }
}

function short(name: string): string {
  return name.length > 28 ? `${name.slice(0, 27)}…` : name;
}

function tooltip(state: EngineState, model: ModelInfo | null, names: string[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  const paragraph = (line: string) => {
    text.appendText(line);
    text.appendMarkdown("\n\n");
  };
  if (state.kind === "failed") paragraph(sentence(state.error));
  if (model) {
    paragraph(`${model.name} (${model.architecture})`);
    paragraph(
      vscode.l10n.t(
        "{0} parameters · {1} · {2} · context {3}",
        parameters(model.parameters),
        model.quantisation,
        bytes(model.size),
        model.context,
      ),
    );
    paragraph(vscode.l10n.t("Runs on {0} with {1} threads", model.devices.join(", ") || "CPU", model.threads));
  } else if (state.kind === "off")
    paragraph(vscode.l10n.t("No model is loaded yet. It is loaded when it is first needed."));
  const set = server();
  if (set) paragraph(vscode.l10n.t("Goals go to the server's model {0} at {1}", set.model, set.url));
  if (names.length > 0) paragraph(vscode.l10n.t("Altered by: {0}", names.join(", ")));
  paragraph(vscode.l10n.t("Click to choose a model"));
  return text;
}
