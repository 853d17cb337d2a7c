import * as vscode from "vscode";
import {
  McpServerLink,
  type McpApprovals,
  type McpClientOptions,
  type McpServerConfig,
  type McpState,
} from "../../agent/tools/mcp/mcpClient";
import { describeServer, type ConfiguredServers } from "../../agent/tools/mcp/serverConfig";
import type { ToolRegistry } from "../../agent/tools/registry";
import { errorData, fail } from "../../contract/errors";
import { sentence } from "../errors";
import type { Log } from "../log";

/** A server as trees and questions show it. */
export interface ServerShown {
  name: string;
  /** Its command line or address, and the names of what it is given. */
  what: string;
  state: McpState;
}

export interface McpServersPorts {
  configured: () => ConfiguredServers;
  approvals: McpApprovals;
  /** Tools of the folder that is open; fails without one, or in one that is not trusted. */
  registry: () => Promise<ToolRegistry>;
  log: Log;
  transport?: McpClientOptions["transport"];
  timeoutMs?: number;
}

/** How long a goal waits for servers that start; those that are slower join the run when they are there. */
const waitMs = 5_000;

/** The MCP servers of the user's own settings. None is started before a goal or a person's word needs it. */
export class McpServers implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly links = new Map<string, McpServerLink>();
  private registry: ToolRegistry | undefined;
  /** What was said already, by server: once is enough for the same thing. */
  private readonly told = new Map<string, string>();

  constructor(private readonly ports: McpServersPorts) {}

  list(): ServerShown[] {
    const { servers, problems } = this.ports.configured();
    return [
      ...servers.map((config) => ({
        name: config.name,
        what: describeServer(config),
        state: this.links.get(config.name)?.state ?? ({ kind: "off" } as const),
      })),
      ...problems.map(({ name, message }) => ({
        name,
        what: "",
        state: { kind: "failed", error: { code: "badArgument", message } } as const,
      })),
    ];
  }

  /** What the server says of its tools. */
  tools(name: string): readonly { name: string; description: string }[] {
    return this.links.get(name)?.tools ?? [];
  }

  /** Starts all that a person approved; waits a little for them, and throws nothing: a run goes on without them. */
  async startAll(): Promise<void> {
    try {
      const links = await this.current();
      const starting = [...links.values()].filter(({ state }) => state.kind !== "ready" && state.kind !== "starting");
      const started = Promise.all(starting.map((link) => link.start()));
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([started, new Promise((resolve) => (timer = setTimeout(resolve, waitMs)))]);
      clearTimeout(timer);
    } catch (thrown) {
      this.ports.log.warn(`The MCP servers were not started: ${errorData(thrown).message}`);
    }
  }

  async start(name: string): Promise<McpState> {
    this.told.delete(name);
    return (await this.link(name)).start();
  }

  async stop(name: string): Promise<void> {
    await this.links.get(name)?.stop();
  }

  /** A person's yes to what they were shown, by its hash. Fails with `notAllowed` when it is another one meanwhile. */
  async approve(name: string, hash: string): Promise<McpState> {
    return (await this.link(name)).approve(hash);
  }

  /** The settings changed: what is not in them as it was is stopped. */
  reload(): void {
    const wanted = new Map(this.ports.configured().servers.map((config) => [config.name, JSON.stringify(config)]));
    for (const [name, link] of this.links) {
      if (wanted.get(name) === JSON.stringify(link.config)) continue;
      this.links.delete(name);
      this.told.delete(name);
      void link.stop();
    }
    this.changed.fire();
  }

  dispose(): void {
    for (const link of this.links.values()) void link.stop();
    this.links.clear();
    this.changed.dispose();
  }

  private async link(name: string): Promise<McpServerLink> {
    const found = (await this.current()).get(name);
    return found ?? fail("badArgument", vscode.l10n.t("There is no MCP server {0} in the settings.", name));
  }

  /** Links to all servers of the settings, for the tools of the folder that is open. */
  private async current(): Promise<Map<string, McpServerLink>> {
    const registry = await this.ports.registry();
    if (this.registry !== registry) {
      for (const link of this.links.values()) void link.stop();
      this.links.clear();
      this.registry = registry;
    }
    for (const config of this.ports.configured().servers) {
      if (!this.links.has(config.name)) this.links.set(config.name, this.linkTo(config, registry));
    }
    return this.links;
  }

  private linkTo(config: McpServerConfig, registry: ToolRegistry): McpServerLink {
    const { approvals, transport, timeoutMs } = this.ports;
    const link: McpServerLink = new McpServerLink(config, {
      registry,
      approvals,
      ...(transport ? { transport } : {}),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      onState: (name, state) => {
        if (this.links.get(name) !== link) return;
        this.tell(name, state);
        this.changed.fire();
      },
    });
    return link;
  }

  private tell(name: string, state: McpState): void {
    const { log } = this.ports;
    log.info(`MCP server ${name}: ${state.kind}`);
    if (state.kind === "ready") this.told.delete(name);
    const said = telling(name, state);
    const words = said?.message ?? "";
    if (!said || this.told.get(name) === words) return;
    this.told.set(name, words);
    log.warn(words);
    void vscode.window.showWarningMessage(words, said.button).then((chosen) => {
      if (chosen !== undefined) void vscode.commands.executeCommand(said.command, name);
    });
  }
}

/** What a person should know of a server without having looked. */
function telling(name: string, state: McpState): { message: string; button: string; command: string } | undefined {
  const review = { button: vscode.l10n.t("Review"), command: "vitrine.mcp.review" };
  switch (state.kind) {
    case "unapproved":
      return { message: vscode.l10n.t("The MCP server {0} is not approved, and was not started.", name), ...review };
    case "changed": {
      const tools = state.tools.slice(0, 5).join(", ");
      return {
        message: vscode.l10n.t(
          "Tools of the MCP server {0} are new or have changed, and are not offered: {1}",
          name,
          tools,
        ),
        ...review,
      };
    }
    case "failed":
      return {
        message: vscode.l10n.t("The MCP server {0}: {1}", name, sentence(state.error)),
        button: vscode.l10n.t("Start Again"),
        command: "vitrine.mcp.start",
      };
    default:
      return undefined;
  }
}
