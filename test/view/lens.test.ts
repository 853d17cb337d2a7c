import { describe, expect, it } from "vitest";
import type { LensParams } from "../../src/contract/instruments";
import type { ThemeName } from "./themes";
import type { Handler, ViewOptions } from "./harness";
import type { View } from "./harness";
import { HostError } from "./harness";
import { answerLens, lensOf, panelState, tokensOf } from "./lensFixtures";
import { viewTests } from "./viewTests";

const tests = viewTests();

const prompt = "The capital of France is Paris, and the capital of Italy is";

async function open(options: ViewOptions = {}): Promise<View> {
  return tests.open("lens", {
    width: 1100,
    height: 760,
    events: { state: panelState() },
    ...options,
    handlers: { lens: answerLens as Handler, ...options.handlers },
  });
}

async function runPrompt(text = prompt): Promise<void> {
  await tests.view.page.getByRole("textbox", { name: "Prompt", exact: true }).fill(text);
  await tests.view.page.getByRole("button", { name: "Run" }).click();
  await tests.view.page.getByRole("application").first().waitFor();
}

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("draws empty, full and compared without a fault", async () => {
    const { page, faults, strayRequests } = await open({ theme });
    await page.getByText("What would each layer say?").waitFor();
    await tests.view.shot(`lens-empty-${theme}`);
    await runPrompt();
    const box = (await page.getByRole("application").boundingBox())!;
    await page.mouse.click(box.x + 300, box.y + 60);
    await page.mouse.move(box.x + 140, box.y + 120);
    await page.getByRole("tooltip").waitFor();
    await tests.view.shot(`lens-${theme}`);
    await page.getByRole("checkbox", { name: "Compare" }).click();
    await page
      .getByRole("textbox", { name: "Prompt B" })
      .fill("The capital of Spain is Madrid, and the city of Lyon is");
    await page.getByRole("button", { name: "Run" }).last().click();
    await page.getByRole("heading", { name: "B − A" }).waitFor();
    await tests.view.shot(`lens-compare-${theme}`);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
  });
});

describe("running", () => {
  it("asks for the model's sites, and again with a target, rows and the chat template", async () => {
    const { page } = await open();
    await runPrompt();
    await expect
      .poll(() => tests.view.of("lens")[0])
      .toEqual({
        input: { kind: "prompt", text: prompt },
        sites: ["embed", "resid_post"],
        top: 5,
      });
    await page.getByRole("textbox", { name: "Target" }).fill(" Rome");
    await page.getByRole("textbox", { name: "Target" }).press("Enter");
    await expect.poll(() => tests.view.of<LensParams>("lens").at(-1)?.target).toBe(" Rome");
    await page.getByRole("checkbox", { name: "Chat template" }).click();
    await page.getByRole("button", { name: "Run" }).click();
    await expect.poll(() => tests.view.of<LensParams>("lens").at(-1)?.input.kind).toBe("chat");
    await page.getByRole("combobox", { name: "Rows" }).click();
    await page.getByRole("option", { name: "also between attention and MLP" }).click();
    await expect
      .poll(() => tests.view.of<LensParams>("lens").at(-1)?.sites)
      .toEqual(["embed", "resid_mid", "resid_post"]);
  });

  it("shows rows as they come, and keeps them when it is cancelled", async () => {
    const tokens = tokensOf(prompt);
    const whole = lensOf(tokens, ["embed", "resid_post"], 7);
    const half: Handler = async (_, progress) => {
      await progress({ tokens, rows: whole.rows, fraction: 0 });
      for (let row = 0; row < 3; row++) {
        await progress({ chunk: { row, from: 0, cells: whole.cells[row]! }, fraction: (row + 1) / 8 });
      }
      return new Promise(() => {});
    };
    const { page } = await open({ handlers: { lens: half } });
    await runPrompt();
    await expect.poll(() => page.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("38");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("what is missing was not computed").waitFor();
    await expect.poll(() => tests.view.cancelled.length).toBe(1);
    await page.getByRole("button", { name: "As a table" }).click();
    const rows = page.locator("table.data tbody tr");
    expect(await rows.count()).toBe(8);
    expect(await rows.first().innerText()).toContain("…");
    expect(await rows.last().innerText()).toContain("%");
  });

  it("shows the error's sentence and remedy", async () => {
    const fail = () => {
      throw new HostError({
        code: "contextFull",
        message: "600 tokens do not fit 512.",
        remedy: "Shorten the prompt.",
      });
    };
    const { page } = await open({ handlers: { lens: fail } });
    await page.getByRole("textbox", { name: "Prompt", exact: true }).fill("x");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("600 tokens do not fit 512.").waitFor();
    await page.getByText("Shorten the prompt.").waitFor();
  });

  it("runs at once on the place it is opened on, and says so", async () => {
    const request = {
      instrument: "lens" as const,
      tokens: [5, 6, 7, 8],
      position: 3,
      target: " Paris",
      title: "at ␣Paris",
    };
    const { page } = await open({ events: { state: panelState(request, { interventions: ["calm +4"] }) } });
    await expect
      .poll(() => tests.view.of("lens")[0])
      .toEqual({
        input: { kind: "tokens", ids: [5, 6, 7, 8] },
        sites: ["embed", "resid_post"],
        top: 5,
        target: " Paris",
      });
    await page.getByText("4 tokens, at ␣Paris").waitFor();
    await page.getByText(/Interventions are on \(calm \+4\)/).waitFor();
    await expect.poll(() => page.getByLabel("Pinned cell").innerText()).toContain("after token 3");
    await page.getByRole("button", { name: "Edit as text" }).click();
    expect(await page.getByRole("textbox", { name: "Prompt", exact: true }).inputValue()).toBe(
      " The capital of France",
    );
  });

  it("waits for a model, then begins", async () => {
    const request = { instrument: "lens" as const, text: "Hello" };
    const { page } = await open({ events: { state: panelState(request, { model: null }) } });
    await page.getByText("Waiting for the model…").first().waitFor();
    expect(tests.view.of("lens")).toEqual([]);
    await tests.view.event("state", panelState(request));
    await expect.poll(() => tests.view.of("lens").length).toBe(1);
  });

  it("comes back after a reload with prompt, settings and what it was opened on", async () => {
    await open();
    await runPrompt("Hello there");
    await tests.view.page.getByRole("button", { name: "As a table" }).click();
    const request = { instrument: "lens" as const, text: "from outside" };
    await tests.view.event("state", panelState(request));
    await expect.poll(() => tests.view.of("lens").length).toBe(2);
    const stored = (await tests.view.stored()) as { request: unknown };
    expect(stored.request).toEqual(request);
    await tests.view.close();
    await open({ stored, events: { state: panelState(request) } });
    await expect
      .poll(() => tests.view.of<LensParams>("lens").map(({ input }) => input))
      .toEqual([{ kind: "prompt", text: "from outside" }]);
    await tests.view.page.locator("table.data").waitFor();
  });
});

describe("reading the map", () => {
  it("moves a cell at a time by keyboard and says each", async () => {
    const { page } = await open();
    await runPrompt();
    const map = page.getByRole("application");
    await map.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => map.getByRole("status").innerText()).toMatch(/^L5, for ␣capital/);
    await expect.poll(() => page.getByLabel("Pinned cell").innerText()).toContain("L5, after token 1: ␣capital");
    await page.keyboard.press("End");
    await expect.poll(() => map.getByRole("status").innerText()).toMatch(/^L5, for ␣is/);
  });

  it("pins on click and opens every other instrument at that place", async () => {
    const { page } = await open();
    await runPrompt();
    await expect.poll(() => page.getByRole("progressbar").count()).toBe(0);
    const box = (await page.getByRole("application").boundingBox())!;
    await page.mouse.click(box.x + 62 + 5, box.y + 18 + 3);
    await page.getByLabel("Pinned cell").getByRole("button", { name: "Attention" }).click();
    await expect
      .poll(() => tests.view.of<{ instrument: string; position: number; layer: number }>("openInstrument")[0])
      .toMatchObject({
        instrument: "attention",
        position: 0,
        layer: 6,
        tokens: tokensOf(prompt).map(({ id }) => id),
      });
    await expect(page.getByLabel("Pinned cell").getByRole("button", { name: "Lens" }).count()).resolves.toBe(0);
  });

  it("has a table twin with every row at a chosen position", async () => {
    const { page } = await open();
    await runPrompt();
    await page.getByRole("button", { name: "As a table" }).click();
    await page.getByRole("option", { name: "␣Italy" }).click();
    const expected = lensOf(tokensOf(prompt), ["embed", "resid_post"], 7, undefined, tokensOf(prompt).length);
    const column = tokensOf(prompt).findIndex(({ text }) => text === " Italy");
    const top = await page.locator("table.data tbody tr td:nth-child(2) .tableToken:first-child .mono").allInnerTexts();
    expect(top).toEqual(
      expected.cells.map((row) => row[column]!.top[0]!.text.replace(" ", "␣").replace("\n", "⏎")).reverse(),
    );
  });

  it("compares two prompts from the end, with their difference", async () => {
    const { page } = await open();
    await runPrompt("a b c d e");
    await page.getByRole("checkbox", { name: "Compare" }).click();
    await page.getByRole("textbox", { name: "Prompt B" }).fill("d e");
    await page.getByRole("button", { name: "Run" }).last().click();
    const map = page.getByRole("application", { name: /^B − A/ });
    await map.waitFor();
    await expect.poll(() => page.getByRole("progressbar").count()).toBe(0);
    await map.focus();
    await page.keyboard.press("End");
    await expect.poll(() => page.getByLabel("Pinned cell").innerText()).toMatch(/A\n[\s\S]*B\n/);
    await expect.poll(() => map.getByRole("status").innerText()).toMatch(/ %$/);
    await page.keyboard.press("Home");
    // The first three of A have nothing to be compared with.
    await expect.poll(() => map.getByRole("status").innerText()).toMatch(/–$/);
  });
});

describe("export", () => {
  const saved = async (kind: string): Promise<{ name: string; data: string; base64?: boolean }> => {
    const { page } = tests.view;
    await page.getByRole("combobox", { name: "Export" }).click();
    await page.getByRole("option", { name: kind, exact: true }).click();
    await expect.poll(() => tests.view.of("save").length).toBeGreaterThan(0);
    return tests.view.of<{ name: string; data: string; base64?: boolean }>("save").at(-1)!;
  };

  it("writes CSV with a line a cell and texts that no spreadsheet runs", async () => {
    await open({ handlers: { save: () => ({ saved: true }) } });
    await runPrompt('=1+1 "x", y');
    const { name, data } = await saved("CSV");
    expect(name).toBe("lens-probability.csv");
    const lines = data.trimEnd().split("\r\n");
    expect(lines.length).toBe(1 + 8 * tokensOf('=1+1 "x", y').length);
    expect(lines[0]).toBe(
      '"run","site","layer","position","token","top","top_p","entropy_nats","kl_nats","target_p","target_rank"',
    );
    expect(lines[1]).toContain('"""="""');
    expect(data).not.toMatch(/,"?[=+@-]1/);
  });

  it("writes JSON with all that was measured", async () => {
    await open({ handlers: { save: () => ({ saved: true }) } });
    await runPrompt("a b");
    const { data } = await saved("JSON");
    const parsed = JSON.parse(data) as { a: { cells: unknown[][]; tokens: unknown[] }; model: { name: string } };
    expect(parsed.a.cells.length).toBe(8);
    expect(parsed.a.tokens.length).toBe(2);
    expect(parsed.model.name).toBe("Specimen");
  });

  it("writes a PNG and an SVG in which texts are escaped", async () => {
    await open({ handlers: { save: () => ({ saved: true }) } });
    await runPrompt("a <b> & c");
    const png = await saved("PNG");
    expect(png.base64).toBe(true);
    // The list is back where it was, so that the same can be asked again.
    const list = tests.view.page.getByRole("combobox", { name: "Export" });
    await expect.poll(() => list.evaluate((element) => (element as HTMLInputElement).value)).toBe("none");
    expect(Buffer.from(png.data, "base64").subarray(1, 4).toString()).toBe("PNG");
    await saved("SVG");
    await expect.poll(() => tests.view.of<{ name: string }>("save").at(-1)?.name).toBe("lens-probability.svg");
    const svg = tests.view.of<{ data: string }>("save").at(-1)!.data;
    expect(svg).toContain("&#60;");
    expect(svg).not.toContain("<b>");
    expect(svg.match(/<rect/g)!.length).toBe(1 + 8 * tokensOf("a <b> & c").length);
  });
});

describe("the tuned lens", () => {
  it("is offered to be fitted where there is none, and used once it is", async () => {
    let there = false;
    const lens: Handler = (params, progress) => {
      if ((params as LensParams).tuned !== undefined && !there)
        throw new HostError({ code: "fileMissing", message: "No such file." });
      return answerLens(params, progress);
    };
    const fit: Handler = async (_, progress) => {
      await progress({ done: 1, total: 2 });
      there = true;
      return {
        file: "lens",
        tokens: 12_345,
        layers: [
          { layer: -1, plain: 5, tuned: 2 },
          { layer: 0, plain: 4, tuned: 1.5 },
        ],
      };
    };
    const { page } = await open({ handlers: { lens, tunedLensFit: fit } });
    await runPrompt();
    await page.getByRole("combobox", { name: "Lens" }).click();
    await page.getByRole("option", { name: "Tuned", exact: true }).click();
    await page.getByText("No tuned lens has been fitted").waitFor();
    await page.getByRole("button", { name: "Fit a tuned lens" }).click();
    await page.getByRole("button", { name: "Fit", exact: true }).click();
    await page.getByText("Fitted on 12,345 tokens").waitFor();
    expect(tests.view.of("tunedLensFit")).toEqual([{ texts: [], ridge: 0.01, out: "lens.tuned.safetensors" }]);
    await expect.poll(() => tests.view.of<LensParams>("lens").at(-1)?.tuned).toBe("lens.tuned.safetensors");
    await expect.poll(() => page.getByText("No tuned lens has been fitted").count()).toBe(0);
  });
});

describe("help", () => {
  it("says three sentences and names the paper, which opens through the host", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: "About: Logit lens" }).click();
    const box = page.getByRole("dialog", { name: "About: Logit lens" });
    expect(await box.locator("p").count()).toBe(5);
    await box.getByRole("link", { name: /2303.08112/ }).click();
    await expect.poll(() => tests.view.of("openExternal")).toEqual([{ url: "https://arxiv.org/abs/2303.08112" }]);
    await page.keyboard.press("Escape");
    expect(await box.count()).toBe(0);
  });
});
