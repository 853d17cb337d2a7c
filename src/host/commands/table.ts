import { chatCommands } from "./chat";
import { editCommands } from "./edits";
import { engineCommands } from "./engine";
import { instrumentCommands } from "./instruments";
import { interventionCommands } from "./interventions";
import { modelCommands } from "./models";
import { operatorCommands } from "./operator";
import { planCommands } from "./plan";
import type { Command } from "./register";
import { researchCommands } from "./research";
import { mcpCommands } from "./mcp";
import { serverCommands } from "./server";
import { toolCommands } from "./tools";
import { traceCommands } from "./trace";

/** Every command of the product. A test holds it against package.json. */
export const commandTable: readonly Command[] = [
  ...chatCommands,
  ...modelCommands,
  ...engineCommands,
  ...instrumentCommands,
  ...interventionCommands,
  ...editCommands,
  ...toolCommands,
  ...researchCommands,
  ...operatorCommands,
  ...traceCommands,
  ...mcpCommands,
  ...serverCommands,
  ...planCommands,
];
