import { chatCommands } from "./chat";
import { engineCommands } from "./engine";
import { instrumentCommands } from "./instruments";
import { interventionCommands } from "./interventions";
import { memoryCommands } from "./memory";
import { modelCommands } from "./models";
import type { Command } from "./register";
import { toolCommands } from "./tools";
import { traceCommands } from "./trace";

/** Every command of the product. A test holds it against package.json. */
export const commandTable: readonly Command[] = [
  ...chatCommands,
  ...modelCommands,
  ...engineCommands,
  ...instrumentCommands,
  ...interventionCommands,
  ...toolCommands,
  ...memoryCommands,
  ...traceCommands,
];
