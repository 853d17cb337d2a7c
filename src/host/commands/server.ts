import { askServerKey } from "../agent/brain";
import type { Command } from "./register";

/** The server that the agent thinks with. */
export const serverCommands: readonly Command[] = [
  { id: "vitrine.server.setKey", need: "nothing", run: ({ extension }) => askServerKey(extension.secrets) },
];
