import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { editorHandTools } from "../../../../src/agent/operator/editorTools";
import type { PreparedCall, ToolArguments } from "../../../../src/agent/tools/tool";
import { editorCommands, type EditorHands, type EditorTask } from "../../../../src/contract/editorHands";
import { failureOf, TestWorkspace } from "../tools/workspace";

let space: TestWorkspace;
let editor: Editor;

/** An editor that keeps its texts in memory. */
class Editor implements EditorHands {
  texts = new Map<string, string>();
  now: string | undefined;
  did: string[] = [];
  list: EditorTask[] = [{ name: "build", command: "make all", source: "Workspace", definition: "1" }];
  active = (): string | undefined => this.now;
  text = (file: string): Promise<string> => Promise.resolve(this.texts.get(file) ?? "");
  show = (file: string, line: number): Promise<void> => {
    this.did.push(`show ${path.basename(file)}:${line}`);
    this.now = file;
    return Promise.resolve();
  };
  change = (file: string, before: string, after: string): Promise<boolean> => {
    if (this.texts.get(file) !== before) return Promise.resolve(false);
    this.texts.set(file, after);
    return Promise.resolve(true);
  };
  command = (id: string): Promise<void> => Promise.resolve(void this.did.push(id));
  tasks = (): Promise<EditorTask[]> => Promise.resolve(this.list);
  runTask = ({ name }: EditorTask): Promise<number> => {
    this.did.push(`task ${name}`);
    return Promise.resolve(2);
  };
}

beforeEach(async () => {
  space = await TestWorkspace.make({ "a.txt": "one\ntwo\n", ".env": "KEY=1", ".vscode/tasks.json": "{}" });
  editor = new Editor();
  editor.texts.set(path.join(space.root, "a.txt"), "one\ntwo\n");
});
afterEach(() => space.remove());

function prepare(name: string, args: ToolArguments): Promise<PreparedCall> {
  const tool = editorHandTools(editor, space.files).find((each) => each.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool.prepare(args, { run: "r", step: 1, signal: new AbortController().signal });
}

it("shows a file at a line, no further than its end, and no file outside", async () => {
  const call = await prepare("editor_show", { path: "a.txt", line: 900 });
  expect(call.effects).toEqual(["read"]);
  expect(await call.act()).toMatchObject({ taint: "file", text: "a.txt, line 3:\n1: one\n2: two\n3: " });
  expect(editor.did).toEqual(["show a.txt:3"]);
  expect((await failureOf(prepare("editor_show", { path: "../outside/x" }))).code).toBe("notAllowed");
  expect((await failureOf(prepare("editor_show", { path: "none.txt" }))).code).toBe("fileMissing");
  expect((await prepare("editor_show", { path: ".env" })).mustAsk).toMatch(/secrets/);
});

it("changes exactly the text that was approved, unsaved, with its diff", async () => {
  const call = await prepare("editor_change", { path: "a.txt", old: "two", new: "2" });
  expect(call).toMatchObject({ effects: ["write"], reversal: "no" });
  expect(call.diff).toContain("+2");
  await call.act();
  expect(editor.texts.get(path.join(space.root, "a.txt"))).toBe("one\n2\n");
  const late = await prepare("editor_change", { path: "a.txt", old: "one", new: "1" });
  editor.texts.set(path.join(space.root, "a.txt"), "one\nanother\n");
  expect((await failureOf(late.act())).code).toBe("notAllowed");
  expect((await failureOf(prepare("editor_change", { path: "a.txt", old: "o", new: "x" }))).message).toMatch(
    /more than/,
  );
  expect((await failureOf(prepare("editor_change", { path: "a.txt", old: "", new: "x" }))).code).toBe("badArgument");
});

it("asks each time before it changes what other programs obey", async () => {
  const file = path.join(space.root, ".vscode", "tasks.json");
  editor.texts.set(file, "{}");
  expect((await prepare("editor_change", { path: ".vscode/tasks.json", old: "{}", new: "{1}" })).mustAsk).toBeTruthy();
  editor.now = file;
  expect((await prepare("editor_command", { command: "editor.action.formatDocument" })).mustAsk).toBeTruthy();
});

it("runs only the commands of its list, and on the file that was approved", async () => {
  const bad = ["workbench.action.terminal.sendSequence", "vscode.openFolder", "toString", "vitrine.chat.approve", ""];
  for (const command of bad) expect((await failureOf(prepare("editor_command", { command }))).code).toBe("notAllowed");
  expect((await failureOf(prepare("editor_command", { command: "undo" }))).message).toMatch(/No file/);
  editor.now = path.join(space.root, "a.txt");
  const format = await prepare("editor_command", { command: "editor.action.formatDocument" });
  expect(format).toMatchObject({ effects: ["write"], target: { kind: "path", shown: "a.txt" } });
  editor.now = path.join(space.root, ".env");
  expect((await failureOf(format.act())).code).toBe("notAllowed");
  const view = await prepare("editor_command", { command: "workbench.actions.view.problems" });
  expect(view.effects).toEqual(["read"]);
  await view.act();
  expect(editor.did).toEqual(["workbench.actions.view.problems"]);
  editor.now = path.join(space.outside, "x");
  expect((await failureOf(prepare("editor_command", { command: "undo" }))).code).toBe("notAllowed");
  const listed = (await (await prepare("editor_commands", {})).act()).text.split("\n");
  expect(listed).toHaveLength(editorCommands.length);
});

it("runs a task as it was approved, and says how it ended", async () => {
  const call = await prepare("editor_task", { name: "build" });
  expect(call).toMatchObject({ effects: ["execute", "irreversible"], summary: expect.stringContaining("make all") });
  expect(await call.act()).toMatchObject({ failed: true, text: expect.stringContaining("Exit status 2.") });
  const changed = await prepare("editor_task", { name: "build" });
  editor.list = [{ name: "build", command: "make all", source: "Workspace", definition: "2" }];
  expect((await failureOf(changed.act())).code).toBe("notAllowed");
  expect(editor.did).toEqual(["task build"]);
  editor.list = [...editor.list, ...editor.list];
  expect((await failureOf(prepare("editor_task", { name: "build" }))).message).toMatch(/2 tasks/);
  expect((await failureOf(prepare("editor_task", { name: "deploy" }))).code).toBe("badArgument");
  editor.list = [{ name: "x", command: "make\u202ell", source: "Workspace", definition: "3" }];
  expect((await failureOf(prepare("editor_task", { name: "x" }))).code).toBe("notAllowed");
});
