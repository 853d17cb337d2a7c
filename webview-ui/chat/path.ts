import type { ChatState, RunningAnswer } from "../../src/contract/chatView";
import type { Conversation, ConversationNode } from "../../src/contract/conversation";

/** The nodes from the root to `leaf`. A damaged tree (a missing parent, a ring) ends where it breaks. */
export function pathTo(nodes: readonly ConversationNode[], leaf: string | null): ConversationNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const path: ConversationNode[] = [];
  const seen = new Set<string>();
  for (let at = leaf; at !== null && !seen.has(at);) {
    const node = byId.get(at);
    if (!node) break;
    seen.add(at);
    path.unshift(node);
    at = node.parent;
  }
  return path;
}

/** The alternatives of a node, oldest first, the node itself among them. */
export function siblingsOf(
  conversation: Conversation,
  node: Pick<ConversationNode, "parent" | "role">,
): ConversationNode[] {
  return conversation.nodes.filter((other) => other.parent === node.parent && other.role === node.role);
}

/** What is shown: the path, cut where the running answer stands, and that answer. */
export function shown(
  state: ChatState,
  running: RunningAnswer | null,
): { path: ConversationNode[]; running: RunningAnswer | null } {
  const { nodes, leaf } = state.conversation;
  // The finished node may arrive a moment before the last running snapshot is taken back.
  if (!running || nodes.some((node) => node.id === running.node)) return { path: pathTo(nodes, leaf), running: null };
  const whole = pathTo(nodes, leaf);
  const at = whole.findIndex((node) => node.id === running.parent);
  // A person looks at another branch while the answer is written: it is not part of what they see.
  if (at < 0) return { path: whole, running: null };
  return { path: whole.slice(0, at + 1), running };
}

export interface Branch {
  node: ConversationNode;
  children: Branch[];
}

/** The conversation as a tree, in the order in which its nodes were made. */
export function branches(nodes: readonly ConversationNode[]): Branch[] {
  const made = new Map(nodes.map((node) => [node.id, { node, children: [] as Branch[] }]));
  const roots: Branch[] = [];
  for (const branch of made.values()) {
    const parent = branch.node.parent === null ? undefined : made.get(branch.node.parent);
    (parent?.children ?? roots).push(branch);
  }
  return roots;
}
