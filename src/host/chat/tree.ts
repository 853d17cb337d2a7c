import type { ChatMessage } from "../../contract/chat";
import {
  wordsOf,
  type Conversation,
  type ConversationNode,
  type ConversationSummary,
} from "../../contract/conversation";

/** Pure functions on the tree of a conversation. None changes what it is given. */

export function emptyConversation(id: string, now: string): Conversation {
  return { version: 1, id, title: "", created: now, updated: now, nodes: [], leaf: null };
}

export function nodeOf(conversation: Conversation, id: string): ConversationNode | undefined {
  return conversation.nodes.find((node) => node.id === id);
}

/** From the root to `id`; empty for null or an unknown id. */
export function pathTo(conversation: Conversation, id: string | null): ConversationNode[] {
  const byId = new Map(conversation.nodes.map((node) => [node.id, node]));
  const path: ConversationNode[] = [];
  let node = id === null ? undefined : byId.get(id);
  while (node && path.length <= conversation.nodes.length) {
    path.push(node);
    node = node.parent === null ? undefined : byId.get(node.parent);
  }
  return path.reverse();
}

/** The path that is shown. */
export function shownPath(conversation: Conversation): ConversationNode[] {
  return pathTo(conversation, conversation.leaf);
}

/** The alternatives at a node's place, itself included, in the order they were made. */
export function siblings(conversation: Conversation, id: string): ConversationNode[] {
  const node = nodeOf(conversation, id);
  return node ? conversation.nodes.filter((other) => other.parent === node.parent) : [];
}

/** Adds a node and shows it. The node's parent must be there already. */
export function append(conversation: Conversation, node: ConversationNode): Conversation {
  return {
    ...conversation,
    title: conversation.title || (node.role === "user" ? titleOf(node.text) : ""),
    updated: node.created,
    nodes: [...conversation.nodes, node],
    leaf: node.id,
  };
}

/** Shows the path that ends at `id` itself. */
export function showLeaf(conversation: Conversation, id: string | null): Conversation {
  return { ...conversation, leaf: id };
}

/** Shows `id` and, below it, what was last written there. */
export function select(conversation: Conversation, id: string): Conversation {
  let leaf = id;
  for (;;) {
    const last = conversation.nodes.filter((node) => node.parent === leaf).at(-1);
    if (!last) return { ...conversation, leaf };
    leaf = last.id;
  }
}

export function change(conversation: Conversation, id: string, values: Partial<ConversationNode>): Conversation {
  return {
    ...conversation,
    nodes: conversation.nodes.map((node) => (node.id === id ? { ...node, ...values } : node)),
  };
}

/** First line of a text, cut at a word near 60 characters. */
export function titleOf(text: string): string {
  const line = text.trim().split(/\r?\n/, 1)[0]?.trim() ?? "";
  if (line.length <= 60) return line;
  const cut = line.slice(0, 60);
  const space = cut.lastIndexOf(" ");
  return `${(space > 30 ? cut.slice(0, space) : cut).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/**
 * The turns a model is given. An answer that failed with nothing written says nothing, and turns of the same role that
 * then meet are joined: many templates refuse two user turns in a row.
 */
export function messagesOf(path: readonly ConversationNode[], system: string): ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (system.trim() !== "") messages.push({ role: "system", content: system });
  for (const node of path) {
    const { role, thought } = node;
    const text = wordsOf(node);
    if (role === "assistant" && text === "" && !thought) continue;
    const last = messages.at(-1);
    if (last?.role === role) last.content = `${last.content}\n\n${text}`;
    else messages.push({ role, content: text, ...(thought ? { thought } : {}) });
  }
  return messages;
}

export function summaryOf(conversation: Conversation): ConversationSummary {
  return {
    id: conversation.id,
    title: conversation.title,
    updated: conversation.updated,
    turns: conversation.nodes.filter((node) => node.role === "user").length,
  };
}
