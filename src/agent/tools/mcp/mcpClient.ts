import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ToolListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import type { jsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/types.js";
import { errorData, fail, type ErrorData } from "../../../contract/errors";
import type { JsonSchema } from "../../../contract/json";
import type { ToolOutput } from "../../../contract/tool";
import { argumentSchema } from "../calling/normalise";
import { sha256 } from "../hash";
import { cleanText, withoutMarks } from "../output";
import type { ToolRegistry } from "../registry";
import type { Tool } from "../tool";

/** A server of the user's own configuration; never of a workspace's. */
export type McpServerConfig =
  | { name: string; kind: "stdio"; command: string; args?: string[]; env?: Record<string, string>; folder?: string }
  | { name: string; kind: "http"; url: string; headers?: Record<string, string> };

export type McpState =
  | { kind: "off" }
  | { kind: "starting" }
  /** A person has not yet said yes to starting exactly this. */
  | { kind: "unapproved"; hash: string }
  /** It runs, and offers other tools than a person said yes to; only the unchanged ones are offered. */
  | { kind: "changed"; hash: string; tools: string[] }
  | { kind: "ready"; tools: number; refused: string[] }
  | { kind: "failed"; error: ErrorData };

/** What a person approved for each server: its configuration, and each tool as it described itself. */
export interface McpApprovals {
  load(): Promise<Record<string, { config: string; tools: Record<string, string> }>>;
  save(value: Record<string, { config: string; tools: Record<string, string> }>): Promise<void>;
}

export interface McpClientOptions {
  registry: ToolRegistry;
  approvals: McpApprovals;
  transport?: (config: McpServerConfig) => Transport;
  timeoutMs?: number;
  onState?: (server: string, state: McpState) => void;
}

interface Described {
  name: string;
  description: string;
  parameters: JsonSchema;
  hash: string;
}

const mostTools = 256;
const longestDescription = 1_000;
const longestResult = 1_000_000;

/**
 * One MCP server as a source of tools. What it says of its tools is a stranger's word: schemas are checked, descriptions
 * cleaned, every call counts as reaching the network for good, and a tool that changes after a person's yes is taken back
 * until they say yes again.
 */
export class McpServerLink {
  private client: Client | undefined;
  private described: Described[] = [];
  private refused: string[] = [];
  private current: McpState = { kind: "off" };
  private reading: Promise<unknown> = Promise.resolve();

  constructor(
    readonly config: McpServerConfig,
    private readonly options: McpClientOptions,
  ) {}

  get state(): McpState {
    return this.current;
  }

  /** What it says of its tools, as a person is to judge it. */
  get tools(): readonly { name: string; description: string }[] {
    return this.described;
  }

  /** What an approval to start it is bound to. */
  get hash(): string {
    return sha256(JSON.stringify(sorted(this.config)));
  }

  /** Starts it when a person has approved it; tells why not otherwise. Does not throw. */
  async start(): Promise<McpState> {
    const known = (await this.options.approvals.load())[this.config.name];
    if (known?.config !== this.hash) return this.become({ kind: "unapproved", hash: this.hash });
    if (this.client) return this.current;
    this.become({ kind: "starting" });
    try {
      await this.connect();
      return await this.refresh();
    } catch (error) {
      await this.stop();
      return this.become({ kind: "failed", error: translated(error, this.config.name) });
    }
  }

  /** A person's yes: to start it (`hash` as shown), or to the tools as they are now. */
  async approve(hash: string): Promise<McpState> {
    const all = await this.options.approvals.load();
    const tools = Object.fromEntries(this.described.map((each) => [each.name, each.hash]));
    if (hash === this.hash && this.current.kind === "unapproved") {
      all[this.config.name] = { config: hash, tools: {} };
      await this.options.approvals.save(all);
      return this.start();
    }
    if (this.current.kind !== "changed" || hash !== toolsHash(this.described))
      fail("notAllowed", `${this.config.name} changed since it was shown; look again.`);
    all[this.config.name] = { config: this.hash, tools };
    await this.options.approvals.save(all);
    return this.offer();
  }

  async stop(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.options.registry.removeOrigin("mcp", this.config.name);
    // It may be gone already.
    await client?.close().catch(() => undefined);
    this.become({ kind: "off" });
  }

  private async connect(): Promise<void> {
    const client = new Client({ name: "vitrine", version: "1" }, { jsonSchemaValidator: noValidator });
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void this.again());
    this.client = client;
    const made = (this.options.transport ?? transportOf)(this.config);
    await client.connect(made, { timeout: this.timeout });
    // Only from here on: one that does not come up says more by its error than by its end.
    client.onclose = () => {
      if (this.client !== client) return;
      this.client = undefined;
      this.options.registry.removeOrigin("mcp", this.config.name);
      this.become({ kind: "failed", error: { code: "network", message: `The server ${this.config.name} ended.` } });
    };
  }

  private async again(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.options.registry.removeOrigin("mcp", this.config.name);
      this.become({ kind: "failed", error: translated(error, this.config.name) });
    }
  }

  /** One after the other: a server that tells of changes while it is being read is read again after it. */
  private refresh(): Promise<McpState> {
    const next = this.reading.then(() => this.read());
    this.reading = next.catch(() => undefined);
    return next;
  }

  private async read(): Promise<McpState> {
    const { client } = this;
    if (!client) fail("network", `The server ${this.config.name} is not connected.`);
    this.described = [];
    this.refused = [];
    let cursor: string | undefined;
    for (let page = 0; page < 20 && this.described.length < mostTools; page++) {
      const { tools, nextCursor } = await client.listTools(cursor === undefined ? {} : { cursor }, {
        timeout: this.timeout,
      });
      for (const tool of tools.slice(0, mostTools)) this.describe(tool.name, tool.description ?? "", tool.inputSchema);
      if (nextCursor === undefined || nextCursor === cursor) break;
      cursor = nextCursor;
    }
    return this.offer();
  }

  private describe(name: string, description: string, schema: unknown): void {
    try {
      const parameters = argumentSchema(schema);
      const text = withoutMarks(cleanText(description)).slice(0, longestDescription);
      this.described.push({
        name,
        description: text,
        parameters,
        hash: sha256(JSON.stringify([name, description, schema])),
      });
    } catch (error) {
      this.refused.push(`${name.slice(0, 80)}: ${errorData(error).message}`);
    }
  }

  /** Puts the tools that a person said yes to into the registry. */
  private async offer(): Promise<McpState> {
    const { registry, approvals } = this.options;
    const approved = (await approvals.load())[this.config.name]?.tools ?? {};
    registry.removeOrigin("mcp", this.config.name);
    const changed: string[] = [];
    let offered = 0;
    for (const each of this.described) {
      if (!Object.hasOwn(approved, each.name) || approved[each.name] !== each.hash) changed.push(each.name);
      else if (this.add(each)) offered++;
    }
    if (changed.length > 0) return this.become({ kind: "changed", hash: toolsHash(this.described), tools: changed });
    return this.become({ kind: "ready", tools: offered, refused: this.refused });
  }

  private add(each: Described): boolean {
    const plain = each.name.replace(/[^a-zA-Z0-9_-]/g, "_");
    const names = [plain, `${this.config.name.replace(/[^a-zA-Z0-9_-]/g, "_")}_${plain}`].map((name) =>
      name.replace(/^[^a-zA-Z_]/, "_$&").slice(0, 64),
    );
    for (const name of names) {
      if (this.options.registry.get(name)) continue;
      this.options.registry.add(this.tool(name, each));
      return true;
    }
    this.refused.push(`${each.name.slice(0, 80)}: its name is taken.`);
    return false;
  }

  private tool(name: string, { name: remote, description, parameters, hash }: Described): Tool {
    const server = this.config.name;
    return {
      name,
      description,
      parameters,
      source: "mcp",
      // Its own hints ("read only") are not believed.
      effects: ["network", "irreversible"],
      origin: server,
      hash,
      prepare: (args, { signal }) =>
        Promise.resolve({
          effects: ["network", "irreversible"],
          target: { kind: "server", name: server, hash, shown: `${server}: ${remote}` },
          summary: `Call ${remote} of the server ${server} with ${JSON.stringify(args).slice(0, 300)}`,
          reversal: "no",
          act: () => this.call(remote, args, signal),
        }),
    };
  }

  private async call(name: string, args: Record<string, unknown>, signal: AbortSignal): Promise<ToolOutput> {
    const { client } = this;
    if (!client) fail("network", `The server ${this.config.name} is not connected.`);
    let result;
    try {
      result = await client.callTool({ name, arguments: args }, undefined, {
        signal,
        timeout: this.timeout,
        maxTotalTimeout: this.timeout,
      });
    } catch (error) {
      if (signal.aborted) fail("cancelled", "Cancelled.", { cause: error });
      const data = translated(error, this.config.name);
      fail(data.code, data.message, { cause: error });
    }
    const parts = Array.isArray(result.content) ? (result.content as Record<string, unknown>[]) : [];
    const texts = parts.map((part) =>
      part["type"] === "text" && typeof part["text"] === "string"
        ? part["text"]
        : `[${String(part["type"]).slice(0, 40)} left out]`,
    );
    const text = texts.join("\n").slice(0, longestResult);
    return { text: text || "It gave nothing.", failed: result.isError === true, taint: "tool" };
  }

  private get timeout(): number {
    return this.options.timeoutMs ?? 60_000;
  }

  private become(state: McpState): McpState {
    this.current = state;
    this.options.onState?.(this.config.name, state);
    return state;
  }
}

/** The library would compile a server's output schemas into code; here nothing of a server's is compiled. */
const noValidator: jsonSchemaValidator = {
  getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
};

function transportOf(config: McpServerConfig): Transport {
  if (config.kind === "http") {
    return new StreamableHTTPClientTransport(new URL(config.url), {
      requestInit: { redirect: "error", ...(config.headers ? { headers: config.headers } : {}) },
    }) as Transport;
  }
  const { command, args = [], env, folder } = config;
  return new StdioClientTransport({
    command,
    args,
    stderr: "ignore",
    ...(env ? { env } : {}),
    ...(folder ? { cwd: folder } : {}),
  });
}

function toolsHash(described: readonly Described[]): string {
  return sha256(
    described
      .map(({ hash }) => hash)
      .sort()
      .join("\n"),
  );
}

function sorted(value: object): unknown {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function translated(error: unknown, server: string): ErrorData {
  const data = errorData(error);
  if (data.code !== "internal") return data;
  const timeout = /timed? ?out/i.test(data.message);
  return {
    code: timeout ? "timeout" : "network",
    message: timeout
      ? `The server ${server} did not answer in time.`
      : `The server ${server} failed: ${cleanText(data.message).slice(0, 300)}`,
  };
}
