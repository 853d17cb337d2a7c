import type { Command } from "./command";
import { agent } from "./commands/agent";
import { attention } from "./commands/attention";
import { attribution } from "./commands/attribution";
import { bench } from "./commands/bench";
import { direction } from "./commands/direction";
import { edit } from "./commands/edit";
import { embedding } from "./commands/embedding";
import { features } from "./commands/features";
import { generate } from "./commands/generate";
import { info } from "./commands/info";
import { layers } from "./commands/layers";
import { lens } from "./commands/lens";
import { lensFit } from "./commands/lensFit";
import { mcp } from "./commands/mcp";
import { memory } from "./commands/memory";
import { models } from "./commands/models";
import { neuron } from "./commands/neuron";
import { neurons } from "./commands/neurons";
import { patch } from "./commands/patch";
import { patchscope } from "./commands/patchscope";
import { research } from "./commands/research";
import { steer } from "./commands/steer";
import { plan } from "./commands/plan";
import { surprisal } from "./commands/surprisal";
import { tokenize } from "./commands/tokenize";
import { tools } from "./commands/tools";
import { trace } from "./commands/trace";

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
  direction,
  steer,
  patch,
  trace,
  patchscope,
  features,
  edit,
  agent,
  memory,
  plan,
  research,
  tools,
  mcp,
  bench,
];
