import { createInterface } from "node:readline/promises";
import path from "node:path";
import { EngineBrain } from "../agent/brains/engineBrain";
import { ServerBrain } from "../agent/brains/serverBrain";
import { openAgent, type Agent } from "../agent/node/openAgent";
import { Memory } from "../agent/memory/memory";
import { browserTools } from "../agent/operator/tools";
import { nobody } from "../agent/tools/approvals";
import type { MemoryPort } from "../contract/agent";
import type { Brain } from "../contract/brain";
import { fail } from "../contract/errors";
import type { SandboxMethods } from "../contract/sandbox";
import type { ApprovalsPort, ApprovalVerdict } from "../contract/tool";
import { Supervisor } from "../wire/supervisor";
import { cliBrowser } from "./browser";
import { UsageError, type CommandContext, type OptionSpecs } from "./command";
import { dataFolder, installFolder } from "./folders";
import { visible } from "./output";

/** Options of the commands that work in a workspace with tools. */
export const workshopOptions: OptionSpecs = {
  approve: { type: "string", help: "what needs no asking: none (the default), read or all", value: "none|read|all" },
  server: { type: "string", help: "think with an OpenAI-compatible server, up to /v1", value: "URL" },
  "server-model": { type: "string", help: "the server's model", value: "NAME" },
  memory: {
    type: "string",
    help: "read and write the workspace's memory: auto (the default) or off",
    value: "auto|off",
  },
};

export interface OpenWorkshop extends Agent {
  dispose(): Promise<void>;
}

/** What is done by hand thinks nothing. */
const noBrain: Brain = {
  name: "none",
  local: true,
  context: 0,
  count: () => Promise.resolve(0),
  reply: () => Promise.resolve().then(() => fail("noModel", "What is done by hand has no model")),
};

/** Opens the workspace's agent. A brain is needed only where something is thought. */
export async function cliWorkshop(context: CommandContext, brain: Brain = noBrain): Promise<OpenWorkshop> {
  const sandbox = new Supervisor<SandboxMethods>({
    name: "The sandbox",
    file: path.join(installFolder(), "dist", "sandbox.mjs"),
    grace: 500,
  });
  const memory = brain === noBrain || context.options.text("memory") === "off" ? undefined : cliMemory(context, brain);
  const operator =
    context.options.text("browser") === undefined ? undefined : cliBrowser(context, workspaceFolder(context));
  const agent = await openAgent(
    {
      folders: [workspaceFolder(context)],
      storage: path.join(dataFolder(), "approvals"),
      brain,
      sandbox: Object.assign(sandbox, { restart: () => sandbox.stop() }),
      ask: process.stdin.isTTY ? terminalApprovals : nobody,
      policy: context.options.choice("approve", ["none", "read", "all"]) ?? "none",
      // Whoever runs the program in a folder has chosen it.
      trusted: true,
      ...(operator ? { tools: browserTools(operator) } : {}),
      ...(memory ? { memory: memory.port } : {}),
    },
    context.signal,
  );
  const dispose = async (): Promise<void> => {
    await operator?.close();
    await memory?.close();
    await sandbox.dispose();
  };
  return { ...agent, dispose };
}

/** The workspace's memory, opened when a run first reads or writes it. */
export function cliMemory(context: CommandContext, brain: Brain): { port: MemoryPort; close: () => Promise<void> } {
  let opening: Promise<Memory> | undefined;
  const opened = (): Promise<Memory> =>
    (opening ??= Memory.open({
      folder: path.join(workspaceFolder(context), ".vitrine", "memory"),
      brain: () => Promise.resolve(brain),
    }));
  return {
    port: {
      read: async (query, signal) => (await opened()).read(query, signal),
      search: async (query, limit, signal) => (await opened()).search(query, limit, signal),
      remember: async (text, taint, signal, source) => (await opened()).remember(text, taint, signal, source),
      observe: async (seen, signal) => (await opened()).observe(seen, signal),
    },
    close: async () => {
      // One that could not be opened has said so already.
      await opening?.then(
        (memory) => memory.close(),
        () => undefined,
      );
    },
  };
}

export function workspaceFolder(context: CommandContext): string {
  return path.resolve(context.options.text("workspace") ?? ".");
}

/** The engine's model, or the server that `--server` names. */
export async function openBrain(context: CommandContext): Promise<Brain> {
  const [url, model] = [context.options.text("server"), context.options.text("server-model")];
  if (url === undefined) {
    const { caller, info } = await context.engine();
    return new EngineBrain(caller, info);
  }
  if (model === undefined) throw new UsageError("--server needs --server-model");
  const key = process.env["VITRINE_SERVER_KEY"];
  return new ServerBrain({ url, model, ...(key ? { key: () => Promise.resolve(key) } : {}) });
}

const answers: Record<string, ApprovalVerdict> = { y: "once", r: "run", a: "always", n: "deny" };

/** Asks on the terminal; the question goes to stderr, since stdout carries the events. */
const terminalApprovals: ApprovalsPort = {
  async ask(request, signal) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const { target, summary, diff, mustAsk } = request;
    const shown = "shown" in target ? target.shown : "path" in target ? target.path : JSON.stringify(target);
    const detail = [summary, mustAsk ?? "", diff ?? "", `on ${shown}`].filter(Boolean).map((text) => text.split("\n"));
    process.stderr.write(`${detail.flat().map(visible).join("\n")}\n`);
    try {
      const answer = await lines.question("allow? y once, r this run, a always, n no: ", { signal });
      return { verdict: answers[answer.trim().toLowerCase()] ?? "deny", reason: "The user said no." };
    } finally {
      lines.close();
    }
  },
};
