import { afterAll, beforeAll, expect, test } from "vitest";
import { Chat } from "./pages/chat";
import { VsCode } from "./vscode";

let vscode: VsCode;
let chat: Chat;

beforeAll(async () => {
  vscode = await VsCode.open({ settings: { "vitrine.chat.temperature": 0 } });
  chat = await Chat.open(vscode.workbench);
});

afterAll(async () => {
  await vscode?.screenshot("chat-last");
  await vscode?.close();
});

test("an empty chat offers first questions", async () => {
  expect(await chat.frame.locator(".suggestion").count()).toBeGreaterThan(0);
  await vscode.screenshot("chat-empty");
});

test("the specimen answers", async () => {
  expect(await chat.ask("What is the capital of France?")).toContain("Paris");
  await vscode.screenshot("chat-answer");
});

test("an answer arrives piece by piece", async () => {
  const growth = await chat.watchGrowth();
  await chat.ask("Write a JavaScript function that doubles a number.");
  expect(await growth()).toBeGreaterThan(1);
});

test("every token opens to its probability and alternatives", async () => {
  await chat.ask("What is the capital of France?");
  const tokens = await chat.showTokens();
  expect(await tokens.count()).toBeGreaterThan(3);
  const popover = await chat.openToken(2);
  expect(await popover.locator("dd").first().innerText()).toMatch(/\d/);
  expect(await popover.locator("button.bar").count()).toBeGreaterThan(1);
  await vscode.screenshot("token-open");
});

test("choosing another token branches the answer, and both branches can be walked", async () => {
  const first = await chat.answerText();
  await chat.popover.locator("button.bar").nth(1).click();
  await chat.finished();
  expect(await chat.siblings()).toBe("2/2");
  expect(await chat.answerText()).not.toBe(first);
  await vscode.screenshot("branch");
  await chat.previousSibling();
  await expect.poll(() => chat.siblings()).toBe("1/2");
  expect(await chat.answerText()).toBe(first);
  await chat.nextSibling();
  await expect.poll(() => chat.siblings()).toBe("2/2");
});

test("after the window is loaded again the conversation is there, with its branches", async () => {
  const questions = await chat.questions.allInnerTexts();
  const text = await chat.answerText();
  await vscode.workbench.reload();
  chat = await Chat.attach(vscode.workbench);
  await expect.poll(() => chat.questions.allInnerTexts(), { timeout: 30_000 }).toEqual(questions);
  expect(await chat.answerText()).toBe(text);
  expect(await chat.siblings()).toBe("2/2");
  expect(await chat.ask("What is the capital of France?")).toContain("Paris");
});
