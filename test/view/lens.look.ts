import { openBrowser, View } from "./harness";
import { answerLens, panelState } from "./lensFixtures";
const browser = await openBrowser();
for (const theme of ["dark", "light", "contrast"] as const) {
  const view = await View.open(browser, "lens", {
    theme,
    width: 1200,
    height: 820,
    events: { state: panelState() },
    handlers: { lens: answerLens as never },
  });
  await view.page.waitForTimeout(300);
  await view.shot(`lens-empty-${theme}`);
  await view.page
    .getByRole("textbox", { name: "Prompt" })
    .fill("The capital of France is Paris, and the capital of Italy is");
  await view.page.getByRole("button", { name: "Run" }).click();
  await view.page.getByRole("application").waitFor();
  await view.page.waitForTimeout(400);
  const box = (await view.page.getByRole("application").boundingBox())!;
  await view.page.mouse.click(box.x + 400, box.y + 60);
  await view.page.mouse.move(box.x + 180, box.y + 120);
  await view.page.waitForTimeout(300);
  await view.shot(`lens-${theme}`);
  await view.page.mouse.move(2, 2);
  await view.page.getByRole("checkbox", { name: "Compare" }).click();
  await view.page
    .getByRole("textbox", { name: "Prompt B" })
    .fill("The capital of Spain is Madrid, and the capital of Italy is");
  await view.page.getByRole("button", { name: "Run" }).last().click();
  await view.page.waitForTimeout(600);
  await view.shot(`lens-compare-${theme}`);
  await view.page.getByRole("button", { name: "As a table" }).click();
  await view.page.waitForTimeout(200);
  await view.shot(`lens-table-${theme}`);
  console.log(view.faults, view.strayRequests);
  await view.close();
}
const view = await View.open(browser, "lens", {
  width: 520,
  height: 820,
  events: {
    state: panelState({
      instrument: "lens",
      tokens: Array.from({ length: 60 }, (_, i) => i),
      position: 59,
      target: " Paris",
      title: "at ␣Paris",
    }),
  },
  handlers: {
    lens: answerLens as never,
    tunedLensFit: () => ({
      file: "x",
      tokens: 20000,
      layers: [-1, 0, 1, 2, 3, 4, 5, 6].map((layer) => ({ layer, plain: 6 - layer * 0.8, tuned: 3 - layer * 0.4 })),
    }),
  },
});
await view.page.waitForTimeout(500);
await view.shot("lens-narrow");
await view.page.getByRole("button", { name: /^About/ }).click();
await view.page.waitForTimeout(100);
await view.shot("lens-help");
await view.page.keyboard.press("Escape");
await view.page.getByRole("combobox", { name: "Lens" }).click();
await view.page.getByRole("option", { name: "Fit a tuned" }).click();
await view.page.getByRole("button", { name: "Fit", exact: true }).click();
await view.page.waitForTimeout(300);
await view.shot("lens-fit");
console.log(
  view.faults,
  view.calls.map((c) => c.method),
);
await browser.close();
