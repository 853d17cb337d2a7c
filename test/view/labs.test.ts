import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { LabsViewState } from "../../src/contract/labsView";
import { labs } from "../../src/host/labs/catalogue";
import { faultsOf } from "./axe";
import type { ViewOptions } from "./harness";
import type { ThemeName } from "./themes";
import { viewTests } from "./viewTests";

const views = viewTests();
const folder = path.resolve(import.meta.dirname, "..", "..", "docs", "labs");

function labsState(id: string, more: Partial<NonNullable<LabsViewState["open"]>> = {}, zh = false): LabsViewState {
  const page = fs.readFileSync(path.join(folder, zh ? "zh-cn" : "", `${id}.md`), "utf8");
  return {
    labs: labs.map((lab, i) => ({ id: lab.id, number: i + 1, title: zh ? lab.zh : lab.en, done: i < 2 })),
    open: { id, page, pictures: {}, ran: [], ...more },
    running: null,
  };
}

async function open(options: ViewOptions = {}, state = labsState("thinking", { ran: [1] })) {
  const view = await views.open("labs", {
    width: 1000,
    height: 900,
    events: { state },
    ...options,
    handlers: { runStep: () => null, openLab: () => null, markDone: () => null, ...options.handlers },
  });
  await view.page.getByRole("heading", { level: 1 }).waitFor();
  return view;
}

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("shows the course and a page of it without a fault", async () => {
    const { page, faults } = await open({ theme });
    expect(await page.getByRole("navigation").getByRole("listitem").count()).toBe(26);
    await views.view.shot(`labs-${theme}`);
    expect(faults).toEqual([]);
    expect(await faultsOf(page)).toEqual([]);
  });
});

describe("the labs", () => {
  it("runs the step that its button names, and says which were run", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: "Ask for the same sum with one" }).click();
    expect(views.view.of("runStep")).toEqual([{ id: "thinking", step: 2 }]);
    expect(await page.locator("article .ran").count()).toBe(1);
  });

  it("lets no step begin while another runs", async () => {
    const { page } = await open({}, { ...labsState("thinking"), running: 1 });
    const buttons = page.locator("article .step button");
    expect(await buttons.count()).toBe(2);
    for (const button of await buttons.all()) expect(await button.isDisabled()).toBe(true);
  });

  it("goes on by keyboard: to a lab of the list, to a step, to the next lab", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: /^20\./ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Ask for a sum without a thought" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^Next/ }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => views.view.of("openLab")).toEqual([{ id: "refusal" }, { id: "depth" }]);
    expect(views.view.of("runStep")).toEqual([{ id: "thinking", step: 1 }]);
  });

  it("marks a lab done, and one that is done not done", async () => {
    const { page } = await open({}, labsState("refusal"));
    await page.getByRole("button", { name: "Mark as done" }).click();
    expect(views.view.of("markDone")).toEqual([{ id: "refusal", done: true }]);
    await views.view.event("state", labsState("tokens"));
    await page.getByRole("button", { name: "Not done yet" }).click();
    expect(views.view.of("markDone").at(-1)).toEqual({ id: "tokens", done: false });
  });

  it("shows numbers as text and no mark of them, and says of a picture that is not there what it shows", async () => {
    const { page } = await open({}, labsState("logit-lens"));
    const text = await page.locator("article").innerText();
    expect(text).not.toContain("<!--");
    expect(text).toMatch(/first from layer \S+ on/);
    await page.getByText("The lens on a sentence: a row a layer, a column a token").waitFor();
  });

  it("fits a narrow panel, in Chinese", async () => {
    const { page, faults } = await open({ width: 380, language: "zh-cn" }, labsState("directions", {}, true));
    const wider = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await wider()).toBe(0);
    await views.view.shot("labs-narrow-zh");
    expect(faults).toEqual([]);
    expect(await faultsOf(page)).toEqual([]);
  });
});
