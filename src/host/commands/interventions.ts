import * as vscode from "vscode";
import { parseNeuron, silence } from "../interventions/neuron";
import type { App } from "../app";
import type { Command } from "./register";

export const interventionCommands: readonly Command[] = [
  { id: "vitrine.interventions.silenceNeuron", need: "model", run: silenceNeuron },
  {
    id: "vitrine.interventions.remove",
    need: "nothing",
    run: async ({ interventions }, value) => {
      const id: unknown = typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
      if (typeof id === "string") await interventions.remove(id);
    },
  },
  {
    id: "vitrine.interventions.allOff",
    need: "nothing",
    run: ({ interventions }) => interventions.allOff(),
  },
];

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
