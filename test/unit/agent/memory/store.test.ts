import { mkdtempSync, readdirSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { put, remove, type StoredRecord } from "../../../../src/agent/memory/rows";
import { MemoryStore } from "../../../../src/agent/memory/store";

let folder: string;
const open: MemoryStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "memory-"));
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(more: Partial<Parameters<typeof MemoryStore.open>[0]> = {}): Promise<MemoryStore> {
  const store = await MemoryStore.open({ folder, ...more });
  open.push(store);
  return store;
}

export function record(id: string, text: string, more: Partial<StoredRecord> = {}): StoredRecord {
  const time = "2026-01-02T03:04:05.000Z";
  return {
    id,
    text,
    kind: "fact",
    time,
    source: { by: "user" },
    importance: 0.5,
    validFrom: time,
    validTo: null,
    pinned: false,
    uses: 0,
    lastUsed: null,
    ...more,
  };
}

describe("the store", () => {
  test("finds by words what was written a moment ago, in scripts with and without spaces", async () => {
    const store = await opened();
    await store.write([put("records", record("a", "The user's cat is called Mimi."))]);
    await store.write([
      put("records", record("b", "服务器在二号机房。")),
      put("records", record("c", "Nothing to see.")),
    ]);
    expect((await store.text("records", "what are the cats called", 5)).map(({ id }) => id)).toEqual(["a"]);
    expect((await store.text("records", "机房在哪里", 5)).map(({ id }) => id)).toEqual(["b"]);
    await store.write([remove("records", "a")]);
    expect(await store.text("records", "cat", 5)).toEqual([]);
    expect(await store.count("records")).toBe(2);
  });

  test("is there again after it was closed, and what was never flushed too", async () => {
    const store = await opened({ lag: 60_000 });
    await store.write([put("records", record("a", "The build runs on Tuesdays."))]);
    expect(store.queued).toBe(1);
    await store.close();
    const again = await opened();
    expect((await again.one("records", "a"))?.text).toBe("The build runs on Tuesdays.");
    expect(readdirSync(path.join(folder, "journal"))).toEqual([]);
  });

  test("shows one window what the other wrote", async () => {
    const [one, two] = [await opened(), await opened()];
    await one.write([put("records", record("a", "Lunch is at noon."))]);
    await two.write([put("records", record("b", "Tea is at five."))]);
    await one.flush();
    await two.flush();
    expect((await two.one("records", "a"))?.text).toBe("Lunch is at noon.");
    expect((await one.text("records", "tea", 5)).map(({ id }) => id)).toEqual(["b"]);
  });

  test("keeps what both windows write at the same time", async () => {
    const [one, two] = [await opened({ lag: 5 }), await opened({ lag: 5 })];
    const writes = Array.from({ length: 12 }, (_, i) =>
      (i % 2 ? one : two).write([put("records", record(`r${i}`, `Number ${i}.`))]),
    );
    await Promise.all(writes);
    await Promise.all([one.flush(), two.flush()]);
    await Promise.all([one.flush(), two.flush()]);
    expect(await one.count("records")).toBe(12);
  });

  test("sets a damaged table aside, keeps what can be read and says so", async () => {
    const store = await opened();
    await store.write([put("records", record("a", "Kept on the first day."))]);
    await store.flush();
    await store.write([put("records", record("b", "Kept on the second day.")), put("thoughts", thought)]);
    await store.flush();
    await store.close();
    const data = path.join(folder, "records.lance", "data");
    const newest = readdirSync(data).map((file) => path.join(data, file));
    writeFileSync(newest[0] ?? "", "not a table");
    const problems: string[] = [];
    const again = await opened({ onProblem: (sentence) => problems.push(sentence) });
    const left = await again.list("records", { limit: 10 });
    expect(left.map(({ id }) => id)).toHaveLength(1);
    expect(problems.join()).toContain("damaged");
    expect(existsSync(path.join(folder, "damaged"))).toBe(true);
    expect((await again.one("thoughts", "thought:1"))?.text).toBe("Days are kept.");
    await again.write([put("records", record("c", "Still writing."))]);
    await again.flush();
    expect(await again.count("records")).toBe(2);
  });

  test("writes on while a remote store cannot be reached, and says so", async () => {
    const problems: string[] = [];
    // A port that nobody listens on; with keys given, nobody is asked for them.
    const away = {
      AWS_ENDPOINT: "http://127.0.0.1:9",
      AWS_REGION: "none",
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
    };
    Object.assign(process.env, away, { AWS_ALLOW_HTTP: "true" });
    const store = await opened({ uri: "s3://nowhere/memory", onProblem: (sentence) => problems.push(sentence) });
    await store.write([put("records", record("a", "Said while the store was away."))]);
    expect(await store.flush()).toBe(false);
    expect(problems.join()).toContain("cannot be reached");
    expect((await store.text("records", "store away", 5)).map(({ id }) => id)).toEqual(["a"]);
    expect(store.queued).toBe(1);
    for (const name of [...Object.keys(away), "AWS_ALLOW_HTTP"]) Reflect.deleteProperty(process.env, name);
  }, 60_000);

  test("rewrites rows of an older version", async () => {
    const store = await opened();
    await store.write([put("records", record("a", "Old as the hills."))]);
    await store.flush();
    const lance = await store.tables();
    const table = await lance?.table("records");
    await table?.update({ values: { version: 0, data: JSON.stringify({ text: "Old as the hills." }) } });
    await store.close();
    const again = await opened();
    expect(await again.one("records", "a")).toMatchObject({ text: "Old as the hills.", kind: "fact", importance: 0.5 });
    expect(await again.count("records", "version = 1")).toBe(1);
  });

  test("takes a record of ten megabytes and text that is no valid Unicode", async () => {
    const store = await opened();
    await store.write([put("records", record("big", "start " + "x".repeat(10_000_000)))]);
    await store.write([put("records", record("odd", "lone \ud800 surrogate"))]);
    await store.flush();
    expect((await store.one("records", "big"))?.text).toHaveLength(10_000_006);
    expect((await store.text("records", "surrogate", 3)).map(({ id }) => id)).toEqual(["odd"]);
  });
});

const thought = {
  id: "thought:1",
  text: "Days are kept.",
  kind: "thought" as const,
  time: "2026-01-02T03:04:05.000Z",
  evidence: ["a", "b"],
  importance: 0.5,
  pinned: false,
};
