import type { Command } from "./register";

export const operatorCommands: readonly Command[] = [
  { id: "vitrine.operator.open", need: "nothing", run: ({ operator }) => operator.open() },
];
