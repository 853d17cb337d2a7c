import type { InterventionsViewMethods } from "../../contract/interventions";
import { array, boolean, either, integer, nothing, number, object, oneOf, optional, string } from "../views/checks";
import { commonChecks, type Checks } from "../views/messageChecks";
import { strengthLimit } from "./entry";

const id = string(64);
const one = object({ id });
const none = oneOf(null);

/** What a message of the Interventions view may hold. */
export const interventionsChecks: Checks<InterventionsViewMethods> = {
  ...commonChecks,
  toggle: object({ id, on: boolean }),
  meter: object({ id, on: boolean }),
  change: object({
    id,
    change: object({
      name: optional(string(200)),
      strength: optional(number(-strengthLimit, strengthLimit)),
      mode: optional(oneOf("add", "zero", "mean", "steer", "clamp", "ablate")),
      layers: optional(either(none, array(integer(0, 4095), 4096))),
      where: optional(oneOf("all", "prompt", "generated", "lastPrompt", null)),
    }),
  }),
  duplicate: one,
  remove: one,
  showFile: one,
  openPanel: one,
  allOff: nothing,
  addFile: nothing,
  silenceNeuron: nothing,
  openDirections: nothing,
};
