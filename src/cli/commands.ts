import type { Command } from "./command";
import { agent } from "./commands/agent";
import { attention } from "./commands/attention";
import { attribution } from "./commands/attribution";
import { embedding } from "./commands/embedding";
import { generate } from "./commands/generate";
import { info } from "./commands/info";
import { layers } from "./commands/layers";
import { lens } from "./commands/lens";
import { lensFit } from "./commands/lensFit";
import { models } from "./commands/models";
import { neuron } from "./commands/neuron";
import { neurons } from "./commands/neurons";
import { surprisal } from "./commands/surprisal";
import { tokenize } from "./commands/tokenize";
import { tools } from "./commands/tools";

/** Every subcommand, in the order of the help. */
export const commands: readonly Command[] = [
  info,
  models,
  tokenize,
  generate,
  surprisal,
  lens,
  lensFit,
  layers,
  attribution,
  neurons,
  neuron,
  attention,
  embedding,
  agent,
  tools,
];
