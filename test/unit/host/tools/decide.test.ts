import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as vscode from "vscode";
import { sha256 } from "../../../../src/agent/tools/hash";
import * as actions from "../../../../src/host/tools/actions";
import { ToolLenses } from "../../../../src/host/tools/lenses";
import { toolName } from "../../../../src/host/tools/place";
import { textHash } from "../../../../src/host/tools/shown";
import { fake, workspace } from "../fakeVscode";
import { silentLog } from "../silentLog";
import { area, openBench, reader, type Bench } from "./bench";

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.dispose());

async function lenses(document: vscode.TextDocument): Promise<vscode.Command[]> {
  const provider = new ToolLenses(bench.workshop, silentLog());
  const found = await provider.provideCodeLenses(document);
  provider.dispose();
  return found.flatMap(({ command }) => (command ? [command] : []));
}

const state = async (name: string) => (await bench.workshop.get(name)).state;

test("a lens approves exactly the text that it was drawn over, and no model is loaded for it", async () => {
  await bench.write("area", area);
  const document = bench.show("area", area);
  const drawn = await lenses(document);
  expect(drawn.map(({ command }) => command)).toEqual(
    ["run", "test", "approve", "reject"].map((act) => `vitrine.tools.${act}`),
  );
  const [uri, seen] = drawn[2]?.arguments as [vscode.Uri, string];
  await actions.approve(bench.workshop, { uri, seen }, false);
  const [tool] = await bench.workshop.list();
  expect(tool).toMatchObject({ state: "approved", hash: sha256(area) });
  expect(bench.agent.registry.get("area")?.hash).toBe(sha256(area));
  expect((await lenses(document)).map(({ command }) => command)).not.toContain("vitrine.tools.approve");
  expect(bench.loads()).toBe(0);
});

test("a text that was swapped under the lens, on disk or in the editor, is not approved", async () => {
  const other = area.replace("width * height", "height * width");
  const uri = vscode.Uri.file(bench.file("area"));
  await bench.write("area", other);
  bench.show("area", area);
  await expect(actions.approve(bench.workshop, { uri, seen: textHash(area) }, false)).rejects.toMatchObject({
    code: "notAllowed",
  });
  bench.show("area", other);
  await expect(actions.approve(bench.workshop, { uri, seen: textHash(area) }, false)).rejects.toMatchObject({
    code: "notAllowed",
  });
  expect(await state("area")).toBe("checked");
  expect(bench.agent.registry.get("area")).toBeUndefined();
});

test("line endings and a byte order mark, which an editor does not show, do not stand in the way", async () => {
  const crlf = `\uFEFF${area.replaceAll("\n", "\r\n")}`;
  await bench.write("area", crlf);
  bench.show("area", area);
  await actions.approve(bench.workshop, { uri: vscode.Uri.file(bench.file("area")), seen: textHash(area) }, false);
  expect((await bench.workshop.get("area")).hash).toBe(sha256(crlf));
  expect(await state("area")).toBe("approved");
});

test("changes that are not saved are neither approved nor run nor tested", async () => {
  await bench.write("area", area);
  bench.show("area", area, true);
  const target = { uri: vscode.Uri.file(bench.file("area")) };
  const refusal = { code: "notAllowed", message: expect.stringContaining("not saved") };
  await expect(actions.approve(bench.workshop, target, false)).rejects.toMatchObject(refusal);
  await expect(actions.run(bench.workshop, target)).rejects.toMatchObject(refusal);
  await expect(actions.test(bench.workshop, target)).rejects.toMatchObject(refusal);
  expect(await state("area")).toBe("checked");
});

test("only files that really lie in the workspace's folder of tools are tools", async () => {
  const outside = path.join(bench.root, "..", "elsewhere");
  await mkdir(path.join(outside, ".vitrine", "tools"), { recursive: true });
  await writeFile(path.join(outside, ".vitrine", "tools", "area.ts"), area);
  await symlink(path.join(outside, ".vitrine", "tools", "area.ts"), bench.file("linked"));
  await symlink(path.join(bench.root, ".vitrine"), path.join(bench.root, "alias"));
  await bench.write("area", area);
  await writeFile(path.join(bench.root, "area.ts"), area);
  await mkdir(path.join(bench.root, ".vitrine", "tools", "deep"));
  await writeFile(path.join(bench.root, ".vitrine", "tools", "deep", "area.ts"), area);
  const nameOf = (...parts: string[]) => toolName(vscode.Uri.file(path.join(...parts)));
  expect(await nameOf(bench.file("area"))).toBe("area");
  expect(await nameOf(outside, ".vitrine", "tools", "area.ts")).toBeUndefined();
  expect(await nameOf(bench.file("linked"))).toBeUndefined();
  expect(await nameOf(bench.root, "area.ts")).toBeUndefined();
  expect(await nameOf(bench.root, ".vitrine", "tools", "deep", "area.ts")).toBeUndefined();
  expect(await nameOf(bench.file("missing"))).toBeUndefined();
  bench.show("linked", area);
  await expect(
    actions.approve(bench.workshop, { uri: vscode.Uri.file(bench.file("linked")) }, false),
  ).rejects.toMatchObject({ code: "notAllowed" });
});

test("in an untrusted workspace there are no lenses and nothing is approved", async () => {
  await bench.write("area", area);
  const document = bench.show("area", area);
  workspace.isTrusted = false;
  expect(await lenses(document)).toEqual([]);
  await expect(actions.approve(bench.workshop, { uri: document.uri }, false)).rejects.toMatchObject({
    code: "notAllowed",
  });
  workspace.isTrusted = true;
  expect(await state("area")).toBe("checked");
});

test("from the list a tool is shown before it is approved, and a no approves nothing", async () => {
  await bench.write("area", area);
  const target = { uri: bench.show("area", area).uri };
  await actions.approve(bench.workshop, target, true);
  expect(fake.shownDocuments).toEqual([target.uri]);
  expect(fake.shown[0]?.message).toContain("Let the agent use area?");
  expect(await state("area")).toBe("checked");
  fake.answer = "Approve";
  await actions.approve(bench.workshop, target, true);
  expect(await state("area")).toBe("approved");
  await actions.reject(bench.workshop, "area");
  expect(await state("area")).toBe("checked");
});

test("a run is filled in from the first example, and its result is shown", async () => {
  await bench.write("area", area);
  const target = { uri: bench.show("area", area).uri };
  fake.typed = (box) => {
    expect(box.value).toBe('{"width":4,"height":5}');
    expect(box.validateInput?.("[1]")).toBe("Write a JSON object.");
    expect(box.validateInput?.('{"width":"wide"}')).toBeTruthy();
    expect(box.validateInput?.('{"width":6,"height":7}')).toBeUndefined();
    return '{"width":6,"height":7}';
  };
  await actions.run(bench.workshop, target);
  expect(fake.shownDocuments).toEqual([{ language: "json", content: "42" }]);
});

test("a tool that is not approved and reaches a folder runs only after a yes", async () => {
  await mkdir(path.join(bench.root, "docs"));
  await writeFile(path.join(bench.root, "docs", "c.md"), "five\nsix");
  await bench.write("reader", reader);
  const target = { uri: bench.show("reader", reader).uri };
  fake.typed = () => '{"name":"c.md"}';
  await actions.run(bench.workshop, target);
  expect(fake.shownDocuments).toEqual([]);
  expect(fake.shown[0]?.message).toContain("not approved");
  fake.answer = "Run";
  await actions.run(bench.workshop, target);
  expect(fake.shownDocuments).toEqual([{ language: "json", content: '"five"' }]);
});

test("a test says what came of it, each time anew", async () => {
  await bench.write("area", area);
  const { uri } = bench.show("area", area);
  await actions.test(bench.workshop, { uri });
  expect(fake.shown.at(-1)).toMatchObject({
    kind: "info",
    message: expect.stringContaining("area passes: 2 examples"),
  });
  const broken = area.replace("result: 20", "result: 21");
  await bench.write("area", broken);
  bench.show("area", broken);
  await actions.test(bench.workshop, { uri });
  expect(fake.shown.at(-1)).toMatchObject({ kind: "warning", message: expect.stringContaining("Example 1 fails") });
});

test("a new tool passes its checks as it is, and takes no name that is taken", async () => {
  fake.typed = (box) => {
    expect(box.validateInput?.("Count Words")).toBeTruthy();
    expect(box.validateInput?.("read_file")).toBeTruthy();
    expect(box.validateInput?.("count_words")).toBeUndefined();
    return "count_words";
  };
  await actions.create(bench.workshop);
  const tool = await bench.workshop.get("count_words");
  expect(tool.report.problems).toEqual([]);
  expect(tool.state).toBe("checked");
  expect(fake.shownDocuments).toEqual([vscode.Uri.file(bench.file("count_words"))]);
  await expect(bench.workshop.create("count_words")).rejects.toMatchObject({ code: "badArgument" });
});

test("a tool is deleted only after a yes", async () => {
  await bench.write("area", area);
  await actions.remove(bench.workshop, "area");
  expect(await bench.read("area")).toBe(area);
  fake.answer = "Delete File";
  await actions.remove(bench.workshop, "area");
  expect(await readdir(path.dirname(bench.file("area")))).not.toContain("area.ts");
});
