import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chatInput, readBehaviour, readJsonLines, readPrompts } from "../../../src/cli/inputs";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "vitrine-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const full = path.join(folder, name);
  await writeFile(full, text);
  return full;
}

describe("a file of prompts", () => {
  it("holds a prompt a line, raw or as a conversation", async () => {
    const name = await file("p.txt", 'How are you?\r\n\n{"chat":[{"role":"user","content":"hi"}]}\n{"prompt":"raw"}\n');
    expect(await readPrompts(name)).toEqual([
      { kind: "prompt", text: "How are you?" },
      { kind: "chat", messages: [{ role: "user", content: "hi" }] },
      { kind: "prompt", text: "raw" },
    ]);
  });

  it.each([
    ["empty.txt", "\n \n", "badArgument"],
    ["bad.jsonl", '{"chat":', "damagedFile"],
    ["role.jsonl", '{"chat":[{"role":"king","content":"hi"}]}', "damagedFile"],
    ["neither.jsonl", "{}", "damagedFile"],
  ])("%s is refused", async (name, text, code) => {
    await expect(readPrompts(await file(name, text))).rejects.toMatchObject({ code });
  });

  it("that is missing, or a folder, is said so", async () => {
    await expect(readPrompts(path.join(folder, "none"))).rejects.toMatchObject({ code: "fileMissing" });
    await expect(readPrompts(folder)).rejects.toMatchObject({
      code: "fileMissing",
      message: expect.stringContaining("folder"),
    });
  });
});

describe("a conversation", () => {
  it("may carry tools and the beginning of the answer", () => {
    const value = { messages: [{ role: "user", content: "x" }], tools: [], prefill: "Well" };
    expect(chatInput(value, "it")).toEqual({ kind: "chat", ...value });
  });
  it.each([null, 3, {}, [{}], [{ role: "user" }], { messages: "hi" }])("is not %j", (value) => {
    expect(() => chatInput(value, "it")).toThrow(expect.objectContaining({ code: "damagedFile" }));
  });
});

describe("a behaviour file", () => {
  it("keeps the three ways of recognising", async () => {
    const name = await file("b.json", '{"startsWith":["I cannot"],"contains":["sorry"]}');
    expect(await readBehaviour(name)).toEqual({ startsWith: ["I cannot"], contains: ["sorry"] });
  });
  it.each(["{}", "[]", '{"contains":"sorry"}', '{"contains":[1]}'])("is not %s", async (text) => {
    await expect(readBehaviour(await file("bad.json", text))).rejects.toMatchObject({ code: "damagedFile" });
  });
});

describe("JSON Lines", () => {
  it("names the line that is broken", async () => {
    const name = await file("l.jsonl", '{"a":1}\n\n{"a":\n');
    await expect(readJsonLines(name)).rejects.toMatchObject({ message: expect.stringContaining("line 3") });
  });
});
