/**
 * What the views cost, in one run of one browser: frames while a lens of 64 layers x 4,096 tokens is panned, against frames in
 * which nothing happens, and the time of one update of a long running answer. `node scripts/ts.mjs test/view/views.bench.ts`
 */
import fs from "node:fs";
import path from "node:path";
import type { ToHost } from "../../src/contract/view";
import type { ViewApi } from "../../webview-ui/kit/host";
import { chatState, conversation, model, node, running } from "./fixtures";
import { openBrowser, View } from "./harness";
import { panelState } from "./lensFixtures";

const layers = 64;
const columns = 4096;
const frames = 180;

interface Frames {
  /** Milliseconds between frames. */
  median: number;
  p95: number;
  /** Share of frames that came later than one and a half times the idle median. */
  late: number;
}

const browser = await openBrowser();

async function panning(): Promise<{ idle: Frames; zooms: ({ cell: number } & Frames)[] }> {
  const big = { ...model, layers, vocabulary: 128_256 };
  const view = await View.open(browser, "lens", {
    width: 1300,
    height: 900,
    events: { state: panelState(null, { model: big }) },
  });
  const { page } = view;
  // The answer is made in the page: a message of this size is not what is measured.
  await page.evaluate(
    ([rows, positions]) => {
      const { vitrineApi: api } = window as unknown as { vitrineApi: ViewApi };
      const send = api.postMessage;
      api.postMessage = (message: ToHost) => {
        if (message.kind !== "call" || message.method !== "lens") return send(message);
        const words = [" the", " capital", " of", " France", " is", " Paris", ","];
        const at = (i: number): string => words[i % words.length]!;
        const value = {
          tokens: Array.from({ length: positions }, (_, id) => ({ id, text: at(id) })),
          rows: Array.from({ length: rows }, (_, layer) => ({ site: "resid_post", layer })),
          cells: Array.from({ length: rows }, (_, row) =>
            Array.from({ length: positions }, (_, column) => ({
              top: [{ id: 1, text: at(row + column), p: ((row * 31 + column * 17) % 100) / 100 }],
              entropy: 1,
              kl: 1,
              p: 0,
              rank: -1,
            })),
          ),
          partial: false,
        };
        window.dispatchEvent(new MessageEvent("message", { data: { kind: "result", id: message.id, value } }));
      };
    },
    [layers, columns] as const,
  );
  await page.getByRole("textbox", { name: "Prompt", exact: true }).fill("x");
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("application").waitFor();
  const times = (pan: boolean): Promise<number[]> =>
    page.evaluate(
      async ([count, moving]) => {
        const map = document.querySelector<HTMLElement>(".heatmap")!;
        map.scrollLeft = 0;
        const between: number[] = [];
        let last = await new Promise<number>(requestAnimationFrame);
        for (let i = 0; i < count; i++) {
          if (moving) {
            map.scrollLeft += 41;
            map.scrollTop = (i * 7) % 500;
          }
          const now = await new Promise<number>(requestAnimationFrame);
          between.push(now - last);
          last = now;
        }
        return between;
      },
      [frames, pan] as const,
    );
  const idleTimes = await times(false);
  const usual = quantile(idleTimes, 0.5);
  const zooms = [];
  const smaller = page.getByRole("button", { name: "Smaller cells" });
  while (await smaller.isEnabled()) await smaller.click();
  const larger = page.getByRole("button", { name: "Larger cells" });
  for (;;) {
    const width = await page.locator(".heatmapSize").evaluate((element) => element.clientWidth);
    zooms.push({ cell: Math.round(width / columns), ...summary(await times(true), usual) });
    if (!(await larger.isEnabled())) break;
    await larger.click();
  }
  await view.close();
  return { idle: summary(idleTimes, usual), zooms };
}

/** Milliseconds from the message of a running answer to the frame that shows it. */
async function streaming(): Promise<{ tokens: number; median: number }[]> {
  const asked = conversation([node("q1", null, "user", "Go on")], "q1");
  const view = await View.open(browser, "chat", {
    events: { state: chatState({ conversation: asked, engine: { kind: "busy" } }) },
  });
  const found = [];
  for (const paragraphs of [5, 25, 100]) {
    const text = Array.from(
      { length: paragraphs },
      (_, i) => `Paragraph ${i} says **something** of no great weight, in \`code\` and words.`,
    ).join("\n\n");
    const updates = Array.from({ length: 12 }, (_, i) =>
      running(text.slice(0, text.length - (12 - i) * 5), "", "answer"),
    );
    const times = await view.page.evaluate(async (json) => {
      const values = JSON.parse(json) as unknown[];
      const all: number[] = [];
      for (const value of values) {
        const begun = performance.now();
        window.dispatchEvent(new MessageEvent("message", { data: { kind: "event", name: "running", value } }));
        await new Promise(requestAnimationFrame);
        await new Promise((resolve) => setTimeout(resolve));
        all.push(performance.now() - begun);
      }
      return all;
    }, JSON.stringify(updates));
    found.push({ tokens: updates.at(-1)!.tokens.length, median: round(quantile(times, 0.5)) });
  }
  await view.close();
  return found;
}

function quantile(values: number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))]!;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function summary(times: number[], usual: number): Frames {
  const late = times.filter((time) => time > usual * 1.5).length / times.length;
  return {
    median: round(quantile(times, 0.5)),
    p95: round(quantile(times, 0.95)),
    late: Math.round(late * 1000) / 1000,
  };
}

const result = { layers, columns, panning: await panning(), streaming: await streaming() };
await browser.close();
console.table([{ cell: "idle", ...result.panning.idle }, ...result.panning.zooms]);
console.table(result.streaming);
const folder = path.resolve("bench/results");
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, "views.json"), `${JSON.stringify(result, null, 2)}\n`);
