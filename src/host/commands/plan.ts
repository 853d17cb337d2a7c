import { runArgument } from "../views/tracePanel";
import type { Command } from "./register";

export const planCommands: readonly Command[] = [
  { id: "vitrine.plan.open", need: "nothing", run: ({ plan }, run) => plan.open(runArgument(run)) },
];
