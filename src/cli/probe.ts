import type { Probe } from "../contract/instruments";
import type { CommandContext, OptionSpecs } from "./command";
import { inputOptions, readInput } from "./inputs";
import { interventionOptions, readEdits, readInterventions } from "./interventions";

/** Options of every instrument that looks at one prompt. */
export const probeOptions: OptionSpecs = { ...inputOptions, ...interventionOptions };

export async function readProbe(context: CommandContext): Promise<Probe> {
  const interventions = await readInterventions(context);
  const edits = readEdits(context);
  return {
    input: await readInput(context),
    ...(interventions.length > 0 ? { interventions } : {}),
    ...(edits.length > 0 ? { edits } : {}),
  };
}
