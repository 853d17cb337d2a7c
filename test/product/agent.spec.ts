import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Chat } from "./pages/chat";
import { VsCode } from "./vscode";

/** How long a change may take to be seen on a busy machine. */
const slowly = { timeout: 90_000 };

let vscode: VsCode;
let chat: Chat;

beforeAll(async () => {
  vscode = await VsCode.open();
  chat = await Chat.open(vscode.workbench);
  await vscode.workbench.widenSideBar(420);
});

afterAll(async () => {
  await vscode?.screenshot("agent-last");
  await vscode?.close();
});

test("a goal is given to the specimen, and the run is a file whose last line says how it ended", async () => {
  await chat.frame.locator("select.modeSwitch").selectOption("agent");
  await expect.poll(() => chat.input.getAttribute("placeholder"), slowly).toBe("Give a goal");
  await chat.send("List the files.");
  await chat.answers.first().waitFor({ timeout: 90_000 });
  await chat.finished();
  await vscode.screenshot("agent");
  const runs = path.join(vscode.workspace, ".vitrine", "runs");
  const [file] = fs.readdirSync(runs).filter((name) => name.endsWith(".jsonl"));
  const events = fs
    .readFileSync(path.join(runs, file ?? ""), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; goal?: string });
  expect(events[0]).toMatchObject({ type: "goal", goal: "List the files." });
  expect(["answer", "stopped", "error"]).toContain(events.at(-1)?.type);
});

test("the Trace of a run opens from its answer", async () => {
  await chat.lastAnswer.locator("button:has(.codicon-history), vscode-button:has(.codicon-history)").first().click();
  const tab = vscode.page.locator(".tabs-container .tab").filter({ hasText: "Trace" });
  await tab.first().waitFor(slowly);
  await vscode.screenshot("agent-trace");
  await vscode.workbench.palette.run("View: Close All Editors");
});

test("a file is attached by its name after #, and goes with the message", async () => {
  fs.writeFileSync(path.join(vscode.workspace, "attached.txt"), "The colour is green.\n");
  await chat.input.fill("Which colour? #attached");
  const suggestion = chat.frame.locator("#attach-suggestions li").filter({ hasText: "attached.txt" }).first();
  await suggestion.waitFor(slowly);
  await suggestion.click();
  await chat.frame.locator(".attachChip").filter({ hasText: "attached.txt" }).waitFor(slowly);
  await vscode.screenshot("agent-attached");
  await chat.input.press("Enter");
  await chat.questions.last().locator(".keptAttachment").filter({ hasText: "attached.txt" }).waitFor(slowly);
  await chat.finished();
});

test("a forged tool's file shows what can be done with it, and is approved there", async () => {
  const file = path.join(vscode.workspace, ".vitrine", "tools", "double.ts");
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(
    file,
    `/** Doubles a number. */
export const parameters = {
  type: "object",
  properties: { n: { type: "number" } },
  required: ["n"],
  additionalProperties: false,
};
export const effects = [];
export const examples = [
  { arguments: { n: 2 }, result: 4 },
  { arguments: { n: -3 }, result: -6 },
];
export function run({ n }: { n: number }) {
  return n * 2;
}
`,
  );
  await vscode.workbench.openFile("double.ts");
  const lens = (name: RegExp) => vscode.page.locator(".codelens-decoration a").filter({ hasText: name });
  await expect.poll(() => lens(/Approve$/).count(), slowly).toBeGreaterThan(0);
  await vscode.screenshot("tool-file");
  await lens(/Approve/)
    .first()
    .click();
  await expect.poll(() => lens(/Approved/).count(), slowly).toBeGreaterThan(0);
  await vscode.screenshot("tool-approved");
});

test("a tool's examples run as tests of the Test Explorer, and one that fails says so at its line", async () => {
  const passed = vscode.page.locator(".codicon-testing-passed-icon");
  await vscode.workbench.palette.run("Test: Run All Tests");
  await expect.poll(() => passed.count(), slowly).toBeGreaterThan(0);
  await vscode.screenshot("tool-tests");
  const file = path.join(vscode.workspace, ".vitrine", "tools", "double.ts");
  fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("result: -6", "result: -7"));
  const failed = vscode.page.locator(".codicon-testing-failed-icon");
  await vscode.workbench.palette.run("Test: Run All Tests");
  await expect.poll(() => failed.count(), slowly).toBeGreaterThan(0);
  await vscode.screenshot("tool-tests-failed");
});
