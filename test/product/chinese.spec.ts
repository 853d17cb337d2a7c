import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../scripts/lib/paths.mjs";
import { Chat } from "./pages/chat";
import { VsCode } from "./vscode";

let vscode: VsCode;

beforeAll(async () => {
  vscode = await VsCode.open({ locale: "zh-cn" });
});

afterAll(() => vscode?.close());

const chinese = /\p{Script=Han}/u;

test("the palette lists the commands under their Chinese names", async () => {
  const file = path.join(root, "package.nls.zh-cn.json");
  const titles = Object.values(JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, string>);
  const listed = await vscode.workbench.palette.matches("Vitrine");
  expect(listed.some((title) => titles.some((each) => chinese.test(each) && title.includes(each)))).toBe(true);
});

test("the chat speaks Chinese", async () => {
  const chat = await Chat.open(vscode.workbench);
  expect(await chat.input.getAttribute("placeholder")).toMatch(chinese);
  await vscode.screenshot("chinese");
});
