import { openBrowser, View } from "./harness";
import { panelState } from "./lensFixtures";
import { model } from "./fixtures";
const browser = await openBrowser();
const view = await View.open(browser, "lens", {
  width: 1300,
  height: 900,
  events: { state: panelState(null, { model: { ...model, layers: 64, vocabulary: 128256 } }) },
});
await view.page.evaluate(() => {
  const api = (window as any).vitrineApi;
  const old = api.postMessage;
  api.postMessage = (m: any) => {
    if (m.kind !== "call" || m.method !== "lens") return old(m);
    const words = [" the", " capital", " of", " France", " is", " Paris", ","];
    const tokens = Array.from({ length: 4096 }, (_, i) => ({ id: i, text: words[i % 7]! }));
    const rows = Array.from({ length: 64 }, (_, layer) => ({ site: "resid_post", layer }));
    const cells = rows.map((_, r) =>
      tokens.map((_, c) => {
        const p = ((r * 31 + c * 17) % 100) / 100;
        return { top: [{ id: c % 7, text: words[(c + r) % 7]!, p }], entropy: 1, kl: 1, p: 0, rank: -1 };
      }),
    );
    window.dispatchEvent(
      new MessageEvent("message", {
        data: { kind: "result", id: m.id, value: { tokens, rows, cells, partial: false } },
      }),
    );
  };
});
await view.page.getByRole("textbox", { name: "Prompt" }).fill("x");
await view.page.getByRole("button", { name: "Run" }).click();
await view.page.getByRole("application").waitFor();
for (let zoom = 0; zoom < 7; zoom++) {
  const result = await view.page.evaluate(async () => {
    const el = document.querySelector(".heatmap") as HTMLElement;
    el.scrollLeft = 0;
    const frames: number[] = [];
    let last = performance.now();
    for (let i = 0; i < 150; i++) {
      await new Promise((r) => requestAnimationFrame(r));
      el.scrollLeft += 37;
      el.scrollTop = (i * 7) % 400;
      const now = performance.now();
      frames.push(now - last);
      last = now;
    }
    frames.sort((a, b) => a - b);
    return { w: el.scrollWidth, median: frames[75], p95: frames[142], max: frames[149] };
  });
  console.log(zoom, result);
  if (zoom === 5) await view.shot("lens-big");
  await view.page
    .getByRole("button", { name: "Larger cells" })
    .click()
    .catch(() => {});
  await view.page.waitForTimeout(200);
}
console.log(view.faults);
await browser.close();
