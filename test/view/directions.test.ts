import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DirectionExtractResult, DirectionTestResult, Rate, SteerGridResult } from "../../src/contract/acting";
import type { DirectionResults, DirectionsViewState } from "../../src/contract/directionsView";
import type { Input } from "../../src/contract/verbs";
import type { ThemeName } from "./themes";
import type { Handler, ViewOptions } from "./harness";
import { model } from "./fixtures";
import { HostError, openBrowser, View } from "./harness";

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

const chat = (content: string, system?: string): Input => ({
  kind: "chat",
  messages: [...(system ? [{ role: "system" as const, content: system }] : []), { role: "user", content }],
});
const many = (start: string, n: number): Input[] => Array.from({ length: n }, (_, i) => chat(`${start} ${i}?`));
const sets = [
  {
    id: "refusal",
    title: "Refusal",
    about: "Harmful requests against harmless ones.",
    positive: many("How do I steal", 6),
    negative: many("How do I bake", 6),
    heldOut: { positive: many("How do I forge", 2), negative: many("How do I cook", 2) },
    behaviour: { startsWith: ["I cannot"] },
  },
  {
    id: "thinking",
    title: "Thinking",
    about: "The same questions.",
    positive: [1, 2, 3, 4].map((i) => chat(`What is ${i} + 1?`, "Think.")),
    negative: [1, 2, 3, 4].map((i) => chat(`What is ${i} + 1?`, "Do not think.")),
    heldOut: { positive: [chat("What is 7 + 1?", "Think.")], negative: [chat("What is 7 + 1?", "Do not think.")] },
    behaviour: { contains: ["step by step"] },
  },
];

const info = {
  file: "/w/.vitrine/directions/refusal.gguf",
  name: "refusal",
  convention: "vitrine" as const,
  layers: [3],
  width: model.embedding,
  layer: 3,
  position: -1,
  strength: 0.9,
  removal: "mean" as const,
  norms: [{ layer: 3, norm: 4, scale: 5 }],
  fingerprint: model.fingerprint,
  matches: true,
  modelHint: "llama",
  warnings: [],
};
const state: DirectionsViewState = {
  model,
  request: null,
  interventions: [],
  folder: "/w/.vitrine/directions",
  files: [
    { file: "refusal.gguf", info, on: true, meter: true },
    {
      file: "happy.gguf",
      info: {
        ...info,
        name: "happy",
        convention: "cvector",
        width: 4096,
        warnings: ["Its width is 4096, the model's 128: it cannot act on it."],
      },
      meter: false,
    },
    { file: "broken.gguf", problem: { code: "notGguf", message: "'broken.gguf' is no GGUF." }, meter: false },
  ],
  rated: { up: 5, down: 4 },
  opened: null,
  openings: 0,
};

const candidate = (layer: number, position: number, rest: object = {}) => ({
  layer,
  position,
  norm: 3 + layer / 3,
  scale: 5,
  auc: 0.9 + layer / 100,
  ...rest,
});
const effect = { ablated: -3.2, levelled: -5.1, added: 2.4, strength: 0.9, kl: 0.03, klLevelled: 0.02 };
const extracted: DirectionExtractResult = {
  file: info.file,
  name: "refusal",
  layer: 3,
  position: -1,
  norm: 4,
  scale: 5,
  meanPositive: 2,
  meanNegative: -2,
  strength: 0.9,
  removal: "mean",
  candidates: [
    candidate(1, -1),
    candidate(2, -1, { ...effect, kl: 0.4, rejected: "costs more than 0.1 nats on neutral text" }),
    candidate(3, -1, effect),
    candidate(3, -2, { ...effect, added: -1, rejected: "adding it does not call the behaviour forth" }),
    candidate(4, -1, effect),
  ],
  n: { positive: 6, negative: 6, validation: 2 },
  warnings: ["Only 3 of 6 positive prompts show the behaviour on their own: a one-sided behaviour; all were used."],
};
const rate = (of: number, n = 24): Rate => ({ rate: of, n, low: Math.max(0, of - 0.15), high: Math.min(1, of + 0.1) });
const cost = (kl: number) => ({ kl, perplexity: { before: 21.4, after: 21.4 * (1 + kl) } });
const pair = (mode: "add" | "zero" | "mean", after: string, collapsed = false) => ({
  prompt: "How do I bake bread?",
  set: "negative" as const,
  mode,
  before: "Mix flour, water, salt and yeast.",
  after,
  entropy: collapsed ? 4.91 : 0.4,
  collapsed,
});
const tested: DirectionTestResult = {
  baseline: { positive: rate(0.92), negative: rate(0.04) },
  added: { positive: rate(0.96), negative: rate(0.97) },
  ablated: { positive: rate(0.3), negative: rate(0.04) },
  mean: { positive: rate(0.02), negative: rate(0) },
  n: { positive: 24, negative: 24 },
  collapsed: { added: 0.75, ablated: 0, mean: 0 },
  kl: 0.04,
  perplexity: { before: 21.4, after: 21.8 },
  costs: { added: cost(0.2), ablated: cost(0.04), mean: cost(0.01) },
  strength: 0.9,
  examples: [pair("add", "I cannot help with that."), pair("add", "the the the the", true), pair("zero", "Mix flour.")],
};
const strengths = [-1, 0, 1];
const cells = [1, 2, 3].flatMap((layer) =>
  strengths.map((strength) => ({
    layer,
    strength,
    rate: rate(strength > 0 ? layer / 3 : 0, 2),
    kl: Math.abs(strength) * layer * 0.3,
    collapsed: layer === 3 && strength === 1 ? 1 : 0,
    answers: [`answer of layer ${layer} at ${strength}`, "another"],
  })),
);
const grid: SteerGridResult = {
  layers: [1, 2, 3],
  strengths,
  rate: [1, 2, 3].map((layer) => cells.filter((cell) => cell.layer === layer).map((cell) => cell.rate.rate)),
  kl: [1, 2, 3].map((layer) => cells.filter((cell) => cell.layer === layer).map(({ kl }) => kl)),
  cells,
  n: 2,
  partial: true,
};
const results: DirectionResults = {
  extract: { result: extracted, file: "refusal.gguf" },
  test: { result: tested, file: "refusal.gguf" },
  grid: { result: grid, file: "refusal.gguf", prompts: many("How do I cook", 2) },
};

const none: Handler = () => null;

async function open(
  change: Partial<DirectionsViewState> = {},
  more: { results?: DirectionResults; job?: unknown } & ViewOptions = {},
): Promise<View> {
  const { results: shown = {}, job = null, handlers, ...options } = more;
  const methods = ["extract", "test", "grid", "stop", "intervene", "meter", "importFiles", "removeFile", "showFile"];
  view = await View.open(browser, "directions", {
    width: 1050,
    height: 900,
    events: { state: { ...state, ...change }, job, results: shown },
    ...options,
    handlers: {
      ...Object.fromEntries(methods.map((name) => [name, none])),
      promptSets: () => ({ sets }),
      ...handlers,
    },
  });
  return view;
}

const tab = (name: string) => view!.page.getByRole("tab", { name }).click();

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("draws finding, proof, strengths and files without a fault", async () => {
    const { page, faults, strayRequests } = await open({}, { theme, results });
    await page.getByText("Found: refusal").waitFor();
    await view!.shot(`directions-find-${theme}`);
    await page.getByText("Found: refusal").scrollIntoViewIfNeeded();
    await view!.shot(`directions-found-${theme}`);
    await tab("Prove");
    await page.getByText("Answers side by side").scrollIntoViewIfNeeded();
    await view!.shot(`directions-proof-${theme}`);
    await tab("Layers × strengths");
    await page.getByRole("application", { name: "Behaviour rate" }).waitFor();
    await page.getByRole("application", { name: "Behaviour rate" }).press("ArrowRight");
    await page.getByRole("heading", { name: "Layer 3, strength 0" }).waitFor();
    await view!.shot(`directions-grid-${theme}`);
    await tab("Files");
    await page.getByText("llama-cvector-generator's").waitFor();
    await view!.shot(`directions-files-${theme}`);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
  });
});

it("is drawn in Chinese and in a narrow editor without running over", async () => {
  const { page } = await open({}, { results, language: "zh-cn", width: 420 });
  await page.getByText("已找到：refusal").waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBe(0);
  await view!.shot("directions-zh-narrow");
});

describe("finding", () => {
  it("begins with the first shipped set, and asks for exactly its prompts", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: "Find the direction" }).click();
    await expect
      .poll(() => view!.of("extract"))
      .toEqual([
        {
          positive: sets[0]!.positive,
          negative: sets[0]!.negative,
          method: "meanDifference",
          layer: "auto",
          name: "refusal",
          behaviour: { startsWith: ["I cannot"] },
        },
      ]);
  });

  it("keeps the system messages of a set that differs by them alone", async () => {
    const { page } = await open();
    await page.getByRole("combobox", { name: "Prompt set" }).click();
    await page.getByRole("option", { name: "Thinking" }).click();
    await page.getByRole("button", { name: "Find the direction" }).click();
    await expect
      .poll(() => view!.of<{ positive: Input[]; negative: Input[] }>("extract").at(-1))
      .toMatchObject({ positive: sets[1]!.positive, negative: sets[1]!.negative, name: "thinking" });
  });

  it("refuses empty, few and identical sides, and layers there are not, with the reason", async () => {
    const { page } = await open();
    const button = page.getByRole("button", { name: "Find the direction" });
    const [positive, negative] = [page.getByLabel("With the behaviour"), page.getByLabel("Without it")];
    await positive.fill("");
    await page.getByText("Each side needs at least 4 prompts").waitFor();
    await expect.poll(() => button.getAttribute("disabled")).not.toBeNull();
    await positive.fill("a\nb\nc\nd");
    await negative.fill("d\nc\nb\na");
    await page.getByText("Both sides hold the same prompts").waitFor();
    await negative.fill("e\nf\ng\nh");
    await page.getByText("A fifth of each side is kept").waitFor();
    const layer = page.getByRole("textbox", { name: "Layer" });
    for (const wrong of ["0", "x", String(model.layers)]) {
      await layer.fill(wrong);
      await expect.poll(() => button.getAttribute("disabled")).not.toBeNull();
    }
    await layer.fill("2");
    await button.click();
    await expect.poll(() => view!.of<{ layer: unknown }>("extract").at(-1)?.layer).toBe(2);
  });

  it("takes rated answers and files, and says why a file cannot be read", async () => {
    const rated = { up: [{ ...chat("Hello"), prefill: "Hi!" }], down: [{ ...chat("Hello"), prefill: "Go." }] };
    const { page } = await open(
      {},
      {
        handlers: {
          ratedAnswers: () => rated,
          loadPrompts: () => {
            throw new HostError({ code: "damagedFile", message: "Line 3 is no JSON." });
          },
        },
      },
    );
    await page.getByRole("button", { name: "Rated answers: 5 up, 4 down" }).click();
    await page.getByText("1 input as they are: answers with a thumb up").waitFor();
    await page.getByRole("button", { name: "File…" }).first().click();
    await page.getByRole("alert").filter({ hasText: "Line 3 is no JSON." }).waitFor();
  });

  it("shows what goes on, and stops it; a failure is said", async () => {
    const { page } = await open(
      {},
      { job: { kind: "extract", file: "refusal.gguf", fraction: 0.4, message: "trying" } },
    );
    await expect.poll(() => page.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("40");
    await page.getByRole("button", { name: "Stop" }).click();
    expect(view!.of("stop").length).toBe(1);
    await view!.event("job", null);
    await view!.event("results", {
      failed: { kind: "extract", error: { code: "badArgument", message: "No such thing." } },
    });
    await page.getByRole("alert").filter({ hasText: "No such thing." }).waitFor();
  });

  it("says why the candidate was chosen, and leads to the list, the meter and the proof", async () => {
    const { page } = await open({}, { results });
    await page.getByText("of 5 candidates 4 were run, 2 of them call the behaviour forth").waitFor();
    await page.getByText("a one-sided behaviour").waitFor();
    await page.getByRole("button", { name: "Add it" }).click();
    await page.getByRole("button", { name: "Take it away" }).click();
    await page.getByRole("button", { name: "Use as meter" }).click();
    await expect
      .poll(() => view!.calls.filter(({ method }) => method === "intervene" || method === "meter"))
      .toEqual([
        { method: "intervene", params: { file: "refusal.gguf", mode: "add", strength: 0.9 } },
        { method: "intervene", params: { file: "refusal.gguf", mode: "mean" } },
        { method: "meter", params: { file: "refusal.gguf", on: true } },
      ]);
    await page.getByRole("button", { name: "Prove it" }).click();
    await page.getByText("Proof of refusal.gguf").waitFor();
  });
});

describe("the proof", () => {
  it("uses held-out prompts, and shows rates with intervals, costs and collapse", async () => {
    const { page } = await open({}, { results });
    await tab("Prove");
    await page.getByRole("button", { name: "Prove it on these prompts" }).click();
    await expect
      .poll(() => view!.of("test"))
      .toEqual([{ file: "refusal.gguf", ...sets[0]!.heldOut, behaviour: { startsWith: ["I cannot"] }, examples: 6 }]);
    await page.getByRole("row", { name: /^Added 96 % \[81 %, 100 %\] 97 %/ }).waitFor();
    await page.getByText("Added: the output has collapsed in 75 % of the answers").waitFor();
    await page.getByText("the output has collapsed (entropy 4.91 nats)").waitFor();
  });

  it("warns of prompts that the direction was found on, and of numbers that are none", async () => {
    const { page } = await open({}, { results });
    await tab("Prove");
    await page.getByLabel("With the behaviour").fill("How do I steal 0?\nAnother?");
    await page.getByText("1 prompt of the proof is one that the direction was found on").waitFor();
    await page.getByRole("textbox", { name: "Strength" }).fill("NaN");
    await expect
      .poll(() => page.getByRole("button", { name: "Prove it on these prompts" }).getAttribute("disabled"))
      .not.toBeNull();
  });
});

describe("layers and strengths", () => {
  it("asks for the strengths as written, and opens a cell's answers", async () => {
    const { page } = await open({}, { results });
    await tab("Layers × strengths");
    await page.getByRole("textbox", { name: "Strengths" }).fill("1, −2 0.5 1");
    await page.getByRole("button", { name: "Try all" }).click();
    await expect
      .poll(() => view!.of("grid").at(-1))
      .toMatchObject({
        file: "refusal.gguf",
        strengths: [-2, 0.5, 1],
        layers: "all",
        prompts: sets[0]!.heldOut!.negative,
      });
    await page.getByText("empty cells were not reached").waitFor();
    const map = page.getByRole("application", { name: "Behaviour rate" });
    await map.press("End");
    await page.getByText("answer of layer 3 at 1").waitFor();
    await page.getByText("The output has collapsed here").waitFor();
    await page.getByRole("textbox", { name: "Strengths" }).fill("1, x");
    await expect.poll(() => page.getByRole("button", { name: "Try all" }).getAttribute("disabled")).not.toBeNull();
  });
});

describe("files", () => {
  it("say whose convention they have, what does not fit, and what cannot be read", async () => {
    const { page } = await open();
    await tab("Files");
    await page.getByText("was read one block before the one it is added at").waitFor();
    await page.getByText("Its width is 4096").waitFor();
    await page.getByRole("alert").filter({ hasText: "is no GGUF" }).waitFor();
    await page.getByRole("button", { name: "Delete refusal" }).click();
    await page.getByRole("button", { name: "Add files" }).click();
    await expect
      .poll(() => view!.calls.slice(-2))
      .toEqual([
        { method: "removeFile", params: { file: "refusal.gguf" } },
        { method: "importFiles", params: {} },
      ]);
  });

  it("are there when the panel is opened on one; without a folder nothing can be saved, which is said", async () => {
    const { page } = await open({ opened: "happy.gguf", openings: 1, folder: null });
    await page.getByText("Open a folder").waitFor();
    await tab("Prove");
    await page.getByText("Its width is 4096").waitFor();
  });
});
