import * as vscode from "vscode";
import { errorData } from "../../contract/errors";
import type { MemoryFilter, MemoryItem, MemoryState, PendingWrite } from "../../contract/memory";
import { workspaceFolders } from "../agent/agents";
import { sentence } from "../errors";
import type { MemoryDoor } from "./door";

const groups = ["pending", "pinned", "latest", "thoughts", "experiences"] as const;
type Group = (typeof groups)[number];

export type MemoryTreeNode =
  | { kind: "group"; group: Group; total: number; members: MemoryTreeNode[] }
  | { kind: "memory"; item: MemoryItem; group: Group }
  | { kind: "pending"; write: PendingWrite }
  | { kind: "note"; text: string; icon: string };

/** Memories listed in a group. */
const most = 50;

const filters: Record<Exclude<Group, "pending">, MemoryFilter> = {
  pinned: { pinned: true },
  latest: { nodes: ["record"] },
  thoughts: { nodes: ["thought"] },
  experiences: { nodes: ["record"], kinds: ["experience"] },
};

/** The Memory view: what is kept, by how one looks for it. Looking at it loads no model. */
export class MemoryTree implements vscode.TreeDataProvider<MemoryTreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];
  private shown = "";

  constructor(private readonly memory: MemoryDoor) {
    const fire = () => this.changed.fire();
    this.subscriptions = [
      memory.onDidChange(() => {
        // Progress of a reflection is no reason to read everything again.
        const { reflecting: _, ...rest } = memory.state;
        const now = JSON.stringify(rest);
        if (now !== this.shown) fire();
        this.shown = now;
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(fire),
      vscode.workspace.onDidChangeWorkspaceFolders(fire),
    ];
  }

  refresh(): void {
    this.changed.fire();
  }

  async getChildren(node?: MemoryTreeNode): Promise<MemoryTreeNode[]> {
    if (node) return node.kind === "group" ? node.members : [];
    // The view's own words say what is missing.
    if (!vscode.workspace.isTrusted || workspaceFolders().length === 0) return [];
    try {
      const state = await this.memory.call("memoryState", {});
      const found = await Promise.all(groups.map((group) => this.group(group, state)));
      const notes = state.problems.map((text): MemoryTreeNode => ({ kind: "note", text, icon: "warning" }));
      const filled = found.filter((each) => each.kind === "group" && each.total > 0);
      // Nothing at all: the view's own words say how something comes here.
      return [...notes, ...filled];
    } catch (thrown) {
      return [{ kind: "note", text: sentence(errorData(thrown)), icon: "warning" }];
    }
  }

  getTreeItem(node: MemoryTreeNode): vscode.TreeItem {
    switch (node.kind) {
      case "group":
        return groupItem(node);
      case "memory":
        return memoryItem(node.item, node.group);
      case "pending":
        return pendingItem(node.write);
      case "note": {
        const item = new vscode.TreeItem(node.text);
        item.iconPath = new vscode.ThemeIcon(node.icon);
        return item;
      }
    }
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }

  private async group(group: Group, { pending }: MemoryState): Promise<MemoryTreeNode> {
    if (group === "pending") {
      const members = pending.map((write): MemoryTreeNode => ({ kind: "pending", write }));
      return { kind: "group", group, total: pending.length, members };
    }
    const { items, total } = await this.memory.call("memoryList", { filter: filters[group], limit: most });
    const members = items.map((item): MemoryTreeNode => ({ kind: "memory", item, group }));
    return { kind: "group", group, total, members };
  }
}

function groupItem({ group, total }: { group: Group; total: number }): vscode.TreeItem {
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const label = {
    pending: vscode.l10n.t("Waiting for you"),
    pinned: vscode.l10n.t("Pinned"),
    latest: vscode.l10n.t("Latest"),
    thoughts: vscode.l10n.t("Thoughts"),
    experiences: vscode.l10n.t("Experiences"),
  }[group];
  const icon = {
    pending: "bell",
    pinned: "pinned",
    latest: "history",
    thoughts: "lightbulb",
    experiences: "mortar-board",
  };
  const item = new vscode.TreeItem(label, group === "pending" || group === "latest" ? Expanded : Collapsed);
  item.id = `group:${group}`;
  item.description = String(total);
  item.iconPath = new vscode.ThemeIcon(icon[group]);
  return item;
}

/** One line of someone's text, without what would turn the line about or hide. */
export function shownLine(text: string, limit = 120): string {
  const line = text
    .slice(0, limit * 4)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

function memoryItem(memory: MemoryItem, group: Group): vscode.TreeItem {
  const { id, node, kind, text, time, pinned, valid } = memory;
  const item = new vscode.TreeItem(shownLine(text));
  item.id = `${group}:${id}`;
  item.description = valid ? day(time) : vscode.l10n.t("outdated");
  item.contextValue = `memory ${node}${pinned ? " pinned" : ""}`;
  const icon = pinned ? "pinned" : node === "thought" ? "lightbulb" : kind === "experience" ? "mortar-board" : "note";
  item.iconPath = new vscode.ThemeIcon(icon);
  item.tooltip = tooltip(memory);
  item.command = {
    command: "vitrine.memory.show",
    title: vscode.l10n.t("Show in the Memory Graph"),
    arguments: [{ id }],
  };
  return item;
}

function pendingItem({ id, text, why }: PendingWrite): vscode.TreeItem {
  const item = new vscode.TreeItem(shownLine(text));
  item.id = `pending:${id}`;
  item.description = shownLine(why, 60);
  item.contextValue = "pendingMemory";
  item.iconPath = new vscode.ThemeIcon("question");
  item.tooltip = shownLine(text, 1000);
  return item;
}

/** A memory is text from anywhere: shown as text, never as Markdown. */
function tooltip({ text, time, source, taint }: MemoryItem): vscode.MarkdownString {
  const shown = new vscode.MarkdownString();
  shown.appendText(shownLine(text, 1000));
  const lines = [
    new Date(time).toLocaleString(vscode.env.language),
    source?.file ?? source?.url ?? source?.run,
    taint === undefined ? undefined : vscode.l10n.t("Its text came from elsewhere: it is data, never an instruction."),
  ];
  for (const line of lines) {
    if (!line) continue;
    shown.appendMarkdown("\n\n");
    shown.appendText(shownLine(line, 300));
  }
  return shown;
}

function day(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime())
    ? ""
    : date.toLocaleDateString(vscode.env.language, { day: "numeric", month: "short" });
}
