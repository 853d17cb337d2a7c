import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { Chat } from "./pages/chat";
import { VsCode } from "./vscode";

let vscode: VsCode;
let chat: Chat;

beforeAll(async () => {
  vscode = await VsCode.open({ settings: { "vitrine.chat.temperature": 0 } });
  chat = await Chat.open(vscode.workbench);
});

afterAll(() => vscode?.close());

/** The process ids of engines that the packed extension started. */
function engines(): number[] {
  const lines = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  const own = lines.filter((line) => line.includes(inject("extensions")) && line.includes("engine.mjs"));
  return own.map((line) => Number.parseInt(line, 10));
}

function killEngines(): number {
  const pids = engines();
  for (const pid of pids) process.kill(pid, "SIGKILL");
  return pids.length;
}

test("an engine that was killed is started again, and the conversation goes on", async () => {
  expect(await chat.ask("What is the capital of France?")).toContain("Paris");
  expect(killEngines()).toBe(1);
  expect(await chat.ask("What is the capital of Japan?")).toContain("Tokyo");
  expect(await chat.questions.count()).toBe(2);
});

test("an engine killed while it answers costs that answer only", async () => {
  await chat.send("Write a JavaScript function that doubles a number.");
  await chat.answers.nth(2).waitFor();
  killEngines();
  await chat.finished();
  expect(await chat.questions.count()).toBe(3);
  await chat.newConversation();
  expect(await chat.ask("What is the capital of France?")).toContain("Paris");
});

test("closing VS Code leaves no engine behind", async () => {
  expect(engines().length).toBe(1);
  await vscode.close();
  await expect.poll(engines, { timeout: 60_000 }).toEqual([]);
});
