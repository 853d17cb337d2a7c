import type { FrameLocator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Chat } from "./pages/chat";
import { VsCode } from "./vscode";

/** How long a change may take to be seen on a busy machine. */
const slowly = { timeout: 60_000 };

let vscode: VsCode;
let chat: Chat;
/** The place of the answer's word among its tokens: of the first, where it is several. */
let last: number;

beforeAll(async () => {
  vscode = await VsCode.open({ settings: { "vitrine.chat.temperature": 0 } });
  chat = await Chat.open(vscode.workbench);
  await vscode.workbench.widenSideBar(420);
  expect(await chat.ask("What is the capital of France?")).toContain("Paris");
  const texts = await (await chat.showTokens()).allInnerTexts();
  last = texts.findIndex((text) => text.trim().startsWith("P"));
  expect(last).toBeGreaterThanOrEqual(0);
});

afterAll(async () => {
  await vscode?.screenshot("instruments-last");
  await vscode?.close();
});

/** Opens an instrument from the last word's alternatives and waits for what it draws. */
async function open(icon: string, drawn: string): Promise<FrameLocator> {
  const popover = await chat.openToken(last);
  await popover.locator(`button.instrument:has(.codicon-${icon})`).click();
  const frame = await vscode.workbench.webview(drawn);
  await chat.closePopover();
  return frame;
}

test("the lens opens at a token of the answer and draws every layer", async () => {
  const frame = await open("layers", ".lensMap canvas");
  await expect.poll(() => frame.locator(".details").innerText(), slowly).toMatch(/\d/);
  expect(await frame.locator(".errorBox").count()).toBe(0);
  await vscode.screenshot("lens");
});

test("attribution splits the token's logit into parts", async () => {
  const frame = await open("pie-chart", "table.parts tbody tr");
  expect(await frame.locator("table.parts tbody tr").count()).toBeGreaterThan(7);
  expect(await frame.locator(".bigFigure").innerText()).toMatch(/\d/);
  await vscode.screenshot("attribution");
});

test("the neurons that count at the token are listed", async () => {
  const frame = await open("circuit-board", "table.data .linkButton");
  expect(await frame.locator("table.data .linkButton").first().innerText()).toMatch(/^\D*\d+\.\d+/);
  await vscode.screenshot("neurons");
});

test("what each block added to the token is drawn", async () => {
  const frame = await open("list-tree", ".blocks");
  await expect.poll(() => frame.locator(".blocks").innerText(), slowly).toMatch(/nats/);
  await vscode.screenshot("layers");
});

test("each head's pattern is drawn, and one is opened", async () => {
  const frame = await open("eye", ".headGrid canvas");
  expect(await frame.locator(".headGrid canvas").count()).toBeGreaterThan(1);
  await frame.locator(".headGrid button").last().click();
  await expect.poll(() => frame.locator(".patternMap canvas").count(), slowly).toBeGreaterThan(0);
  await vscode.screenshot("attention");
});

test("the token's neighbours in both tables are listed", async () => {
  const frame = await open("symbol-numeric", ".sideCaption");
  await expect.poll(() => frame.locator("table.data .linkButton").count(), slowly).toBeGreaterThan(10);
  await vscode.screenshot("embeddings");
});

test("a document is shaded by surprisal, with the alternatives on hover", async () => {
  await vscode.workbench.openFile("facts.md");
  await vscode.workbench.palette.run("Vitrine: Show Surprisal");
  const shades = vscode.page.locator(".editor-instance .view-overlays .cdr[class*='ced-']");
  await expect.poll(() => shades.count(), slowly).toBeGreaterThan(5);
  await vscode.workbench.hover("Swedish", /nats/);
  await vscode.screenshot("surprisal");
});
