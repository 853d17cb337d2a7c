import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failureOf, TestWorkspace } from "./workspace";

let space: TestWorkspace;
beforeEach(async () => {
  space = await TestWorkspace.make({
    "a.txt": "one\ntwo\nthree\n",
    "src/main.ts": "export const x = 1;\r\nexport const y = 2;\r\n",
    ".env": "KEY=1",
  });
});
afterEach(() => space.remove());

describe("reading", () => {
  it("lists, reads and searches", async () => {
    expect((await space.call("list_files", { path: "." })).text).toBe(".env (5 bytes)\na.txt (14 bytes)\nsrc/");
    expect((await space.call("read_file", { path: "a.txt" })).text).toBe("one\ntwo\nthree\n");
    expect((await space.call("search_files", { query: "CONST Y" })).text).toBe("src/main.ts:2: export const y = 2;");
  });
  it("says what to do about a missing file, a folder, a binary", async () => {
    expect((await failureOf(space.call("read_file", { path: "b.txt" }))).message).toBe("There is no file b.txt.");
    expect((await failureOf(space.call("read_file", { path: "src" }))).remedy).toMatch(/List it/);
    await writeFile(path.join(space.root, "x.bin"), new Uint8Array([1, 0, 2]));
    expect((await failureOf(space.call("read_file", { path: "x.bin" }))).message).toMatch(/not a text file/);
  });
  it("asks each time before secrets are shown, and never finds them by search", async () => {
    expect((await space.prepare("read_file", { path: ".env" })).mustAsk).toMatch(/secrets/);
    expect((await space.call("search_files", { query: "KEY" })).text).toBe("Nothing was found.");
  });
});

describe("paths that lead elsewhere", () => {
  it.each([
    "../outside/x",
    "/etc/passwd",
    "src/../../outside/x",
    "..\\outside\\x",
    "~/x",
    "file:///etc/passwd",
    "//server/share/x",
    "\\\\?\\C:\\x",
    "a.txt:stream",
    "con",
    "src/NUL.txt",
    "a\u0000b",
    "",
  ])("%j is refused", async (given) => {
    expect((await failureOf(space.call("read_file", { path: given }))).code).toBe("notAllowed");
    expect((await failureOf(space.call("write_file", { path: given, content: "x" }))).code).toBe("notAllowed");
  });
  it("a link out of the workspace is neither read nor written", async () => {
    await writeFile(path.join(space.outside, "secret"), "secret");
    await symlink(path.join(space.outside, "secret"), path.join(space.root, "link"));
    await symlink(space.outside, path.join(space.root, "folder"));
    await symlink(path.join(space.outside, "new"), path.join(space.root, "dangling"));
    for (const given of ["link", "folder/secret", "folder/new", "dangling"]) {
      expect((await failureOf(space.call("read_file", { path: given }))).code).toBe("notAllowed");
      expect((await failureOf(space.call("write_file", { path: given, content: "x" }))).code).toBe("notAllowed");
    }
    expect(await readFile(path.join(space.outside, "secret"), "utf8")).toBe("secret");
  });
  it("a link within it is shown resolved", async () => {
    await symlink(path.join(space.root, "a.txt"), path.join(space.root, "alias"));
    const call = await space.prepare("write_file", { path: "alias", content: "x" });
    expect(call.target).toEqual({ kind: "path", path: path.join(space.root, "a.txt"), shown: "a.txt" });
    expect(call.summary).toContain("a link to");
  });
  it("a link to itself is refused", async () => {
    await symlink(path.join(space.root, "loop"), path.join(space.root, "loop"));
    expect((await failureOf(space.call("read_file", { path: "loop" }))).code).toBe("notAllowed");
  });
  it("a file swapped for a link after approval is not written through", async () => {
    await writeFile(path.join(space.outside, "victim"), "one\ntwo\nthree\n");
    const call = await space.prepare("write_file", { path: "a.txt", content: "evil" });
    await rm(path.join(space.root, "a.txt"));
    await symlink(path.join(space.outside, "victim"), path.join(space.root, "a.txt"));
    expect((await failureOf(call.act())).code).toBe("notAllowed");
    expect(await readFile(path.join(space.outside, "victim"), "utf8")).toBe("one\ntwo\nthree\n");
  });
});

describe("writing", () => {
  it("shows the diff, writes, and can be undone", async () => {
    const call = await space.prepare("write_file", { path: "a.txt", content: "one\n2\nthree\n" });
    expect(call.diff).toBe("--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three");
    expect(await readFile(path.join(space.root, "a.txt"), "utf8")).toContain("two");
    await call.act();
    await space.call("write_file", { path: "new/b.txt", content: "b" });
    expect((await space.checkpoints.undo("r1")).kept).toEqual([]);
    expect(await readFile(path.join(space.root, "a.txt"), "utf8")).toBe("one\ntwo\nthree\n");
    expect((await space.files.stat(path.join(space.root, "new/b.txt"))).kind).toBe("missing");
  });
  it("does not undo over what a person changed since", async () => {
    await space.call("write_file", { path: "a.txt", content: "agent" });
    await writeFile(path.join(space.root, "a.txt"), "person");
    const { restored, kept } = await space.checkpoints.undo("r1");
    expect(restored).toEqual([]);
    expect(kept[0]?.why).toMatch(/changed since/);
    expect(await readFile(path.join(space.root, "a.txt"), "utf8")).toBe("person");
  });
  it("writes nothing when the file changed after approval", async () => {
    const call = await space.prepare("write_file", { path: "a.txt", content: "agent" });
    await writeFile(path.join(space.root, "a.txt"), "person");
    expect((await failureOf(call.act())).message).toMatch(/changed by something else/);
  });
  it("patches the one place, keeping the file's line ends", async () => {
    await space.call("patch_file", {
      path: "src/main.ts",
      old: "const x = 1;\nexport const y",
      new: "const x = 3;\nexport const z",
    });
    expect(await readFile(path.join(space.root, "src/main.ts"), "utf8")).toBe(
      "export const x = 3;\r\nexport const z = 2;\r\n",
    );
  });
  it("says when the text to replace is absent or stands twice", async () => {
    expect((await failureOf(space.call("patch_file", { path: "a.txt", old: "four", new: "x" }))).message).toMatch(
      /not in a.txt/,
    );
    expect(
      (await failureOf(space.call("patch_file", { path: "src/main.ts", old: "export", new: "x" }))).message,
    ).toMatch(/more than once/);
  });
  it("says before a file too large to keep that it cannot be undone", async () => {
    await writeFile(path.join(space.root, "big.txt"), "x".repeat(1_500_000));
    const call = await space.prepare("write_file", { path: "big.txt", content: "y" });
    expect(call.effects).toContain("irreversible");
    expect(call.reversal).toBe("no");
  });
  it.each([
    ".vscode/settings.json",
    ".VSCode/Settings.json",
    "sub/.vscode/tasks.json",
    "x.code-workspace",
    ".vitrine/approvals.json",
    ".vitrine/tools/t.ts",
    ".mcp.json",
    "mcp.json",
    "AGENTS.md",
    "docs/agents.md",
    "CLAUDE.md",
    ".git/hooks/pre-commit",
    ".git/config",
    ".husky/x",
    ".github/workflows/ci.yml",
    ".devcontainer/devcontainer.json",
    ".envrc",
    "VSCODE~1/settings.json",
    ".vscode./settings.json",
  ])("%s is only written by a person's own click", async (given) => {
    expect((await space.prepare("write_file", { path: given, content: "{}" })).mustAsk).toMatch(/own click/);
  });
  it("other files are not", async () => {
    for (const given of ["vscode/x.json", "src/agents.ts", "gitlog.txt", "readme.md"]) {
      expect((await space.prepare("write_file", { path: given, content: "" })).mustAsk).toBeUndefined();
    }
  });
});
