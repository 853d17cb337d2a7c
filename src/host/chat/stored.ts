import type { Conversation, ConversationNode } from "../../contract/conversation";
import { fail } from "../../contract/errors";
import type { GeneratedToken } from "../../contract/token";

const idPattern = /^[A-Za-z0-9-]{1,64}$/;

/** An id that may become a file's name. */
export function isConversationId(value: unknown): value is string {
  return typeof value === "string" && idPattern.test(value);
}

/**
 * What a stored file holds, as far as it holds together: a node that is no node, or whose parent is missing, is left out
 * with all that hangs on it. Throws `damagedFile` when there is no conversation in it at all.
 */
export function readConversation(text: string): Conversation {
  const value = parse(text);
  if (!isRecord(value) || value.version !== 1 || !isConversationId(value.id) || !Array.isArray(value.nodes)) {
    return fail("damagedFile", "The file does not hold a conversation.");
  }
  const kept = new Map<string, ConversationNode>();
  for (const node of value.nodes) {
    // A parent always stands before its children, so one pass is enough, and there can be no circle.
    if (isNode(node) && !kept.has(node.id) && (node.parent === null || kept.has(node.parent))) {
      kept.set(node.id, soundAttachments(soundTokens(node)));
    }
  }
  const nodes = [...kept.values()];
  const leaf = typeof value.leaf === "string" && kept.has(value.leaf) ? value.leaf : (nodes.at(-1)?.id ?? null);
  return {
    version: 1,
    id: value.id,
    title: stringOr(value.title, ""),
    created: stringOr(value.created, new Date(0).toISOString()),
    updated: stringOr(value.updated, new Date(0).toISOString()),
    nodes,
    leaf,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    return fail("damagedFile", "The file is not JSON.", { cause });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function stringOr(value: unknown, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}

function isNode(value: unknown): value is ConversationNode {
  return (
    isRecord(value) &&
    isConversationId(value.id) &&
    (value.parent === null || typeof value.parent === "string") &&
    (value.role === "user" || value.role === "assistant") &&
    typeof value.text === "string" &&
    (value.thought === undefined || typeof value.thought === "string") &&
    typeof value.created === "string"
  );
}

/** Tokens with one that is no token are left out as a whole: they would no longer make up the text. */
function soundTokens(node: ConversationNode): ConversationNode {
  const { tokens, ...rest } = node;
  if (tokens === undefined) return node;
  return Array.isArray(tokens) && tokens.every(isToken) ? node : rest;
}

function soundAttachments(node: ConversationNode): ConversationNode {
  const { attachments, ...rest } = node;
  if (attachments === undefined) return node;
  const sound = (value: unknown): boolean =>
    isRecord(value) &&
    typeof value.label === "string" &&
    typeof value.text === "string" &&
    typeof value.leftOut === "number";
  return Array.isArray(attachments) && attachments.every(sound) ? node : rest;
}

function isToken(value: unknown): value is GeneratedToken {
  return (
    isRecord(value) &&
    Number.isInteger(value.id) &&
    typeof value.text === "string" &&
    typeof value.p === "number" &&
    typeof value.entropy === "number" &&
    Array.isArray(value.top) &&
    value.top.every((other) => isRecord(other) && Number.isInteger(other.id) && typeof other.text === "string")
  );
}
