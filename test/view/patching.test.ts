import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ThemeName } from "./themes";
import type { Handler, ViewOptions } from "./harness";
import { answerPatch, answerScope, answerTrace } from "./actingFixtures";
import { faultsOf } from "./axe";
import { HostError, openBrowser, View } from "./harness";
import { panelState } from "./lensFixtures";
import { inputTokens } from "./panelFixtures";

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

const answerRender: Handler = ({ input }: { input: Parameters<typeof inputTokens>[0] }) => ({
  text: "",
  tokens: inputTokens(input),
});

async function open(options: ViewOptions = {}): Promise<View> {
  view = await View.open(browser, "patching", {
    width: 1050,
    height: 900,
    events: { state: panelState() },
    ...options,
    handlers: {
      patch: answerPatch as Handler,
      trace: answerTrace as Handler,
      patchscope: answerScope as Handler,
      render: answerRender,
      save: () => ({ saved: true }),
      ...options.handlers,
    },
  });
  await view.page.getByRole("tab").first().waitFor();
  return view;
}

async function patched(options: ViewOptions = {}): Promise<View> {
  const opened = await open(options);
  const { page } = opened;
  await page.getByRole("textbox", { name: "Clean prompt" }).fill("The capital of France is");
  await page.getByRole("textbox", { name: "Corrupt prompt" }).fill("The capital of Italy is");
  await page.getByRole("textbox", { name: "Target" }).fill(" Paris");
  await page.getByRole("textbox", { name: "Foil" }).fill(" Rome");
  await page.getByRole("button", { name: "Run" }).click();
  return opened;
}

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("draws what came back without a fault", async () => {
    const { page, faults } = await patched({ theme });
    await page.getByRole("application").waitFor();
    await view!.shot(`patching-${theme}`);
    expect(faults).toEqual([]);
    expect(await faultsOf(page)).toEqual([]);
  });
});

describe("patching", () => {
  it("asks for exactly what was typed, and says both ends with their unit", async () => {
    const { page } = await patched();
    await page.getByRole("application").waitFor();
    expect(view!.of("patch")).toEqual([
      {
        clean: { kind: "prompt", text: "The capital of France is" },
        corrupt: { kind: "prompt", text: "The capital of Italy is" },
        target: " Paris",
        foil: " Rome",
        site: "resid_post",
      },
    ]);
    await page.getByText("logit(␣Paris) − logit(␣Rome): clean 4.21, corrupt −3.87").waitFor();
  });

  it("cannot be run before both prompts, target and foil are there, and says so", async () => {
    const { page } = await open();
    await page.getByRole("textbox", { name: "Clean prompt" }).fill("The capital of France is");
    await page.getByText("Needs both prompts, a target and a foil.").waitFor();
    await page.getByRole("button", { name: "Run" }).click({ force: true });
    expect(view!.of("patch")).toEqual([]);
  });

  it("shows the engine's own words where the prompts have different lengths, and keeps the map before", async () => {
    const { page } = await patched();
    await page.getByRole("application").waitFor();
    view!.on("patch", () => {
      throw new HostError({
        code: "badArgument",
        message: "The prompts have 5 and 6 tokens; positions must correspond.",
        remedy: "Write both with the same number of tokens.",
      });
    });
    await page.getByRole("textbox", { name: "Corrupt prompt" }).fill("The capital of Sri Lanka is");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByRole("alert").getByText("Write both with the same number of tokens.").waitFor();
    expect(await page.getByRole("application").count()).toBe(1);
  });

  it("draws a stopped run with what was run, and holes for the rest", async () => {
    const { page } = await patched({
      handlers: {
        patch: ((params: never) => {
          const whole = answerPatch(params);
          return {
            ...whole,
            partial: true,
            restored: whole.restored.map((row, r) => (r > 2 ? row.map(() => NaN) : row)),
          };
        }) as Handler,
      },
    });
    await page.getByText(/Stopped: 15 of 35 places were run/).waitFor();
    const map = page.getByRole("application");
    await map.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => map.getByRole("status").innerText()).toContain("not run");
  });

  it("is walked by keyboard, has a table twin and leaves as CSV", async () => {
    const { page } = await patched();
    const map = page.getByRole("application");
    await map.focus();
    await page.keyboard.press("End");
    await expect.poll(() => map.getByRole("status").innerText()).toMatch(/^L6 resid_post, position 4 ␣is: \d/);
    await page.getByRole("button", { name: "As a table" }).click();
    const rows = page.getByRole("region", { name: /strongest places first/ }).locator("tbody tr");
    expect(await rows.count()).toBe(35);
    await page.getByRole("combobox", { name: "Export" }).click();
    await page.getByRole("option", { name: "CSV" }).click();
    await expect
      .poll(() => view!.of<{ name: string; data: string }>("save").at(-1)?.name)
      .toBe("patching-resid_post.csv");
    expect(view!.of<{ data: string }>("save").at(-1)!.data.split("\r\n")[0]).toBe(
      '"site","layer","head","position","token","corrupt_token","restored"',
    );
  });

  it("patches head by head at z", async () => {
    const { page } = await open();
    await page.getByRole("combobox", { name: "Site" }).click();
    await page.getByRole("option", { name: "z, head by head" }).click();
    await page.getByRole("textbox", { name: "Clean prompt" }).fill("The capital of France is");
    await page.getByRole("textbox", { name: "Corrupt prompt" }).fill("The capital of Italy is");
    await page.getByRole("textbox", { name: "Target" }).fill(" Paris");
    await page.getByRole("textbox", { name: "Foil" }).fill(" Rome");
    await page.getByRole("button", { name: "Run" }).click();
    await expect.poll(() => view!.of<{ heads?: boolean }>("patch").at(-1)?.heads).toBe(true);
    await page.getByRole("application").focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.getByRole("application").getByRole("status").innerText()).toMatch(/^L6\.H7 z/);
  });

  it("opens on a token of an answer and asks every layer what its state is", async () => {
    const { page } = await open({
      events: { state: panelState({ instrument: "patching", tokens: [1, 2, 3, 4], position: 2, target: " x" }) },
    });
    await page.getByRole("region", { name: /each layer's state/ }).waitFor();
    expect(view!.of("patchscope")).toEqual([{ input: { kind: "tokens", ids: [1, 2, 3, 4] }, position: 2 }]);
    await view!.shot("patchscopes");
    expect(await faultsOf(page)).toEqual([]);
  });

  it("traces a subject, narrow and in Chinese", async () => {
    const { page, faults } = await open({ width: 420, language: "zh-cn" });
    await page.getByRole("tab", { name: "因果追踪" }).click();
    await page.getByRole("textbox", { name: "提示", exact: true }).fill("The capital of France is");
    await page.getByRole("textbox", { name: "主语" }).fill("France");
    await page.getByRole("textbox", { name: "目标" }).fill(" Paris");
    await page.getByRole("button", { name: "运行" }).click();
    await page.getByRole("application").waitFor();
    expect(view!.of("trace")[0]).toMatchObject({
      subject: "France",
      target: " Paris",
      noise: 3,
      samples: 6,
      window: 1,
    });
    await view!.shot("tracing-narrow-zh");
    expect(faults).toEqual([]);
  });

  it("cancels a run that takes long", async () => {
    const { page } = await patched({ handlers: { patch: () => new Promise(() => undefined) } });
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(() => view!.cancelled.length).toBe(1);
  });
});
