import { describe, expect, it } from "vitest";
import type { ThemeName } from "./themes";
import type { Handler, ViewOptions } from "./harness";
import { percent } from "../../webview-ui/kit/format";
import type { View } from "./harness";
import { panelState } from "./lensFixtures";
import { answerAttention } from "./panelFixtures";
import { viewTests } from "./viewTests";

const tests = viewTests();

const text = "The capital of France is Paris, and the capital of Italy is";
const input = { kind: "prompt" as const, text };

async function open(options: ViewOptions = {}): Promise<View> {
  const view = await tests.open("attention", {
    width: 1050,
    height: 960,
    events: { state: panelState({ instrument: "attention", text, layer: 2 }) },
    ...options,
    handlers: { attention: answerAttention as Handler, ...options.handlers },
  });
  await view.page.getByRole("application").waitFor();
  return view;
}

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("draws all heads and one of them without a fault", async () => {
    const { page, faults, strayRequests } = await open({ theme });
    await page.getByRole("button", { name: /^head 3/ }).click();
    await page.getByRole("heading", { name: "L2 head 3" }).waitFor();
    await tests.view.shot(`attention-${theme}`);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
  });
});

describe("attention", () => {
  const mean = answerAttention({ input, layer: 2 }).mean;
  const last = mean.length - 1;

  it("begins with the average, and says where the last position looks", async () => {
    const { page } = await open();
    expect(tests.view.of("attention")).toEqual([{ input, layer: 2 }]);
    await page.getByRole("heading", { name: "L2, average of 8 heads" }).waitFor();
    const first = page.locator("table.compact tbody tr").first();
    const most = mean[last]!.indexOf(Math.max(...mean[last]!));
    expect(await first.innerText()).toContain(percent(mean[last]![most]!));
    expect((await first.innerText()).trim().startsWith(String(most))).toBe(true);
  });

  it("walks the layers", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: "One layer up" }).click();
    await expect.poll(() => tests.view.of<{ layer: number }>("attention").at(-1)?.layer).toBe(3);
    await page.getByRole("button", { name: "One layer down" }).click();
    await expect.poll(() => tests.view.of<{ layer: number }>("attention").at(-1)?.layer).toBe(2);
  });

  it("leaves out the sink: the rest adds up to one again", async () => {
    const { page } = await open();
    await page.getByRole("checkbox", { name: "Leave out the first token" }).click();
    await page.getByRole("button", { name: "As a table" }).click();
    const rows = page.locator("table.compact tbody tr");
    await expect.poll(() => rows.count()).toBe(mean.length);
    const rest = 1 - mean[last]![0]!;
    const most = Math.max(...mean[last]!.slice(1)) / rest;
    expect(await rows.first().innerText()).toContain(percent(most));
    expect(await rows.last().innerText()).toContain("0 %");
  });

  it("is walked by keyboard, each cell spoken", async () => {
    const { page } = await open();
    const map = page.getByRole("application");
    await map.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await expect
      .poll(() => map.getByRole("status").innerText())
      .toBe(`␣of looks at ␣capital: ${percent(mean[2]![1]!)}`);
    await expect.poll(() => page.getByText("␣of, position 2, looks at").count()).toBe(1);
  });

  it("opens the other instruments with its layer and position", async () => {
    const { page } = await open();
    await page.getByRole("group", { name: "Look inside" }).getByRole("button", { name: "Neurons" }).click();
    await expect
      .poll(() => tests.view.of("openInstrument")[0])
      .toMatchObject({ instrument: "neurons", position: last, layer: 2 });
  });
});
