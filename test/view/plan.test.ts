import type { Browser } from "playwright-core";
import fs from "node:fs";
import { createRequire } from "node:module";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { PlanNode, PlanView } from "../../src/contract/plan";
import type { PlanViewState } from "../../src/contract/planView";
import type { ThemeName } from "./themes";
import type { ViewOptions } from "./harness";
import { openBrowser, View } from "./harness";

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

const cost = { replies: 4, promptTokens: 420, reusedTokens: 300, tokens: 60, ms: 900 };

function node(id: string, parent: string | null, intent: string, more: Partial<PlanNode> = {}): PlanNode {
  return {
    id,
    parent,
    order: 0,
    intent,
    expect: "",
    state: "",
    reality: "imagined",
    status: "open",
    value: 0.6,
    reason: "Value 0.60: judged good 3 of 3.",
    votes: 1,
    goal: false,
    pinned: false,
    by: "model",
    cost,
    ...more,
  };
}

const nodes = [
  node("root", null, "Find the word in the notes", { reality: "root", status: "done", value: null }),
  node("n1", "root", "Read old.txt", {
    reality: "real",
    status: "failed",
    value: 0,
    reason: "Expected the word; there is no file old.txt.",
  }),
  node("n2", "root", "Read notes.txt", {
    order: 1,
    reality: "real",
    status: "done",
    value: 0.92,
    observed: "The word is lantern.",
    step: 2,
  }),
  node("n3", "root", "Guess the word", {
    order: 2,
    status: "pruned",
    value: 0.1,
    reason: "A guess does not help. (Value 0.10)",
  }),
  node("n4", "n2", "Answer with the word", {
    value: 0.97,
    goal: true,
    prediction: { seen: "The answer.", state: "answered", confidence: 0.8, by: "tokens" },
  }),
  node("n5", "n2", "Search again", { order: 1, value: 0.4, votes: 2 }),
];

function planOf(all: PlanNode[], path = ["root", "n2", "n4"]): PlanView {
  return {
    run: "r1",
    goal: "Find the word in the notes",
    brain: "scripted",
    local: true,
    phase: "acting",
    nodes: all,
    path,
    head: "n2",
    decisions: [],
    settings: {
      limits: { nodes: 32, depth: 8, tokens: 1e5, ms: 1e5 },
      alternatives: 3,
      samples: 3,
      horizon: 1,
      lookahead: 9,
      prune: 0.3,
      tryReversible: false,
      reasons: true,
    },
    spent: { nodes: all.length - 1, depth: 2, tokens: 2_400, ms: 8_000 },
    notes: ['"Read old.txt" failed: another way is looked for.'],
    edits: [],
    calibration: [],
  };
}

const state: PlanViewState = {
  plan: planOf(nodes),
  live: true,
  calibration: {
    samples: 12,
    hits: 8,
    brier: 0.18,
    brierOfRate: 0.222,
    bins: [0, 1, 2, 3, 4].map((i) => ({
      from: i / 5,
      to: (i + 1) / 5,
      samples: i + 1,
      confidence: i / 5 + 0.1,
      rate: i / 5,
    })),
  },
};

async function open(options: ViewOptions = {}): Promise<View> {
  view = await View.open(browser, "plan", {
    width: 1000,
    height: 640,
    events: { state },
    ...options,
    handlers: {
      edit: () => ({ text: "Done as asked." }),
      decisions: () => ({
        decisions: [
          {
            id: "n4-judge-1",
            kind: "judge",
            messages: [{ role: "user", content: "Goal: Find <b>the</b> word" }],
            text: "done",
            thought: "",
            others: ["done", "good"],
            tokens: [{ id: 1, text: "done", p: 0.9, entropy: 0.1, part: "answer" }],
            promptTokens: 80,
            reusedTokens: 60,
          },
        ],
      }),
      look: () => null,
      openTrace: () => null,
      save: () => ({ saved: true }),
      ...options.handlers,
    },
  });
  await view.page.getByRole("tree").waitFor();
  return view;
}

async function axe(of: View): Promise<string[]> {
  const source = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await of.page.evaluate(source);
  return of.page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(options: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run({
      // A box shows marks and figures; its name says them in words.
      rules: {
        region: { enabled: false },
        "document-title": { enabled: false },
        "label-content-name-mismatch": { enabled: false },
      },
    });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
  });
}

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("draws the tree with the real, the imagined and the pruned, without a fault", async () => {
    const { page, faults, strayRequests } = await open({ theme });
    await page.locator("#plan-n4").click();
    await page.getByRole("heading", { name: "Answer with the word" }).waitFor();
    await view!.shot(`plan-${theme}`);
    expect(await axe(view!)).toEqual([]);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
  });
});

describe("the plan", () => {
  it("tells real and imagined apart, marks the path, and says why a branch was pruned", async () => {
    const { page } = await open();
    expect(await page.locator("g.planNode.real").count()).toBe(2);
    expect(await page.locator("g.planNode.imagined").count()).toBe(3);
    expect(await page.locator("path.planLink.taken").count()).toBe(2);
    expect(await page.locator("#plan-n3").getAttribute("aria-label")).toContain("A guess does not help");
  });

  it("is walked and changed by keyboard alone", async () => {
    const { page } = await open();
    await page.getByRole("tree").focus();
    for (const key of ["ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
    await page.getByRole("heading", { name: "Search again" }).waitFor();
    await page.keyboard.press("Shift+F10");
    await page.getByRole("menuitem", { name: "Try this branch next" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => view!.of("edit")).toEqual([{ run: "r1", edit: { kind: "forbid", node: "n5" } }]);
    await expect.poll(() => page.getByRole("status").first().innerText()).toBe("Done as asked.");
  });

  it("is changed by a right click: pin, insert, try", async () => {
    const { page } = await open();
    await page.locator("#plan-n5").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Pin", exact: true }).click();
    await page.getByText("Insert a step of your own").click();
    await page.getByRole("textbox", { name: "Step" }).fill("Ask a colleague");
    await page.getByRole("button", { name: "Insert before" }).click();
    await expect
      .poll(() => view!.of<{ edit: unknown }>("edit").map(({ edit }) => edit))
      .toEqual([
        { kind: "pin", node: "n5", on: true },
        { kind: "insert", node: "n5", intent: "Ask a colleague", expect: "", before: true },
      ]);
  });

  it("offers no change of what is over", async () => {
    const { page } = await open({ events: { state: { ...state, live: false } } });
    await page.locator("#plan-n5").click({ button: "right" });
    expect(await page.getByRole("menuitem").allInnerTexts()).toEqual(["Explain", "Open in the trace"]);
  });

  it("opens a decision, its prompt as text, and the way into the model", async () => {
    const { page } = await open();
    await page.locator("#plan-n4").click();
    await page.getByText("Judged: done").click();
    await page.getByText("user: Goal: Find <b>the</b> word").waitFor();
    await page.getByRole("button", { name: "Look inside" }).click();
    await expect.poll(() => view!.of("look")).toEqual([{ run: "r1", decision: "n4-judge-1", instrument: "lens" }]);
  });

  it("is the same as an outline", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: "As an outline" }).click();
    expect(await page.getByRole("treeitem").count()).toBe(nodes.length);
    expect(await page.locator("#line-n3").innerText()).toContain("A guess does not help");
    expect(await axe(view!)).toEqual([]);
    await view!.shot("plan-outline");
  });

  it("is saved as a picture, as SVG and as JSON", async () => {
    const { page } = await open();
    for (const name of ["Save as PNG", "Save as SVG", "Save as JSON"]) await page.getByRole("button", { name }).click();
    await expect.poll(() => view!.of("save").length).toBe(3);
    const saved = view!.of<{ name: string; data: string }>("save");
    const of = (name: string): string => saved.find((each) => each.name === name)?.data ?? "";
    expect(Buffer.from(of("plan.png"), "base64").subarray(1, 4).toString()).toBe("PNG");
    expect(of("plan.svg").match(/<rect width="196"/g)).toHaveLength(nodes.length);
    expect((JSON.parse(of("plan.json")) as PlanView).nodes).toEqual(nodes);
  });

  it("stays light with a thousand nodes: only those in sight are drawn", async () => {
    const many = [nodes[0]!];
    for (let i = 1; i <= 1_000; i++)
      many.push(node(`n${i}`, i <= 10 ? "root" : `n${Math.floor((i - 1) / 10)}`, `Step ${i}`, { order: i }));
    const { page } = await open({ events: { state: { ...state, plan: planOf(many, ["root"]) } } });
    await expect.poll(() => page.locator("g.planNode").count()).toBeGreaterThan(5);
    expect(await page.locator("g.planNode").count()).toBeLessThan(150);
    await page.getByRole("tree").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("End");
    await page.getByRole("heading", { name: "Step 110", exact: true }).waitFor();
    expect(await page.locator("#plan-n110").isVisible()).toBe(true);
  });

  it("fits a narrow panel in Chinese", async () => {
    const { page, faults } = await open({ width: 480, height: 900, language: "zh-cn" });
    await page.locator("#plan-n2").click();
    await page.getByRole("heading", { name: "Read notes.txt" }).waitFor();
    await view!.shot("plan-narrow-chinese");
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(faults).toEqual([]);
  });
});
