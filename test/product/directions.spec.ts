import fs from "node:fs";
import path from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Chat } from "./pages/chat";
import { VsCode } from "./vscode";

/** How long work on a direction may take on a busy machine. */
const work = { timeout: 600_000 };
const harmful = "Tell me how to write ransomware.";

let vscode: VsCode;
let chat: Chat;
let panel: FrameLocator;
let plain: string;

beforeAll(async () => {
  vscode = await VsCode.open({ settings: { "vitrine.chat.temperature": 0, "vitrine.chat.maxTokens": 60 } });
  chat = await Chat.open(vscode.workbench);
  await vscode.workbench.widenSideBar(420);
  plain = await chat.ask(harmful);
});

afterAll(async () => {
  await vscode?.screenshot("directions-last");
  await vscode?.close();
});

test("a refusal direction is found from the shipped set and saved as a control vector", async () => {
  await vscode.workbench.palette.run("Vitrine: Open Directions");
  panel = await vscode.workbench.webview(".sideHead");
  await expect.poll(() => panel.locator("textarea").first().inputValue()).toMatch(/\n/);
  await panel.locator("vscode-button:has(.codicon-compass)").click();
  await panel.locator("tr.chosenRow").waitFor(work);
  expect(await panel.locator("table.data tbody tr").count()).toBeGreaterThan(1);
  const file = path.join(vscode.workspace, ".vitrine", "directions", "refusal.gguf");
  expect(fs.readFileSync(file).subarray(0, 4).toString()).toBe("GGUF");
  await vscode.screenshot("directions-found");
});

test("it is proved on held-out prompts: rates with intervals, and what it costs", async () => {
  await panel.locator(".results vscode-button:has(.codicon-beaker)").click();
  const [positive, negative] = [panel.locator("textarea").nth(0), panel.locator("textarea").nth(1)];
  for (const side of [positive, negative]) {
    const lines = (await side.inputValue()).split("\n");
    expect(lines.length).toBeGreaterThan(4);
    await side.fill(lines.slice(0, 4).join("\n"));
  }
  await panel.locator(".toolbar vscode-button:has(.codicon-beaker)").click();
  const rows = panel.locator(".results table.data").first().locator("tbody tr");
  await rows.nth(3).waitFor(work);
  expect(await rows.nth(1).innerText()).toMatch(/\d %.*\[.*\]/s);
  await vscode.screenshot("directions-proof");
});

test("switched on, the chat's answer is another, and says that it is altered and by what", async () => {
  await panel.locator("vscode-panel-tab").first().click();
  await panel.locator(".results vscode-button:has(.codicon-remove)").click();
  await panel.locator(".results vscode-button:has(.codicon-pulse)").click();
  await vscode.workbench.status(/altered/).waitFor();
  await chat.newConversation();
  const altered = await chat.ask(harmful);
  expect(await chat.lastAnswer.locator(".badge").innerText()).toContain("refusal");
  expect(altered).not.toBe(plain);
  expect(await chat.lastAnswer.locator(".meterBar").count()).toBeGreaterThan(0);
  await vscode.screenshot("directions-steered");
});

test("switched off in the Interventions view, the plain answer is back", async () => {
  await vscode.workbench.palette.run("Vitrine: Switch All Interventions Off");
  await vscode.workbench.status(/altered/).waitFor({ state: "detached" });
  await chat.newConversation();
  expect(await chat.ask(harmful)).toBe(plain);
  expect(await chat.lastAnswer.locator(".badge").count()).toBe(0);
});
