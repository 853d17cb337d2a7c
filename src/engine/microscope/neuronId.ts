import { fail } from "../../contract/errors";
import { downProjection } from "./architecture";
import type { Lab } from "./lab";
import { requireLayer } from "./probe";

/** A neuron: a column of a layer's down projection; in a mixture, of one expert's. */
export interface NeuronId {
  layer: number;
  neuron: number;
  expert?: number;
}

/** `layer.neuron`, or `layer.expert.neuron` in a mixture. */
export const neuronIdText = ({ layer, neuron, expert }: NeuronId): string =>
  expert === undefined ? `${layer}.${neuron}` : `${layer}.${expert}.${neuron}`;

export function parseNeuronId(lab: Lab, text: string): NeuronId {
  if (!/^\d+\.\d+(\.\d+)?$/.test(text))
    fail("badArgument", `'${text}' names no neuron.`, {
      remedy: "Write layer.neuron, or layer.expert.neuron in a mixture.",
    });
  const parts = text.split(".").map(Number);
  const layer = parts[0]!;
  requireLayer(lab.info, layer);
  const { name, experts } = downProjection(lab.weights, layer);
  if ((parts.length === 3) !== experts > 0)
    fail(
      "badArgument",
      experts > 0 ? "In a mixture a neuron belongs to an expert." : "This model's layers have no experts.",
      {
        remedy: experts > 0 ? "Write layer.expert.neuron." : "Write layer.neuron.",
      },
    );
  const neuron = parts[parts.length - 1]!;
  const expert = experts > 0 ? parts[1]! : undefined;
  const count = lab.weights.shape(name)[0]!;
  if (neuron >= count) fail("noSuchSite", `Layer ${layer} has ${count} neurons; there is no neuron ${neuron}.`);
  if (expert !== undefined && expert >= experts)
    fail("noSuchSite", `Layer ${layer} has ${experts} experts; there is no expert ${expert}.`);
  return expert === undefined ? { layer, neuron } : { layer, neuron, expert };
}
