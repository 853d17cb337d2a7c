import { homedir } from "node:os";
import path from "node:path";
import type * as vscode from "vscode";
import { fileRecord } from "../../agent/node/forgeStores";
import { readServers } from "../../agent/tools/mcp/serverConfig";
import { isRecord } from "../../agent/tools/calling/normalise";
import { workspaceFolders, type Agents } from "../agent/agents";
import type { Log } from "../log";
import { mcpServers } from "../settings";
import type { McpServersPorts } from "./servers";

/** Servers of the settings; what a person approved is kept in the extension's own storage. */
export function mcpPorts(extension: vscode.ExtensionContext, agents: Agents, log: Log): McpServersPorts {
  return {
    configured: () => readServers(mcpServers(), variable, homedir()),
    approvals: fileRecord(path.join(extension.globalStorageUri.fsPath, "approvals", "mcp.json"), isApproval),
    registry: async () => (await agents.workspace()).registry,
    log,
  };
}

function variable(name: string): string | undefined {
  if (name === "workspaceFolder") return workspaceFolders()[0];
  if (name === "userHome") return homedir();
  return name.startsWith("env:") ? process.env[name.slice("env:".length)] : undefined;
}

function isApproval(value: unknown): value is { config: string; tools: Record<string, string> } {
  return (
    isRecord(value) &&
    typeof value["config"] === "string" &&
    isRecord(value["tools"]) &&
    Object.values(value["tools"]).every((hash) => typeof hash === "string")
  );
}
