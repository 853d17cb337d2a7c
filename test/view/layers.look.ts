import { openBrowser, View } from "./harness";
import { panelState } from "./lensFixtures";
import { answerAttribution, answerLayers } from "./panelFixtures";
const browser = await openBrowser();
for (const theme of ["dark", "light", "contrast"] as const) {
  const view = await View.open(browser, "layers", {
    theme,
    width: 1000,
    height: 900,
    events: {
      state: panelState({ instrument: "layers", text: "The capital of France is", position: -1, target: " Paris" }),
    },
    handlers: { layers: answerLayers as never, attribution: answerAttribution as never },
  });
  await view.page.locator("table.blocks").waitFor();
  await view.page.getByRole("button", { name: "L3 attention" }).click();
  await view.page.waitForTimeout(300);
  await view.shot(`layers-${theme}`);
  await view.page.getByRole("tab", { name: "Attribution" }).click();
  await view.page.locator("table.parts").waitFor();
  await view.page.getByRole("button", { name: /L2 attention/ }).click();
  await view.page.waitForTimeout(300);
  await view.shot(`attribution-${theme}`);
  console.log(
    view.faults,
    view.calls.map((c) => c.method),
  );
  await view.close();
}
await browser.close();
