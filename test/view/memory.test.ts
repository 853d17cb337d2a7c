import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { MemoryGraphData } from "../../src/contract/memory";
import type { Handler, ViewOptions } from "./harness";
import type { ThemeName } from "./themes";
import { openBrowser, View } from "./harness";
import { detailOf, panelOf, smallGraph, smallWhy } from "./memoryFixtures";

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

async function open(options: ViewOptions = {}, graph: MemoryGraphData = smallGraph): Promise<View> {
  const detail: Handler = ({ id }: { id: string }) => detailOf(graph, id);
  view = await View.open(browser, "memory", {
    width: 1200,
    height: 780,
    reducedMotion: true,
    events: { state: panelOf() },
    ...options,
    handlers: {
      memoryGraph: () => graph,
      memoryWhy: () => smallWhy,
      memoryPositions: () => ({}),
      keepMemoryPositions: () => null,
      memoryDetail: detail,
      memoryEdit: () => null,
      memoryMerge: () => null,
      memoryPin: () => null,
      memoryForget: () => null,
      memoryUndo: () => null,
      memoryApprove: () => null,
      memoryRefuse: () => null,
      save: () => ({ saved: true }),
      ...options.handlers,
    },
  });
  return view;
}

const settled = () => expect.poll(() => view!.of("keepMemoryPositions").length, { timeout: 60_000 }).toBe(1);

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("draws the graph, the path of the last answer and a chosen memory without a fault", async () => {
    const { page, faults, strayRequests } = await open({ theme });
    await page.getByRole("application").waitFor();
    await settled();
    await view!.shot(`memory-${theme}`);
    await page.getByRole("button", { name: "Highlight what the last answer" }).click();
    await view!.shot(`memory-read-${theme}`);
    await page.getByRole("button", { name: /Record Ada works at/ }).click();
    await page.getByRole("heading", { name: "Record" }).waitFor();
    await view!.shot(`memory-details-${theme}`);
    await page.getByRole("button", { name: "As a list" }).click();
    await page.getByRole("listbox").waitFor();
    await view!.shot(`memory-list-${theme}`);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
  });
});
