import { describe, expect, it } from "vitest";
import type { TraceRow, TraceViewState } from "../../src/contract/traceView";
import type { ThemeName } from "./themes";
import type { Handler, ViewOptions } from "./harness";
import type { View } from "./harness";
import { head, traceState, wholeRun } from "./traceFixtures";
import { viewTests } from "./viewTests";

const tests = viewTests();

const made = wholeRun();

async function open(change: Partial<TraceViewState> = {}, options: ViewOptions = {}): Promise<View> {
  const rows: Handler = ({ from }: { from: number }) => ({ rows: made.slice(from).map(({ row }) => row) });
  const entry: Handler = ({ line }: { line: number }) => made[line]!.entry;
  const place: Handler = ({ instrument }: { instrument: string }) => ({ instrument, tokens: [1, 2], position: 1 });
  return tests.open("trace", {
    width: 1100,
    height: 760,
    events: { state: traceState(made.length, change) },
    ...options,
    handlers: { rows, entry, place, openRun: () => null, openFile: () => null, ...options.handlers },
  });
}

const line = (text: string | RegExp) => tests.view.page.locator(".traceRow").filter({ hasText: text });

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("shows every event on a line, and a reply down to its tokens", async () => {
    const { page, faults, strayRequests } = await open({}, { theme });
    await line("Hours are in quarter steps.").waitFor();
    expect(await page.locator(".traceRow").count()).toBe(made.length);
    await line("The hours stand in a file.").click();
    await page.locator(".details [data-t]").first().waitFor();
    await tests.view.shot(`trace-${theme}`);
    await page.locator('.details [data-t="3"]').click();
    await page.getByRole("dialog").getByRole("button", { name: "Lens" }).click();
    await expect.poll(() => tests.view.of("place")).toEqual([{ run: "r1", line: 4, token: 3, instrument: "lens" }]);
    await expect
      .poll(() => tests.view.of("openInstrument"))
      .toEqual([{ instrument: "lens", tokens: [1, 2], position: 1 }]);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
  });
});

it("is used in a narrow panel and in Chinese", async () => {
  await open({}, { width: 420, language: "zh-cn" });
  await line("Hours are in quarter steps.").click();
  await tests.view.page.getByText("text 0.8").waitFor();
  await tests.view.shot("trace-narrow-zh");
  expect(await tests.view.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(420);
});

it("says what was read, offered and why, expected and found, and shows an event it does not know", async () => {
  const { page } = await open();
  const details = page.locator(".details");
  await line("read_file, sum_column").click();
  await details.getByText("served a goal like it").waitFor();
  await details.getByText("2 of 5,012 tools were offered").waitFor();
  await line("seven lines → two lines").click();
  await details.getByText("3.2 nats of surprise").waitFor();
  await line("dream").click();
  await details.getByText("colour").waitFor();
  await details.getByText("blue", { exact: true }).waitFor();
  await line("The file has two lines.").click();
  await details.getByText("kept", { exact: true }).waitFor();
});

it("draws what a tool gave as text", async () => {
  const { page, strayRequests } = await open();
  await page.locator(".traceRow.result").click();
  await page.locator(".details pre").first().waitFor();
  await page.getByText("1,200 characters were left out").waitFor();
  expect(await page.locator(".details").innerText()).toContain("onerror");
  expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined();
  expect(strayRequests).toEqual([]);
});

it("says which lines of the file were damaged, and why tokens cannot be opened", async () => {
  const { page } = await open({
    damaged: [3, 17],
    shown: { ...head, fingerprint: "another" },
  });
  await page.getByText("2 lines of the file could not be read and are left out: 3, 17").waitFor();
  await page.getByText("another model is loaded").waitFor();
  await line("The hours stand in a file.").click();
  await page.locator('.details [data-t="3"]').click();
  await page.getByRole("dialog").waitFor();
  expect(await page.getByRole("dialog").getByRole("button", { name: "Lens" }).count()).toBe(0);
});

it("is walked with the keyboard, narrowed, and played again", async () => {
  const { page } = await open();
  await line("Hours are in quarter steps.").click();
  await page.keyboard.press("ArrowDown");
  await expect.poll(() => page.locator(".traceRow.chosen").innerText()).toContain("read_file, sum_column");
  await page.getByRole("button", { name: "Memory" }).click();
  await expect.poll(() => page.locator(".traceRow").count()).toBe(2);
  await page.getByRole("button", { name: "Memory" }).click();
  await page.keyboard.press("Home");
  await page.getByRole("button", { name: "Replay" }).click();
  await expect.poll(() => page.locator(".traceRow.chosen").innerText(), { timeout: 20_000 }).toContain("It is 7.");
  expect(await page.locator(".traceRow.yet").count()).toBe(0);
});

it("draws only what is in sight of 10,000 events, and fetches only what was added", async () => {
  const rows: TraceRow[] = Array.from({ length: 10_000 }, (_, i) => ({
    line: i,
    at: new Date(1_767_000_000_000 + i * 40).toISOString(),
    type: i % 3 === 0 ? "think" : i % 3 === 1 ? "call" : "result",
    step: Math.floor(i / 3) + 1,
    name: i % 3 === 0 ? "" : "read_file",
    brief: `event ${i}`,
    ms: 30,
  }));
  const asked: number[] = [];
  await open(
    { count: rows.length },
    {
      handlers: {
        rows: (({ from }: { from: number }) => (asked.push(from), { rows: rows.slice(from, from + 5_000) })) as Handler,
        entry: (({ line }: { line: number }) => ({ line, event: { type: "call", arguments: { n: line } } })) as Handler,
      },
    },
  );
  const { page } = tests.view;
  await line("event 0").first().waitFor();
  await page.locator(".timeline").focus();
  await page.keyboard.press("End");
  await line("event 9999").waitFor();
  expect(await page.locator(".traceRow").count()).toBeLessThan(80);
  rows.push({ line: 10_000, at: "", type: "note", step: null, name: "", brief: "one more" });
  await tests.view.event("state", traceState(rows.length));
  await page.keyboard.press("End");
  await expect.poll(async () => (await line("one more").count()) > 0 || (await page.keyboard.press("End"))).toBe(true);
  expect(asked).toEqual([0, 5_000, 10_000]);
  await tests.view.shot("trace-long");
});

it("lists the runs where none is shown, and opens one", async () => {
  const { page } = await open({ shown: null, count: 0 });
  await page.getByRole("button", { name: /Another goal/ }).click();
  await expect.poll(() => tests.view.of("openRun")).toEqual([{ run: "r0" }]);
});

it("says how to come by a run where there is none", async () => {
  await open({ shown: null, count: 0, runs: [] });
  await tests.view.page.getByText("No run yet").waitFor();
});
