import fs from "node:fs";
import path from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testResults } from "../../scripts/lib/paths.mjs";
import { labs, type Lab, type LabStep } from "../../src/host/labs/catalogue";
import { Chat } from "./pages/chat";
import { VsCode } from "./vscode";

/** How long a change may take to be seen on a busy machine. */
const slowly = { timeout: 60_000 };

let vscode: VsCode;
let chat: Chat;
let course: FrameLocator;

beforeAll(async () => {
  vscode = await VsCode.open({ settings: { "vitrine.chat.temperature": 0, "vitrine.chat.maxTokens": 120 } });
  chat = await Chat.open(vscode.workbench);
  await vscode.workbench.widenSideBar(360);
});

afterAll(async () => {
  await vscode?.screenshot("labs-last");
  await vscode?.close();
});

/** A mark that only this instrument's panel has once it has drawn, or is ready to. */
const drawn: Record<string, string> = {
  lens: ".lensMap canvas",
  layers: ".blocks",
  attribution: "table.parts tbody tr",
  neurons: "table.data .linkButton",
  neuron: "table.data .linkButton",
  embedding: ".sideCaption",
};

/** The tab, section or list that a command brings up. */
const tabs: Record<string, RegExp> = {
  "vitrine.trace.open": /^Trace/,
  "vitrine.plan.open": /^Plan/,
  "vitrine.memory.open": /^Memory/,
  "vitrine.directions.open": /^Directions/,
  "workbench.action.openSettings": /^Settings/,
};

async function tab(name: RegExp): Promise<void> {
  await vscode.page.locator(".tabs-container .tab").filter({ hasText: name }).first().waitFor(slowly);
}

const panelTitles: Record<string, RegExp> = {
  patching: /^Patching/,
  features: /^Features/,
  edits: /^Edits/,
};

async function isThere(step: LabStep): Promise<void> {
  if (step.kind === "ask") {
    await chat.questions.filter({ hasText: step.text }).first().waitFor(slowly);
    const stop = chat.frame.locator(".composer button:has(.codicon-debug-stop)");
    // Goals take as long as they take; that one has begun is what the step is for.
    if (step.mode !== undefined && step.mode !== "chat") {
      await chat.answers.first().waitFor(slowly);
      if (await stop.isVisible()) await stop.click({ timeout: 5000 }).catch(() => undefined);
    }
    await stop.waitFor({ state: "detached", timeout: 60_000 });
  } else if (step.kind === "open") {
    const mark = drawn[step.request.instrument];
    const title = panelTitles[step.request.instrument];
    if (title) await tab(title);
    else await vscode.workbench.webview(mark ?? ".never");
  } else if (step.kind === "file") {
    await tab(new RegExp(path.basename(step.path)));
  } else {
    const title = tabs[step.command];
    if (title) await tab(title);
    if (step.command === "vitrine.research.list") {
      await vscode.page.locator(".quick-input-widget").waitFor(slowly);
      await vscode.page.keyboard.press("Escape");
    }
  }
}

/** Closes a question that a run asks, the notification of a research, and whatever else would stand before the next step. */
async function clear(): Promise<void> {
  await vscode.workbench.palette.run("Notifications: Clear All Notifications");
}

async function openLab(lab: Lab): Promise<void> {
  await course.locator("nav button").nth(labs.indexOf(lab)).click();
  await expect.poll(() => course.locator("nav button.current").innerText(), slowly).toContain(lab.en);
}

async function showCourse(): Promise<void> {
  await vscode.workbench.palette.run("Vitrine: Open the Labs");
  course = await vscode.workbench.webview(".labs nav");
}

test.each(labs)("$id: each of its steps does what it says", { timeout: 240_000 }, async (lab) => {
  let pictured = false;
  for (const [i, step] of lab.steps.entries()) {
    await showCourse();
    await openLab(lab);
    await course.locator("article .step button").nth(i).click();
    await isThere(step);
    const errors = await vscode.page.locator(".notification-list-item:has(.codicon-error)").allInnerTexts();
    expect(errors).toEqual([]);
    if (step.kind === "open" && !pictured) {
      pictured = true;
      await vscode.page.waitForTimeout(1000);
      fs.mkdirSync(path.join(testResults, "screenshots"), { recursive: true });
      await vscode.screenshot(`lab-${lab.id}`);
    }
  }
  await showCourse();
  await openLab(lab);
  await expect.poll(() => course.locator("article .ran").count(), slowly).toBe(lab.steps.length);
  await clear();
});
