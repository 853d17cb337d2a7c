import { describe, expect, it } from "vitest";
import type { AttributionResult } from "../../src/contract/instruments";
import type { ThemeName } from "./themes";
import type { Handler, ViewOptions } from "./harness";
import { signed } from "../../webview-ui/kit/format";
import type { View } from "./harness";
import { HostError } from "./harness";
import { panelState, tokensOf } from "./lensFixtures";
import { answerAttribution, answerLayers } from "./panelFixtures";
import { viewTests } from "./viewTests";

const tests = viewTests();
let split: AttributionResult;

const text = "The capital of France is";

async function open(options: ViewOptions = {}): Promise<View> {
  const attribution: Handler = (params) => (split = answerAttribution(params));
  return tests.open("layers", {
    width: 1000,
    height: 860,
    events: { state: panelState({ instrument: "layers", text, position: -1, target: " Paris" }) },
    ...options,
    handlers: { layers: answerLayers as Handler, attribution, ...options.handlers },
  });
}

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("draws both tabs without a fault", async () => {
    const { page, faults, strayRequests } = await open({ theme });
    await page.getByRole("button", { name: "L3 attention" }).click();
    await page.getByRole("heading", { name: "Before" }).waitFor();
    await tests.view.shot(`layers-${theme}`);
    await page.getByRole("tab", { name: "Attribution" }).click();
    await page.getByRole("button", { name: /^L2 attention/ }).click();
    await tests.view.shot(`attribution-${theme}`);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
  });
});

it("a panel that was hidden shows what it is opened on now, not what it was left with", async () => {
  const request = (instrument: "layers" | "attribution") => ({ instrument, text, position: -1, target: " Paris" });
  await open({ events: { state: panelState(request("attribution")) } });
  await tests.view.page.locator("table.parts").waitFor();
  const stored = await tests.view.stored();
  await tests.view.close();
  await open({ stored, events: { state: panelState(request("layers")) } });
  await tests.view.page.locator("table.blocks").waitFor();
  expect(tests.view.of("attribution")).toEqual([]);
});

describe("layers", () => {
  it("has a line for attention and for the MLP of each layer, in the order of the run", async () => {
    const { page } = await open();
    await page.locator("table.blocks").waitFor();
    expect(tests.view.of("layers")).toEqual([{ input: { kind: "prompt", text }, position: -1, top: 10 }]);
    const names = await page.locator("table.blocks th[scope=row]").allInnerTexts();
    expect(names.map((name) => name.trim()).slice(0, 4)).toEqual(["L0 attention", "L0 MLP", "L1 attention", "L1 MLP"]);
    expect(names.length).toBe(14);
  });

  it("runs again at the token that is chosen, by pointer and by keyboard", async () => {
    const { page } = await open();
    await page.getByRole("option", { name: "␣of, position 2" }).click();
    await expect.poll(() => tests.view.of<{ position: number }>("layers").at(-1)?.position).toBe(2);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await expect.poll(() => tests.view.of<{ position: number }>("layers").at(-1)?.position).toBe(3);
  });

  it("says what is wrong and what can be done", async () => {
    const missing = () => {
      throw new HostError({
        code: "noSuchSite",
        message: "This architecture has no resid_post.",
        remedy: "Choose another model.",
      });
    };
    const { page } = await open({ handlers: { layers: missing } });
    await page.getByText("This architecture has no resid_post.").waitFor();
    await page.getByText("Choose another model.").waitFor();
  });
});

describe("attribution", () => {
  it("splits the target's logit: lines, heads inside, and a remainder that is shown", async () => {
    const { page } = await open();
    await page.getByRole("tab", { name: "Attribution" }).click();
    await page.locator("table.parts").waitFor();
    expect(tests.view.of("attribution")).toEqual([{ input: { kind: "prompt", text }, position: -1, target: " Paris" }]);
    await page.getByText("logit of ␣Paris").waitFor();
    const rows = page.locator("table.parts tbody tr");
    expect(await rows.count()).toBe(1 + 7 * 2 + 1);
    expect(await rows.last().innerText()).toMatch(/Remainder\s+0.003/);
    const heads = split.parts.filter(({ kind, layer }) => kind === "head" && layer === 2);
    const sum = heads.reduce((total, { contribution }) => total + contribution, 0);
    const line = page.getByRole("row", { name: /^L2 attention/ });
    expect(await line.innerText()).toContain(signed(sum));
    await page.getByRole("button", { name: /^L2 attention/ }).click();
    expect(await page.getByRole("row", { name: "L2 head 5" }).innerText()).toContain(signed(heads[5]!.contribution));
  });

  it("orders every part by size", async () => {
    const { page } = await open();
    await page.getByRole("tab", { name: "Attribution" }).click();
    await page.getByRole("combobox", { name: "Order" }).click();
    await page.getByRole("option", { name: "by size" }).click();
    const largest = split.parts.toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))[0]!;
    await expect
      .poll(() => page.locator("table.parts tbody tr").first().innerText())
      .toContain(signed(largest.contribution));
    expect(await page.locator("table.parts tbody tr").count()).toBe(31);
    await page.getByRole("button", { name: `Show all ${split.parts.length} parts` }).click();
    expect(await page.locator("table.parts tbody tr").count()).toBe(split.parts.length + 1);
  });

  it("takes the model's own first choice where no target is given, and a foil", async () => {
    const { page } = await open({ events: { state: panelState({ instrument: "attribution", text, position: 1 }) } });
    await page.locator("table.parts").waitFor();
    expect(tests.view.of("layers")).toEqual([{ input: { kind: "prompt", text }, position: 1, top: 1 }]);
    await page.getByRole("textbox", { name: "Foil" }).fill(" Rome");
    await page.getByRole("textbox", { name: "Foil" }).press("Enter");
    await expect.poll(() => tests.view.of<{ foil?: string }>("attribution").at(-1)?.foil).toBe(" Rome");
    await page.getByText(/logit of .* − ␣Rome/).waitFor();
  });

  it("opens the other instruments at the same place", async () => {
    const { page } = await open();
    await page.locator("table.blocks").waitFor();
    await page.getByRole("group", { name: "Look inside" }).getByRole("button", { name: "Neurons" }).click();
    await expect
      .poll(() => tests.view.of("openInstrument"))
      .toEqual([
        {
          instrument: "neurons",
          tokens: tokensOf(text).map(({ id }) => id),
          position: 4,
          target: " Paris",
          title: "at ␣is",
        },
      ]);
  });
});

it("runs again what is shown when the interventions have changed, and not otherwise", async () => {
  const request = { instrument: "layers" as const, text, position: -1, target: " Paris" };
  await open({ events: { state: panelState(request, { alteration: 0 }) } });
  await tests.view.page.locator("table.blocks").waitFor();
  expect(tests.view.of("layers").length).toBe(1);
  await tests.view.event("state", panelState(request, { alteration: 1, interventions: ["calm +4"] }));
  await expect.poll(() => tests.view.of("layers").length).toBe(2);
  await tests.view.event("state", panelState(request, { alteration: 1, interventions: ["calm +4"] }));
  await tests.view.event("state", panelState(request, { alteration: 2, interventions: ["calm +4"] }));
  await expect.poll(() => tests.view.of("layers").length).toBe(3);
});
