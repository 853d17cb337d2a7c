import { describe, expect, it } from "vitest";
import type { ThemeName } from "./themes";
import type { Handler, ViewOptions } from "./harness";
import type { View } from "./harness";
import { HostError } from "./harness";
import { panelState } from "./lensFixtures";
import { answerEmbedding, answerMap } from "./panelFixtures";
import { viewTests } from "./viewTests";

const tests = viewTests();

async function open(options: ViewOptions = {}): Promise<View> {
  return tests.open("embeddings", {
    width: 1000,
    height: 760,
    events: { state: panelState() },
    ...options,
    handlers: { embedding: answerEmbedding as Handler, embeddingMap: answerMap as Handler, ...options.handlers },
  });
}

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("draws neighbours and map without a fault", async () => {
    const { page, faults, strayRequests } = await open({
      theme,
      events: { state: panelState({ instrument: "embedding", target: " Paris" }) },
    });
    await page.locator("table.data").first().waitFor();
    await tests.view.shot(`embeddings-${theme}`);
    await page.getByRole("tab", { name: "Map" }).click();
    await page.getByRole("button", { name: "Try an example" }).click();
    await page.getByRole("button", { name: "Draw the map" }).click();
    await page.getByRole("img", { name: "Map of 14 texts" }).waitFor();
    await tests.view.shot(`embedding-map-${theme}`);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
  });
});

describe("neighbours", () => {
  it("looks up the token it is opened on, blanks and all, exactly once", async () => {
    const { page } = await open({ events: { state: panelState({ instrument: "embedding", target: " Paris" }) } });
    await page.locator("table.data").first().waitFor();
    expect(tests.view.of("embedding")).toEqual([{ token: " Paris", count: 20 }]);
    expect(await page.locator("table.data").count()).toBe(2);
  });

  it("tells a sum from a token", async () => {
    const { page } = await open();
    const box = page.getByRole("textbox", { name: "Token or sum" });
    await box.fill("king − man + woman");
    await box.press("Enter");
    await expect.poll(() => tests.view.of("embedding").at(-1)).toEqual({ expression: "king - man + woman", count: 20 });
    await box.fill("king");
    await page.getByRole("button", { name: "Find" }).click();
    await expect.poll(() => tests.view.of("embedding").at(-1)).toEqual({ token: "king", count: 20 });
    await page.getByRole("checkbox", { name: "Exactly this token" }).click();
    await box.fill(" + ");
    await box.press("Enter");
    await expect.poll(() => tests.view.of("embedding").at(-1)).toEqual({ token: " + ", count: 20 });
  });

  it("walks from neighbour to neighbour", async () => {
    const { page } = await open({ events: { state: panelState({ instrument: "embedding", target: " Paris" }) } });
    await page.getByRole("button", { name: "␣Rome" }).first().click();
    await expect.poll(() => tests.view.of("embedding").at(-1)).toEqual({ token: " Rome", count: 20 });
  });

  it("says so when the two tables are one, and when a text is no token", async () => {
    const tied: Handler = (params) => ({ ...answerEmbedding(params), tied: true });
    const { page } = await open({
      events: { state: panelState({ instrument: "embedding", target: " Paris" }) },
      handlers: { embedding: tied },
    });
    await page.getByText("one and the same table").waitFor();
    expect(await page.locator("table.data").count()).toBe(1);
    tests.view.on("embedding", () => {
      throw new HostError({ code: "severalTokens", message: "'xyzzy' makes 3 tokens.", remedy: "Give one token." });
    });
    await page.getByRole("textbox", { name: "Token or sum" }).fill("xyzzy");
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByText("'xyzzy' makes 3 tokens.").waitFor();
  });
});

describe("the map", () => {
  it("draws a point a text, and the same as a table", async () => {
    const { page } = await open();
    await page.getByRole("tab", { name: "Map" }).click();
    await page.getByRole("textbox", { name: "Texts, one a line" }).fill("red\ngreen\n\n<b>blue</b>\n");
    await page.getByRole("combobox", { name: "Table" }).click();
    await page.getByRole("option", { name: "Output table" }).click();
    await page.getByRole("button", { name: "Draw the map" }).click();
    await page.getByRole("img", { name: "Map of 3 texts" }).waitFor();
    expect(tests.view.of("embeddingMap")).toEqual([{ texts: ["red", "green", "<b>blue</b>"], table: "output" }]);
    expect(await page.locator(".point").count()).toBe(3);
    await page.getByText("34 % and 21 % of the variance").waitFor();
    await page.getByRole("button", { name: "As a table" }).click();
    expect(await page.locator("table.data tbody th").allInnerTexts()).toEqual(
      ["red", "green", "<b>blue</b>"].map((each) => each.replace(/ /g, "␣")),
    );
  });

  it("needs three texts", async () => {
    const { page } = await open();
    await page.getByRole("tab", { name: "Map" }).click();
    await page.getByRole("textbox", { name: "Texts, one a line" }).fill("red\ngreen");
    expect(await page.getByRole("button", { name: "Draw the map" }).getAttribute("disabled")).not.toBeNull();
  });
});
