import { afterAll, beforeAll, expect, test } from "vitest";
import { Chat } from "./pages/chat";
import { VsCode } from "./vscode";

/** How long a change may take to be seen on a busy machine. */
const slowly = { timeout: 60_000 };

let vscode: VsCode;
let chat: Chat;
/** The text of the answer that is opened and then branched. */
let answer: string;

beforeAll(async () => {
  vscode = await VsCode.open({ settings: { "vitrine.chat.temperature": 0 } });
  chat = await Chat.open(vscode.workbench);
  await vscode.workbench.widenSideBar(520);
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
  answer = await chat.ask("What is the capital of France?");
  const tokens = await chat.showTokens();
  expect(await tokens.count()).toBeGreaterThan(3);
  const popover = await chat.openToken(2);
  expect(await popover.locator("dd").first().innerText()).toMatch(/\d/);
  await expect.poll(() => popover.locator("button.bar").count(), slowly).toBeGreaterThan(1);
  await vscode.screenshot("token-open");
});

test("choosing another token branches the answer, and both branches can be walked", async () => {
  await chat.popover.locator("button.bar").nth(1).click();
  await expect.poll(() => chat.siblings(), slowly).toBe("2/2");
  expect(await chat.finished()).not.toBe(answer);
  await vscode.screenshot("branch");
  await chat.previousSibling();
  await expect.poll(() => chat.siblings(), slowly).toBe("1/2");
  expect(await chat.answerText()).toBe(answer);
  await chat.nextSibling();
  await expect.poll(() => chat.siblings(), slowly).toBe("2/2");
});

test("after the window is loaded again the conversation is there, with its branches", async () => {
  const questions = await chat.questions.allInnerTexts();
  const text = await chat.answerText();
  await vscode.workbench.reload();
  chat = await Chat.attach(vscode.workbench);
  await expect.poll(() => chat.questions.allInnerTexts(), slowly).toEqual(questions);
  expect(await chat.answerText()).toBe(text);
  expect(await chat.siblings()).toBe("2/2");
  // In a conversation of its own: a branch taken at an unlikely token may have filled the specimen's small context.
  await chat.newConversation();
  expect(await chat.ask("What is the capital of France?")).toContain("Paris");
});
