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
  await vscode.screenshot("restricted");
});
