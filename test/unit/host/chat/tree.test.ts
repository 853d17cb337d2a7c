import { expect, test } from "vitest";
import type { Conversation, ConversationNode } from "../../../../src/contract/conversation";
import {
  append,
  emptyConversation,
  messagesOf,
  pathTo,
  select,
  showLeaf,
  shownPath,
  siblings,
  summaryOf,
  titleOf,
} from "../../../../src/host/chat/tree";

const now = "2026-01-01T00:00:00.000Z";

function node(id: string, parent: string | null, role: "user" | "assistant", text = id): ConversationNode {
  return { id, parent, role, text, created: now };
}

function build(...nodes: ConversationNode[]): Conversation {
  return nodes.reduce(append, emptyConversation("c", now));
}

const branching = build(
  node("q1", null, "user"),
  node("a1", "q1", "assistant"),
  node("q2", "a1", "user"),
  node("a2", "q2", "assistant"),
  node("a1b", "q1", "assistant"),
);

test("appending shows the new node, and names the conversation by its first question", () => {
  const conversation = build(node("q1", null, "user", "How deep is the sea?\nTell me"));
  expect(conversation.leaf).toBe("q1");
  expect(conversation.title).toBe("How deep is the sea?");
});

test("a regenerated answer is a sibling, and the path goes through it alone", () => {
  expect(siblings(branching, "a1").map(({ id }) => id)).toEqual(["a1", "a1b"]);
  expect(shownPath(branching).map(({ id }) => id)).toEqual(["q1", "a1b"]);
});

test("choosing a sibling shows what last followed it", () => {
  const conversation = select(branching, "a1");
  expect(shownPath(conversation).map(({ id }) => id)).toEqual(["q1", "a1", "q2", "a2"]);
  expect(shownPath(showLeaf(conversation, "a1")).map(({ id }) => id)).toEqual(["q1", "a1"]);
});

test("an edited first question is a root of its own", () => {
  const conversation = append(branching, node("q1b", null, "user"));
  expect(siblings(conversation, "q1").map(({ id }) => id)).toEqual(["q1", "q1b"]);
  expect(shownPath(conversation).map(({ id }) => id)).toEqual(["q1b"]);
});

test("a circle of parents ends, and an unknown leaf has an empty path", () => {
  const circle: Conversation = {
    ...branching,
    nodes: [node("x", "y", "user"), node("y", "x", "assistant")],
    leaf: "x",
  };
  expect(shownPath(circle).length).toBeLessThanOrEqual(3);
  expect(pathTo(branching, "nowhere")).toEqual([]);
});

test("functions leave what they are given as it was", () => {
  const before = structuredClone(branching);
  select(branching, "a1");
  append(branching, node("q9", "a1b", "user"));
  expect(branching).toEqual(before);
});

test("an answer with nothing in it is left out, and the questions around it are joined", () => {
  const path = [node("q1", null, "user", "one"), node("a1", "q1", "assistant", ""), node("q2", "a1", "user", "two")];
  expect(messagesOf(path, "Be brief.")).toEqual([
    { role: "system", content: "Be brief." },
    { role: "user", content: "one\n\ntwo" },
  ]);
  expect(messagesOf(path, "  ")[0]?.role).toBe("user");
});

test("thoughts stay apart from what was said", () => {
  const path = [node("q", null, "user"), { ...node("a", "q", "assistant", "4"), thought: "2+2" }];
  expect(messagesOf(path, "").at(-1)).toEqual({ role: "assistant", content: "4", thought: "2+2" });
});

test("a title ends at a word and never in half a character", () => {
  expect(titleOf("  short \n more")).toBe("short");
  expect(titleOf("word ".repeat(30))).toMatch(/^(word )+word…$|^(word ?)+…$/);
  const emoji = titleOf(`${"a".repeat(59)}😀😀`);
  expect(emoji).not.toMatch(/[\uD800-\uDFFF]/u);
});

test("a summary counts questions", () => {
  expect(summaryOf(branching)).toEqual({ id: "c", title: "q1", updated: now, turns: 2 });
});
