import { randomUUID } from "node:crypto";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { CallToolRequestSchema, ListToolsRequestSchema, type CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { errorData } from "../../../contract/errors";
import type { Approvals } from "../approvals";
import { faults, withDefaults } from "../calling/validate";
import { cleanText } from "../output";
import type { ToolRegistry } from "../registry";
import type { ToolArguments } from "../tool";

/** A running MCP server. */
export interface McpServing {
  stop(): Promise<void>;
}

/**
 * Offers the approved forged tools of a registry to any MCP client, over standard input and output unless another
 * transport is given. A call goes through the same checks and approvals as the agent's own; clients are told when the list
 * changes.
 */
export async function startMcpServer(
  registry: ToolRegistry,
  approvals: Approvals,
  transport: Transport = new StdioServerTransport(),
): Promise<McpServing> {
  const server = new Server({ name: "vitrine", version: "1" }, { capabilities: { tools: { listChanged: true } } });
  const offered = () => registry.all().filter(({ source }) => source === "forged");
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: offered().map(({ name, description, parameters, effects }) => ({
      name,
      description,
      inputSchema: { ...parameters, type: "object" as const },
      annotations: {
        readOnlyHint: effects.every((effect) => effect === "read"),
        openWorldHint: effects.includes("network"),
      },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal }) =>
    answer(registry, approvals, params.name, (params.arguments ?? {}) as ToolArguments, signal),
  );
  const stopListening = registry.onChange(() => {
    // A client that is gone hears nothing.
    void server.sendToolListChanged().catch(() => undefined);
  });
  server.onclose = stopListening;
  await server.connect(transport);
  return {
    stop: async () => {
      stopListening();
      await server.close();
    },
  };
}

async function answer(
  registry: ToolRegistry,
  approvals: Approvals,
  name: string,
  args: ToolArguments,
  signal: AbortSignal,
): Promise<CallToolResult> {
  const text = (words: string, isError: boolean): CallToolResult => ({
    content: [{ type: "text", text: cleanText(words) }],
    isError,
  });
  const tool = registry.get(name);
  if (tool?.source !== "forged") return text(`There is no tool ${name.slice(0, 80)}.`, true);
  const wrong = faults(args, tool.parameters);
  if (wrong.length > 0) return text(`The arguments are wrong: ${wrong.join("; ")}.`, true);
  try {
    const prepared = await tool.prepare(withDefaults(args, tool.parameters), {
      run: `mcp-${randomUUID()}`,
      step: 1,
      signal,
    });
    const request = approvals.request(tool, prepared);
    if (request) {
      const { allowed, decision } = await approvals.decide(tool, prepared, request, signal);
      if (!allowed) return text(`It was not allowed: ${decision.reason ?? "no reason was given"}`, true);
    }
    const output = await prepared.act();
    return text(output.text, output.failed === true);
  } catch (error) {
    return text(errorData(error).message, true);
  }
}
