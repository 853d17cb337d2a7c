import { runArgument } from "../views/tracePanel";
import type { Command } from "./register";

export const traceCommands: readonly Command[] = [
  {
    id: "vitrine.trace.open",
    need: "nothing",
    run: ({ trace }, run, step) => trace.open(runArgument(run), typeof step === "number" ? step : undefined),
  },
];
