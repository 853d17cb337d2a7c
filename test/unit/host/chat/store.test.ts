import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Conversation } from "../../../../src/contract/conversation";
import { ConversationStore } from "../../../../src/host/chat/store";
import { append, emptyConversation } from "../../../../src/host/chat/tree";
import { silentLog } from "../silentLog";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "vitrine-store-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function conversation(id: string, updated: string, text = "question"): Conversation {
  return append(emptyConversation(id, updated), { id: "n1", parent: null, role: "user", text, created: updated });
}

function open(delay = 1): ConversationStore {
  return new ConversationStore(folder, silentLog(), delay);
}

test("what was saved is there again, latest first", async () => {
  const store = open();
  await store.load();
  store.save(conversation("one", "2026-01-01T00:00:00Z"));
  store.save(conversation("two", "2026-01-02T00:00:00Z", "lone \ud800 surrogate, NUL \0"));
  await store.flush();
  const again = open();
  expect(await again.load()).toEqual({ damaged: 0 });
  expect(again.list().map(({ id }) => id)).toEqual(["two", "one"]);
  expect(await again.open("two")).toEqual(conversation("two", "2026-01-02T00:00:00Z", "lone \ud800 surrogate, NUL \0"));
});

test("a conversation not on disk yet is opened as it was saved", async () => {
  const store = open(60_000);
  store.save(conversation("one", "2026-01-01T00:00:00Z"));
  expect((await store.open("one"))?.nodes.length).toBe(1);
  await store.flush();
});

test.each([
  ["cut off", (text: string) => text.slice(0, 20)],
  ["empty", () => ""],
  ["of another kind", () => "[1, 2]"],
  ["of another version", (text: string) => text.replace('"version":1', '"version":7')],
  ["under another's name", (text: string) => text.replace('"id":"one"', '"id":"other"')],
])("a file %s is set aside, and the others are read", async (_, damage) => {
  const store = open();
  store.save(conversation("one", "2026-01-01T00:00:00Z"));
  store.save(conversation("two", "2026-01-02T00:00:00Z"));
  await store.flush();
  const file = path.join(folder, "one.json");
  await writeFile(file, damage(await readFile(file, "utf8")));
  const again = open();
  expect(await again.load()).toEqual({ damaged: 1 });
  expect(again.list().map(({ id }) => id)).toEqual(["two"]);
  expect(await readdir(folder)).toContain("one.json.damaged");
});

test("nodes that hang on nothing are left out, the rest is kept", async () => {
  const broken = {
    ...conversation("one", "2026-01-01T00:00:00Z"),
    nodes: [
      { id: "n1", parent: null, role: "user", text: "kept", created: "2026" },
      { id: "n2", parent: "gone", role: "assistant", text: "orphan", created: "2026" },
      { id: "n3", parent: "n2", role: "user", text: "child of an orphan", created: "2026" },
      { id: "n4", parent: "n1", role: "assistant", text: "kept", created: "2026", tokens: [{ id: "no number" }] },
      { id: "n1", parent: "n4", role: "user", text: "twice", created: "2026" },
      17,
    ],
    leaf: "n3",
  };
  await writeFile(path.join(folder, "one.json"), JSON.stringify(broken));
  const store = open();
  await store.load();
  const found = await store.open("one");
  expect(found?.nodes.map(({ id, text }) => [id, text])).toEqual([
    ["n1", "kept"],
    ["n4", "kept"],
  ]);
  expect(found?.nodes[1]?.tokens).toBeUndefined();
  expect(found?.leaf).toBe("n4");
});

test("a removed conversation is gone, also when it was just being saved", async () => {
  const store = open();
  store.save(conversation("one", "2026-01-01T00:00:00Z"));
  const flushed = store.flush();
  await store.remove("one");
  await flushed;
  expect(await store.open("one")).toBeNull();
  expect(await readdir(folder)).toEqual([]);
});

test("an id is never a path", async () => {
  const store = open();
  expect(await store.open("../../etc/passwd")).toBeNull();
  expect(() => store.save(conversation("../x", "2026"))).toThrow();
  await store.remove("../x");
});

test("a write that fails is tried again with the next one", async () => {
  await rm(folder, { recursive: true });
  await writeFile(folder, "a file where the folder should be");
  const store = open(60_000);
  store.save(conversation("one", "2026-01-01T00:00:00Z"));
  await expect(store.flush()).rejects.toThrow();
  await rm(folder);
  await store.flush();
  expect(await readdir(folder)).toEqual(["one.json"]);
});
