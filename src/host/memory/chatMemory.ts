import { errorData } from "../../contract/errors";
import type { ChatMemory } from "../chat/ports";
import type { Log } from "../log";
import type { WorkspaceMemory } from "./workspaceMemory";

/** Memories that a plain answer is given at most. */
const most = 5;
/** Characters of an answer that are looked at for what is worth keeping. */
const longest = 4_000;

/** The workspace's memory as plain chat uses it. A memory that fails is told in the log, and the answer goes on without. */
export function chatMemory(
  memory: Pick<WorkspaceMemory, "agent" | "state">,
  mayUse: () => boolean,
  log: Pick<Log, "warn">,
): ChatMemory {
  return {
    read: async (question, signal) => {
      if (!mayUse()) return [];
      try {
        return await (await memory.agent()).read({ goal: question, limit: most }, signal);
      } catch (thrown) {
        const { code, message } = errorData(thrown);
        if (code === "cancelled") throw thrown;
        log.warn(`The memory was not read: ${message}`);
        return [];
      }
    },
    observe: async ({ node, question, answer }, signal) => {
      if (!mayUse()) return [];
      const port = await memory.agent();
      if (!port.observe) return [];
      const seen = { run: node, step: 1, goal: question, user: question, assistant: answer.slice(0, longest) };
      return port.observe(seen, signal);
    },
    pending: () => memory.state.pending.map(({ id }) => id),
  };
}
