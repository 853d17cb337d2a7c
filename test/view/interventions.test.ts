import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { InterventionsViewState, ShownIntervention } from "../../src/contract/interventions";
import type { ThemeName } from "./themes";
import type { ViewOptions } from "./harness";
import { model } from "./fixtures";
import { openBrowser, View } from "./harness";

let browser: Browser;
let view: View | undefined;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  await view?.close();
  view = undefined;
});

const refusal: ShownIntervention = {
  id: "r",
  name: "Refusal",
  on: true,
  kind: "direction",
  meter: true,
  use: { file: "/w/.vitrine/directions/refusal.gguf", mode: "add", strength: 0.85 },
};
const entries: ShownIntervention[] = [
  refusal,
  {
    id: "f",
    name: "Feature 812: capitals",
    on: true,
    kind: "feature",
    use: { folder: "/w/f", feature: 812, mode: "clamp", value: 1.5 },
  },
  { id: "e", name: "Eiffel Tower → Rome", on: false, kind: "edit", use: { file: "/w/e.gguf", scale: 1 } },
  {
    id: "w",
    name: "Neuron 3.120 silenced",
    on: false,
    kind: "write",
    intervention: { site: "mlp_post", layer: 3, where: "all", operation: "zero", indices: [120] },
  },
  {
    id: "m",
    name: "Cheerful",
    on: true,
    kind: "direction",
    use: { file: "/gone.gguf", mode: "zero" },
    problem: { code: "fileMissing", message: "Its file is missing: /gone.gguf" },
  },
];

const none = (): null => null;

async function open(state: Partial<InterventionsViewState> = {}, options: ViewOptions = {}): Promise<View> {
  view = await View.open(browser, "interventions", {
    width: 330,
    height: 560,
    events: { state: { model, entries, ...state } },
    ...options,
    handlers: Object.fromEntries(
      [
        "toggle",
        "change",
        "meter",
        "duplicate",
        "remove",
        "showFile",
        "openPanel",
        "allOff",
        "addFile",
        "silenceNeuron",
        "openDirections",
      ].map((name) => [name, none]),
    ),
  });
  return view;
}

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("draws every kind of intervention without a fault", async () => {
    const { page, faults, strayRequests } = await open({}, { theme });
    await page.getByRole("button", { name: "How and where Refusal acts" }).click();
    await page.getByLabel("Positions").first().waitFor();
    await view!.shot(`interventions-${theme}`);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
  });
});

it("is drawn in Chinese, and in a narrow bar without running over", async () => {
  const { page } = await open({}, { language: "zh-cn", width: 210 });
  await page.getByText("5 项中 3 项开启").waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBe(0);
  await view!.shot("interventions-zh-narrow");
});

it("says that nothing is altered, and leads to what could be", async () => {
  const { page } = await open({ entries: [] });
  await page.getByText("Nothing is altered").waitFor();
  await view!.shot("interventions-empty");
  await page.getByRole("button", { name: "Find a direction" }).click();
  await page.getByRole("button", { name: "Silence a neuron" }).click();
  await expect.poll(() => view!.calls.map(({ method }) => method)).toEqual(["openDirections", "silenceNeuron"]);
});

it("switches entries on and off, and meters too", async () => {
  const { page } = await open();
  await page.getByText("3 of 5 on").waitFor();
  await page.getByRole("checkbox", { name: "Refusal" }).click();
  await page.getByRole("button", { name: "No longer show its projection under answers" }).click();
  await page.getByRole("button", { name: "All off" }).click();
  await expect
    .poll(() => view!.calls)
    .toEqual([
      { method: "toggle", params: { id: "r", on: false } },
      { method: "meter", params: { id: "r", on: false } },
      { method: "allOff", params: {} },
    ]);
});

describe("the strength", () => {
  it("is a slider that keys move, and a number that can be typed", async () => {
    const { page } = await open();
    const slider = page.getByRole("slider", { name: "Strength of Refusal" });
    await slider.focus();
    await slider.press("ArrowRight");
    await expect.poll(() => view!.of("change").at(-1)).toEqual({ id: "r", change: { strength: 0.9 } });
    const number = page.getByRole("textbox", { name: "Strength of Refusal, as a number" });
    await number.fill("−3.5");
    await number.press("Enter");
    await expect.poll(() => view!.of("change").at(-1)).toEqual({ id: "r", change: { strength: -3.5 } });
  });

  it("takes no number that is none", async () => {
    const { page } = await open();
    const number = page.getByRole("textbox", { name: "Strength of Refusal, as a number" });
    for (const text of ["NaN", "Infinity", "much", "", "5000"]) {
      await number.fill(text);
      expect(await number.getAttribute("aria-invalid")).toBe("true");
      await number.press("Enter");
    }
    // Two frames and more than the slider waits: nothing was told.
    await page.waitForTimeout(300);
    expect(view!.of("change")).toEqual([]);
  });

  it("of another kind has its own unit: a share from 0 to 1", async () => {
    const { page } = await open();
    const share = page.getByRole("slider", { name: "Share taken away of Cheerful" });
    expect([await share.getAttribute("min"), await share.getAttribute("max")]).toEqual(["0", "1"]);
  });
});

it("changes way, layers and positions; layers the model lacks are not taken", async () => {
  const { page } = await open();
  await page.getByRole("button", { name: "How and where Refusal acts" }).click();
  await page.getByRole("combobox", { name: "Way" }).selectOption("zero");
  await page.getByRole("combobox", { name: "Positions" }).selectOption("generated");
  const layers = page.getByRole("textbox", { name: "Layers" });
  await layers.fill("1, 2-3");
  await layers.press("Enter");
  await expect
    .poll(() => view!.of("change"))
    .toEqual([
      { id: "r", change: { mode: "zero" } },
      { id: "r", change: { where: "generated" } },
      { id: "r", change: { layers: [1, 2, 3] } },
    ]);
  for (const text of ["x", "3-1", String(model.layers)]) {
    await layers.fill(text);
    await layers.press("Enter");
    expect(await layers.getAttribute("aria-invalid")).toBe("true");
  }
  expect(view!.of("change").length).toBe(3);
});

it("says what is wrong with an entry", async () => {
  const { page } = await open();
  await page.getByRole("alert").filter({ hasText: "Its file is missing" }).waitFor();
});

it("carries what the editor's context menu needs, and opens it from a button", async () => {
  const { page } = await open();
  const opened = page.evaluate(
    () =>
      new Promise<string | null>((resolve) =>
        addEventListener("contextmenu", (event) =>
          resolve((event.target as Element).closest("[data-vscode-context]")!.getAttribute("data-vscode-context")),
        ),
      ),
  );
  await page.getByRole("button", { name: "More for Eiffel Tower → Rome" }).click();
  expect(JSON.parse((await opened)!)).toEqual({
    intervention: "e",
    interventionFile: true,
    preventDefaultContextMenuItems: true,
  });
});
