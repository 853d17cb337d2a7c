import type { MemoryPort } from "../../contract/agent";
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
    read: async ({ node, question }, signal) => {
      if (!mayUse()) return [];
      try {
        return await (await memory.agent()).read({ goal: question, limit: most, run: node }, signal);
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

/** The workspace's memory as a run uses it: opened at the first step, and done without where it fails. */
export function agentMemory(memory: Pick<WorkspaceMemory, "agent">, log: Pick<Log, "warn">): MemoryPort {
  const without =
    <T>(instead: T) =>
    (thrown: unknown): T => {
      const { code, message } = errorData(thrown);
      if (code === "cancelled") throw thrown;
      log.warn(`The memory was not reached: ${message}`);
      return instead;
    };
  return {
    read: async (query, signal) => (await memory.agent()).read(query, signal).catch(without([])),
    search: async (query, limit, signal) => (await memory.agent()).search(query, limit, signal),
    remember: async (text, taint, signal, source) => (await memory.agent()).remember(text, taint, signal, source),
    observe: async (seen, signal) => {
      const { observe } = await memory.agent();
      return observe ? (await memory.agent()).observe!(seen, signal).catch(without([])) : [];
    },
  };
}
