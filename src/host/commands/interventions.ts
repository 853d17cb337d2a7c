import { stat } from "node:fs/promises";
import * as vscode from "vscode";
import { fail } from "../../contract/errors";
import type { InterventionEntry } from "../../contract/interventions";
import type { App } from "../app";
import { fileOf } from "../interventions/entry";
import { parseNeuron, silence } from "../interventions/neuron";
import type { Command } from "./register";

/** A command on one entry, from its context menu or from a row. */
function onEntry(id: string, run: (app: App, entry: InterventionEntry) => unknown): Command {
  return {
    id,
    need: "nothing",
    run: (app, value) => {
      const entry = app.interventions.find(idIn(value) ?? "");
      return entry ? run(app, entry) : undefined;
    },
  };
}

export const interventionCommands: readonly Command[] = [
  {
    id: "vitrine.directions.open",
    need: "nothing",
    run: ({ directionsPanel }, file) => directionsPanel.open(typeof file === "string" ? file : undefined),
  },
  { id: "vitrine.interventions.silenceNeuron", need: "model", run: silenceNeuron },
  { id: "vitrine.interventions.addFile", need: "nothing", run: addFile },
  { id: "vitrine.interventions.allOff", need: "nothing", run: ({ interventions }) => interventions.allOff() },
  onEntry("vitrine.interventions.remove", ({ interventions }, { id }) => interventions.remove(id)),
  onEntry("vitrine.interventions.duplicate", ({ interventions }, { id }) => interventions.duplicate(id)),
  onEntry("vitrine.interventions.rename", rename),
  onEntry("vitrine.interventions.showFile", showFile),
  onEntry("vitrine.interventions.openPanel", openPanel),
];

/** The entry's id: `id` of a row, or what VS Code hands on of a place in a view. */
function idIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { id, intervention } = value as Record<string, unknown>;
  const found = id ?? intervention;
  return typeof found === "string" ? found : undefined;
}

async function rename({ interventions }: App, { id, name }: InterventionEntry): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t("Rename the intervention"),
    value: name,
    validateInput: (typed) => {
      if (typed.trim() === "") return vscode.l10n.t("A name is needed.");
      const taken = interventions.all.some((other) => other.id !== id && other.name === typed.trim());
      return taken ? vscode.l10n.t("There is an intervention called {0} already.", typed.trim()) : undefined;
    },
  });
  if (text !== undefined) await interventions.change(id, { name: text });
}

async function showFile(_app: App, entry: InterventionEntry): Promise<void> {
  const file = fileOf(entry);
  if (file === undefined) fail("badArgument", vscode.l10n.t("This intervention lives in no file."));
  const uri = vscode.Uri.file(file);
  try {
    await stat(file);
  } catch (cause) {
    fail("fileMissing", vscode.l10n.t("Its file is missing: {0}", file), { cause });
  }
  const inside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await vscode.commands.executeCommand(inside ? "revealInExplorer" : "revealFileInOS", uri);
}

function openPanel(app: App, entry: InterventionEntry): unknown {
  switch (entry.kind) {
    case "direction":
      return app.directionsPanel.open(entry.use.file);
    case "write":
      return app.panels.open({ instrument: "neurons" });
    case "feature":
    case "edit":
      return vscode.commands.executeCommand(`vitrine.${entry.kind}s.open`);
  }
}

/** Adds control vectors that a person chooses, each with the strength it names itself. */
async function addFile({ engine, interventions }: App): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Add directions"),
    canSelectMany: true,
    filters: { GGUF: ["gguf"] },
    openLabel: vscode.l10n.t("Add"),
  });
  for (const { fsPath } of chosen ?? []) {
    const info = await engine.call("directionInfo", { file: fsPath });
    const strength = info.strength ?? 1;
    await interventions.add({ kind: "direction", name: info.name, use: { file: fsPath, mode: "add", strength } });
    if (info.warnings.length > 0) void vscode.window.showWarningMessage(`${info.name}: ${info.warnings.join(" ")}`);
  }
}

/** Asks for a neuron's id, and switches it off in every answer from now on. */
async function silenceNeuron({ engine, interventions }: App, given: unknown): Promise<void> {
  const model = await engine.ensureModel();
  const problem = (text: string): string | undefined => {
    const neuron = parseNeuron(text);
    if (!neuron) return vscode.l10n.t("Write layer and neuron with a dot between, as 3.120.");
    if (neuron.layer >= model.layers) return vscode.l10n.t("The model has layers 0 to {0}.", model.layers - 1);
    if (neuron.neuron >= model.neurons) return vscode.l10n.t("A layer has neurons 0 to {0}.", model.neurons - 1);
    return undefined;
  };
  if (!model.sites.includes("mlp_post") || model.experts > 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("Single neurons of {0} cannot be silenced.", model.architecture),
    );
    return;
  }
  const text =
    typeof given === "string" && problem(given) === undefined
      ? given
      : await vscode.window.showInputBox({
          title: vscode.l10n.t("Silence a neuron"),
          prompt: vscode.l10n.t("Its activation is set to zero in every answer, until you switch it back on."),
          placeHolder: "3.120",
          validateInput: problem,
        });
  const neuron = text === undefined ? null : parseNeuron(text);
  if (!neuron) return;
  const { layer, neuron: index } = neuron;
  const name = vscode.l10n.t("Neuron {0} silenced", `${layer}.${index}`);
  await interventions.add({ kind: "write", name, intervention: silence(layer, index) });
}
