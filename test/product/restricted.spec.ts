import { afterAll, beforeAll, expect, test } from "vitest";
import { Chat } from "./pages/chat";
import { VsCode } from "./vscode";

let vscode: VsCode;

beforeAll(async () => {
  vscode = await VsCode.open({ trusted: false });
});

afterAll(() => vscode?.close());

test("in a workspace that is not trusted the extension loads and says what is off", async () => {
  const chat = await Chat.open(vscode.workbench);
  await expect.poll(() => chat.frame.locator(".whyNot").innerText(), { timeout: 30_000 }).toMatch(/trust/i);
  expect(await chat.frame.locator("select.modeSwitch").isDisabled()).toBe(true);
  await vscode.screenshot("restricted");
});

test("plain chat works there, on a model that the workspace did not choose", async () => {
  const chat = await Chat.attach(vscode.workbench);
  expect(await chat.ask("What is the capital of France?")).not.toBe("");
});
