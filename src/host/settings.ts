import * as vscode from "vscode";
import type { AgentMode } from "../contract/agent";
import type { ChatOptions } from "../contract/chatView";
import type { LoadParams } from "../contract/model";
import type { Sampling, Think } from "../contract/verbs";

const section = "vitrine";

function read<T>(key: string, fallback: T): T {
  return vscode.workspace.getConfiguration(section).get<T>(key) ?? fallback;
}

function finite(key: string, fallback: number, low: number, high: number): number {
  const value = read<unknown>(key, fallback);
  if (typeof value !== "number" || !Number.isFinite(value)) return fallback;
  return Math.min(high, Math.max(low, value));
}

function text(key: string, fallback = ""): string {
  const value = read<unknown>(key, fallback);
  return typeof value === "string" ? value : fallback;
}

/** The model file a person set, or the empty string. Machine scope: a workspace cannot set it. */
export function modelFile(): string {
  return text("model").trim();
}

/** The server that the agent thinks with, where a person set one. Machine scope: a workspace cannot send goals elsewhere. */
export function server(): { url: string; model: string; context: number } | undefined {
  const url = text("server.url").trim();
  if (url === "") return undefined;
  return {
    url,
    model: text("server.model").trim(),
    context: Math.round(finite("server.context", 8_192, 512, 1 << 22)),
  };
}

/** MCP servers as a person wrote them. Machine scope: a workspace cannot have a program started. */
export function mcpServers(): unknown {
  return read<unknown>("mcp.servers", {});
}

/** Where downloaded models go, or the empty string for the extension's own storage. Machine scope. */
export function modelsFolder(): string {
  return text("modelsFolder").trim();
}

/** Address of a SearXNG instance that a person set, or the empty string. Machine scope: a workspace cannot set it. */
export function searchEngine(): string {
  return text("research.searchEngine").trim();
}

export interface OperatorSettings {
  enabled: boolean;
  program: string;
  headless: boolean;
  sites: string[];
  /** The agent may operate the editor. */
  editor: boolean;
}

/** The browser and the editor that the agent may drive. Machine scope. */
export function operatorSettings(): OperatorSettings {
  const sites = read<unknown>("operator.sites", []);
  return {
    enabled: read<unknown>("operator.enabled", false) === true,
    program: text("operator.browser").trim(),
    headless: read<unknown>("operator.headless", false) === true,
    sites: Array.isArray(sites) ? sites.filter((site): site is string => typeof site === "string") : [],
    editor: read<unknown>("operator.editor", false) === true,
  };
}

export function loadParams(file: string): LoadParams {
  const context = Math.round(finite("context", 0, 0, 1 << 22));
  const threads = Math.round(finite("threads", 0, 0, 1024));
  return {
    file,
    gpu: text("gpu", "auto") === "off" ? "off" : "auto",
    ...(context > 0 ? { context } : {}),
    ...(threads > 0 ? { threads } : {}),
  };
}

export function sampling(): Sampling {
  const seed = read<unknown>("sampling.seed", null);
  return {
    temperature: finite("chat.temperature", 0.7, 0, 5),
    topK: Math.round(finite("sampling.topK", 40, 0, 1 << 20)),
    topP: finite("sampling.topP", 0.95, 0, 1),
    minP: finite("sampling.minP", 0.05, 0, 1),
    repeatPenalty: finite("sampling.repeatPenalty", 1, 0.1, 10),
    frequencyPenalty: 0,
    presencePenalty: 0,
    penaltyWindow: 64,
    ...(typeof seed === "number" && Number.isInteger(seed) && seed >= 0 ? { seed } : {}),
  };
}

/** Tokens of an answer at most; undefined is up to the context's end. */
export function maxTokens(): number | undefined {
  const value = Math.round(finite("chat.maxTokens", 1024, 0, 1 << 22));
  return value > 0 ? value : undefined;
}

/** Alternatives kept with each token. */
export function alternatives(): number {
  return Math.round(finite("chat.alternatives", 8, 0, 100));
}

function think(): Think {
  const value = read<unknown>("chat.think", "auto");
  if (typeof value === "number" && Number.isFinite(value)) return Math.max(0, Math.round(value));
  return value === "off" ? "off" : "auto";
}

function mode(): AgentMode {
  const value = read<unknown>("chat.mode", "chat");
  return value === "agent" || value === "plan" ? value : "chat";
}

export function chatOptions(): ChatOptions {
  return {
    mode: mode(),
    confidence: read<unknown>("chat.confidence", false) === true,
    liveLens: read<unknown>("chat.liveLens", false) === true,
    think: think(),
    temperature: finite("chat.temperature", 0.7, 0, 5),
    system: text("chat.system"),
  };
}

/** Writes options where they are already set (workspace before user), else for the user. */
export async function writeChatOptions(options: Partial<ChatOptions>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  for (const [name, value] of Object.entries(options)) {
    const key = `chat.${name}`;
    const inWorkspace = configuration.inspect(key)?.workspaceValue !== undefined;
    const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
    await configuration.update(key, value, target);
  }
}

export interface SurprisalSettings {
  /** UTF-16 units of a document that are read at most. */
  limit: number;
  alternatives: number;
}

export function surprisalSettings(): SurprisalSettings {
  return {
    limit: Math.round(finite("surprisal.limit", 50_000, 100, 5_000_000)),
    alternatives: Math.round(finite("surprisal.alternatives", 5, 0, 20)),
  };
}

export function offersLanguageModel(): boolean {
  return read<unknown>("offerLanguageModel", true) === true;
}

export function affectsChat(event: vscode.ConfigurationChangeEvent): boolean {
  return (
    event.affectsConfiguration(`${section}.chat`) ||
    event.affectsConfiguration(`${section}.sampling`) ||
    event.affectsConfiguration(`${section}.server`)
  );
}

export function affectsLoading(event: vscode.ConfigurationChangeEvent): boolean {
  return ["gpu", "threads", "context"].some((key) => event.affectsConfiguration(`${section}.${key}`));
}
