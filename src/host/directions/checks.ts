import type { DirectionsViewMethods } from "../../contract/directionsView";
import { strengthLimit } from "../interventions/entry";
import { array, boolean, either, integer, nothing, number, object, oneOf, optional, string } from "../views/checks";
import { behaviour, commonChecks, input, type Checks } from "../views/messageChecks";

const file = string(200);
const prompts = array(input, 10_000);
const neutral = optional(array(string(1_000_000), 10_000));
const think = optional(oneOf("off", "auto"));
const strength = number(-strengthLimit, strengthLimit);
const layer = integer(0, 4095);
const max = optional(integer(1, 2048));

/** What a message of the directions panel may hold. */
export const directionsChecks: Checks<DirectionsViewMethods> = {
  ...commonChecks,
  extract: object({
    positive: prompts,
    negative: prompts,
    method: oneOf("meanDifference", "pairedPca"),
    layer: either(oneOf("auto", "all"), layer),
    positions: optional(array(integer(-1000, -1), 100)),
    behaviour: optional(behaviour),
    neutral,
    validation: optional(number(0.01, 0.9)),
    name: string(100),
    think,
  }),
  test: object({
    file,
    positive: prompts,
    negative: prompts,
    behaviour,
    neutral,
    strength: optional(strength),
    max,
    think,
    examples: optional(integer(0, 1000)),
  }),
  grid: object({
    file,
    prompts,
    behaviour,
    strengths: array(strength, 200),
    layers: either(oneOf("all"), array(layer, 4096)),
    where: optional(oneOf("all", "prompt", "generated", "lastPrompt")),
    neutral,
    max,
    think,
  }),
  stop: nothing,
  intervene: object({ file, mode: oneOf("add", "zero", "mean"), strength: optional(strength) }),
  meter: object({ file, on: boolean }),
  importFiles: nothing,
  removeFile: object({ file }),
  showFile: object({ file }),
  loadPrompts: nothing,
  ratedAnswers: nothing,
  showChat: nothing,
};
