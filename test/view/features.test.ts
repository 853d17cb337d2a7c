import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ThemeName } from "./themes";
import type { Handler, ViewOptions } from "./harness";
import { answerList, answerOfTokens, answerShow, folder, measures } from "./actingFixtures";
import { faultsOf } from "./axe";
import { HostError, openBrowser, View } from "./harness";
import { panelState } from "./lensFixtures";

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

async function open(options: ViewOptions = {}): Promise<View> {
  view = await View.open(browser, "features", {
    width: 1050,
    height: 900,
    events: { state: panelState() },
    ...options,
    handlers: {
      featureFolders: () => ({ folders: [folder] }),
      featuresList: answerList as Handler,
      featureShow: answerShow as Handler,
      featuresOfTokens: answerOfTokens as Handler,
      labelFeature: () => null,
      featureProposeLabel: () => ({ label: "cities" }),
      useFeature: ({ feature }: { feature: number }) => ({ name: `Feature ${feature} steered` }),
      ...options.handlers,
    },
  });
  await view.page.getByRole("tab").first().waitFor();
  return view;
}

describe.each<ThemeName>(["dark", "contrast"])("in the %s theme", (theme) => {
  it("shows the list and one feature without a fault", async () => {
    const { page, faults, strayRequests } = await open({ theme });
    await page.getByRole("option", { name: /Feature 1, names of capitals/ }).click();
    await page.getByRole("heading", { name: "Feature 1" }).waitFor();
    await page.getByText("notes/travel-0.md").waitFor();
    await view!.shot(`features-${theme}`);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
    expect(await faultsOf(page)).toEqual([]);
  });
});

describe("features", () => {
  it("keeps thousands of rows out of the page, fetches those looked at, and is walked by keyboard", async () => {
    const { page } = await open();
    const list = page.getByRole("listbox", { name: "Features" });
    await page.getByText("4,096 features, the most frequent first").waitFor();
    expect(await list.getByRole("option").count()).toBeLessThan(60);
    await list.focus();
    await page.keyboard.press("End");
    await page.getByRole("option", { name: /Feature 4095,/ }).waitFor();
    expect(await list.getByRole("option").count()).toBeLessThan(60);
    const asked = view!.of<{ from: number }>("featuresList").map(({ from }) => from);
    expect(asked).toContain(4000);
    expect(asked.length).toBeLessThan(6);
  });

  it("shows a hostile label as text", async () => {
    const { page, strayRequests } = await open();
    await page.getByText("<img src=x onerror=alert(1)>").first().waitFor();
    expect(await page.locator("img").count()).toBe(0);
    expect(strayRequests).toEqual([]);
  });

  it("searches, proposes a label that is kept only when a person keeps it, and steers", async () => {
    const { page } = await open();
    await page.getByRole("textbox", { name: "Search labels and promoted tokens" }).fill("capital");
    await expect.poll(() => view!.of<{ search?: string }>("featuresList").at(-1)?.search).toBe("capital");
    await page.getByRole("option", { name: /Feature 1, names of capitals/ }).click();
    await page.getByRole("button", { name: "Propose" }).click();
    const label = page.getByRole("textbox", { name: "Label", exact: true });
    await expect.poll(() => label.inputValue()).toBe("cities");
    expect(view!.of("labelFeature")).toEqual([]);
    await page.getByRole("button", { name: "Keep" }).click();
    await expect.poll(() => view!.of("labelFeature")).toEqual([{ folder: "middle", feature: 1, label: "cities" }]);
    await page.getByRole("textbox", { name: "Strength, as a number" }).fill("3.5");
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByText(/On: “Feature 1 steered”/).waitFor();
    expect(view!.of("useFeature")).toEqual([{ folder: "middle", feature: 1, mode: "steer", value: 3.5 }]);
  });

  it("takes no strength that is no number", async () => {
    const { page } = await open();
    await page.getByRole("option", { name: /Feature 1, names of capitals/ }).click();
    await page.getByRole("textbox", { name: "Strength, as a number" }).fill("lots");
    await page.getByText("Write a number.").waitFor();
    await page.getByRole("button", { name: "Switch on" }).click({ force: true });
    expect(view!.of("useFeature")).toEqual([]);
  });

  it("opens on a token of an answer with the features it uses", async () => {
    const { page } = await open({
      events: { state: panelState({ instrument: "features", tokens: [1, 2, 3], position: 1 }) },
    });
    await page.getByRole("button", { name: "8", exact: true }).waitFor();
    expect(view!.of("featuresOfTokens")).toEqual([
      { folder: "middle", input: { kind: "tokens", ids: [1, 2, 3] }, count: 16 },
    ]);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "8", exact: true }).click();
    await page.getByRole("heading", { name: "Feature 8" }).waitFor();
  });

  it("trains with curves, stops, and says what is kept; wrong numbers are told before", async () => {
    let finish: (value: unknown) => void = () => undefined;
    const { page } = await open({
      handlers: {
        trainFeatures: (async (_: never, progress: (value: unknown) => Promise<void>) => {
          for (let step = 20; step <= 200; step += 20) {
            const loss = 30 / step;
            await progress({
              step,
              steps: 400,
              rows: step * 1024,
              loss,
              explainedVariance: 1 - loss / 2,
              l0: 24,
              dead: 9,
              seconds: step / 20,
              products: 1,
            });
          }
          return await new Promise((resolve) => (finish = resolve));
        }) as Handler,
      },
    });
    await page.getByRole("tab", { name: "Train" }).click();
    const count = page.getByRole("textbox", { name: "Features" });
    await count.fill("3");
    await page.getByText("The number of features is a whole number of at least 8.").waitFor();
    await count.fill("64");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.getByRole("img", { name: /Explained variance and L0/ }).waitFor();
    await page.getByText(/Step 200 of 400/).waitFor();
    expect(view!.of("trainFeatures")[0]).toMatchObject({
      features: 64,
      k: 24,
      kind: "topk",
      layer: 3,
      corpus: { kind: "workspace" },
    });
    await view!.shot("features-training");
    await page.getByRole("button", { name: "Stop and keep" }).click();
    await expect.poll(() => view!.cancelled.length).toBe(1);
    finish({ ...measures, folder: "middle", rows: 1, seconds: 12, overhead: 1.3, partial: true });
    await page.getByText("Stopped. What was learnt so far is kept, and can be taken up again.").waitFor();
    await page.getByText("95.3 %").or(page.getByText("95 %")).first().waitFor();
  });

  it("says why a corpus is too small, and why a damaged folder cannot be read", async () => {
    const { page } = await open({
      handlers: {
        featureFolders: () => ({
          folders: [
            {
              name: "broken",
              checkpoint: false,
              error: { code: "damagedFile", message: "Its header is longer than the file." },
            },
          ],
        }),
        trainFeatures: () => {
          throw new HostError({
            code: "badArgument",
            message: "The corpus has 90 positions for 1024 features.",
            remedy: "Ask for at most 22 features, or give more text.",
          });
        },
      },
    });
    await page.getByRole("tab", { name: "Train" }).click();
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.getByRole("alert").getByText("Ask for at most 22 features, or give more text.").waitFor();
  });
});
