import * as vscode from "vscode";
import { errorData } from "../../contract/errors";
import type { Effect, ToolInfo, ToolSource, ToolState } from "../../contract/tool";
import { workspaceFolders } from "../agent/agents";
import { sentence } from "../errors";
import type { McpServers, ServerShown } from "../mcp/servers";
import type { Workshop } from "./workshop";

const groups = ["forged", "builtin", "mcp"] as const satisfies readonly ToolSource[];
type Group = (typeof groups)[number];

export type ToolNode =
  | { kind: "group"; group: Group; tools: ToolInfo[] }
  | { kind: "server"; server: ServerShown; tools: ToolInfo[] }
  | { kind: "tool"; info: ToolInfo }
  | { kind: "note"; text: string; icon: string; command?: string };

/** The Tools view: what the agent may use, by where it comes from. Looking at it loads no model. */
export class ToolsTree implements vscode.TreeDataProvider<ToolNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly workshop: Pick<Workshop, "infos" | "onDidChange">,
    private readonly servers: Pick<McpServers, "list" | "onDidChange">,
  ) {
    const fire = () => this.changed.fire();
    this.subscriptions = [
      workshop.onDidChange(fire),
      servers.onDidChange(fire),
      vscode.workspace.onDidGrantWorkspaceTrust(fire),
      vscode.workspace.onDidChangeWorkspaceFolders(fire),
    ];
  }

  async getChildren(node?: ToolNode): Promise<ToolNode[]> {
    if (node?.kind === "server") return node.tools.map((info) => ({ kind: "tool", info }));
    if (node) return node.kind === "group" ? members(node, this.servers.list()) : [];
    // The view's own words say what is missing.
    if (!vscode.workspace.isTrusted || workspaceFolders().length === 0) return [];
    try {
      const infos = await this.workshop.infos();
      return groups.map((group) => ({
        kind: "group",
        group,
        tools: infos.filter(({ source }) => source === group).sort((a, b) => a.name.localeCompare(b.name)),
      }));
    } catch (thrown) {
      return [{ kind: "note", text: sentence(errorData(thrown)), icon: "warning", command: "vitrine.tools.refresh" }];
    }
  }

  getTreeItem(node: ToolNode): vscode.TreeItem {
    if (node.kind === "group") return groupItem(node);
    if (node.kind === "server") return serverItem(node);
    if (node.kind === "tool") return toolItem(node.info);
    const item = new vscode.TreeItem(node.text);
    item.iconPath = new vscode.ThemeIcon(node.icon);
    if (node.command) item.command = { command: node.command, title: node.text };
    return item;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }
}

function members({ group, tools }: { group: Group; tools: ToolInfo[] }, servers: ServerShown[]): ToolNode[] {
  if (group === "mcp" && servers.length > 0) {
    return servers.map((server) => ({
      kind: "server",
      server,
      tools: tools.filter(({ origin }) => origin === server.name),
    }));
  }
  if (tools.length > 0) return tools.map((info) => ({ kind: "tool", info }));
  if (group === "forged")
    return [{ kind: "note", text: vscode.l10n.t("Write a tool…"), icon: "add", command: "vitrine.tools.new" }];
  if (group === "mcp")
    return [
      { kind: "note", text: vscode.l10n.t("Configure servers…"), icon: "gear", command: "vitrine.mcp.configure" },
    ];
  return [{ kind: "note", text: vscode.l10n.t("None"), icon: "dash" }];
}

function serverItem({ server: { name, what, state }, tools }: Extract<ToolNode, { kind: "server" }>): vscode.TreeItem {
  const { Expanded, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(name, tools.length > 0 ? Expanded : None);
  item.id = `server:${name}`;
  item.description = serverWord(state);
  item.contextValue = `server ${state.kind}`;
  const [icon, color] = {
    off: ["circle-outline", undefined],
    starting: ["loading~spin", undefined],
    unapproved: ["question", "charts.yellow"],
    changed: ["diff-modified", "charts.yellow"],
    ready: ["pass-filled", "charts.green"],
    failed: ["error", "charts.red"],
  }[state.kind];
  item.iconPath = new vscode.ThemeIcon(icon ?? "plug", color === undefined ? undefined : new vscode.ThemeColor(color));
  const text = new vscode.MarkdownString();
  const refused = state.kind === "ready" ? state.refused.map((each) => vscode.l10n.t("Refused: {0}", each)) : [];
  for (const line of [name, ...what.split("\n"), item.description, ...refused]) {
    text.appendText(line);
    text.appendMarkdown("\n\n");
  }
  item.tooltip = text;
  item.accessibilityInformation = { label: `${name}, ${item.description}` };
  if (state.kind === "unapproved" || state.kind === "changed" || state.kind === "off") {
    const title = vscode.l10n.t("Review");
    item.command = { command: "vitrine.mcp.review", title, arguments: [name] };
  }
  return item;
}

function serverWord(state: ServerShown["state"]): string {
  switch (state.kind) {
    case "off":
      return vscode.l10n.t("starts with the next goal");
    case "starting":
      return vscode.l10n.t("starting");
    case "unapproved":
      return vscode.l10n.t("not approved");
    case "changed":
      return vscode.l10n.t("{0} tools to be approved", state.tools.length);
    case "ready":
      return vscode.l10n.t("runs");
    case "failed":
      return sentence(state.error);
  }
}

function groupItem({ group, tools }: { group: Group; tools: ToolInfo[] }): vscode.TreeItem {
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const label = {
    forged: vscode.l10n.t("Forged in this workspace"),
    builtin: vscode.l10n.t("Built in"),
    mcp: vscode.l10n.t("From MCP servers"),
  }[group];
  const item = new vscode.TreeItem(label, group === "forged" ? Expanded : Collapsed);
  item.id = `group:${group}`;
  item.description = String(tools.length);
  item.contextValue = `group.${group}`;
  item.iconPath = new vscode.ThemeIcon({ forged: "wrench", builtin: "package", mcp: "plug" }[group]);
  return item;
}

function toolItem(info: ToolInfo): vscode.TreeItem {
  const item = new vscode.TreeItem(info.name);
  item.id = `${info.source}:${info.origin ?? ""}:${info.name}`;
  const said = [info.state ? stateWord(info.state) : "", uses(info)].filter(Boolean);
  item.description = said.join(" · ");
  item.tooltip = tooltip(info);
  item.contextValue = info.state ? `forged ${info.state}` : info.source;
  item.iconPath = info.state ? stateIcon(info.state) : new vscode.ThemeIcon("tools");
  item.accessibilityInformation = { label: [info.name, ...said].join(", ") };
  if (info.source === "forged" && info.origin !== undefined) {
    item.command = { command: "vscode.open", title: vscode.l10n.t("Open"), arguments: [vscode.Uri.file(info.origin)] };
  }
  return item;
}

function stateWord(state: ToolState): string {
  switch (state) {
    case "draft":
      return vscode.l10n.t("draft, fails its checks");
    case "checked":
      return vscode.l10n.t("checked, not approved");
    case "approved":
      return vscode.l10n.t("approved");
    case "changed":
      return vscode.l10n.t("changed since it was approved");
    case "broken":
      return vscode.l10n.t("broken");
  }
}

function stateIcon(state: ToolState): vscode.ThemeIcon {
  const [icon, color] = {
    draft: ["edit", undefined],
    checked: ["question", "charts.yellow"],
    approved: ["pass-filled", "charts.green"],
    changed: ["diff-modified", "charts.yellow"],
    broken: ["error", "charts.red"],
  }[state];
  return new vscode.ThemeIcon(icon ?? "tools", color === undefined ? undefined : new vscode.ThemeColor(color));
}

/** Uses and the share of them that worked; nothing before the first. */
function uses({ use }: ToolInfo): string {
  if (!use || use.calls === 0) return "";
  const share = Math.round((100 * use.successes) / use.calls);
  return use.calls === 1
    ? vscode.l10n.t("1 use, {0} % worked", share)
    : vscode.l10n.t("{0} uses, {1} % worked", use.calls, share);
}

function effectWord(effect: Effect): string {
  switch (effect) {
    case "read":
      return vscode.l10n.t("reads files");
    case "write":
      return vscode.l10n.t("writes files");
    case "execute":
      return vscode.l10n.t("runs commands");
    case "network":
      return vscode.l10n.t("reaches the network");
    case "irreversible":
      return vscode.l10n.t("cannot be undone");
  }
}

/** A tool's own words are text from anywhere: shown as text, never as Markdown. */
function tooltip({ name, description, effects, use, origin }: ToolInfo): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendText(name);
  const lines = [
    description,
    effects.length === 0 ? vscode.l10n.t("Only computes") : effects.map(effectWord).join(", "),
    use && use.calls > 0 ? vscode.l10n.t("{0} ms a use", Math.round(use.totalMs / use.calls)) : undefined,
    use?.lastError === undefined ? undefined : vscode.l10n.t("Last error: {0}", use.lastError),
    origin,
  ];
  for (const line of lines) {
    if (!line) continue;
    text.appendMarkdown("\n\n");
    text.appendText(line);
  }
  return text;
}
