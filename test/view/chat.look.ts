// Draws every state of the chat in every theme into test-results/view, for people to look at.
import { openBrowser, View } from "./harness";
import { chatState, conversation, fullConversation, node, running, thoughtText, tokenLens } from "./fixtures";

const browser = await openBrowser();
const full = chatState({ conversation: fullConversation(), context: { used: 212, size: 512 } });
for (const theme of ["dark", "light", "contrast"] as const) {
  const empty = await View.open(browser, "chat", { theme, events: { state: chatState() }, height: 640 });
  await empty.page.waitForTimeout(200);
  await empty.shot(`chat-empty-${theme}`);
  console.log(empty.faults, empty.strayRequests);
  await empty.close();

  const options = { ...full.options, confidence: true, liveLens: true };
  const view = await View.open(browser, "chat", {
    theme,
    events: { state: { ...full, options } },
    height: 800,
    width: theme === "dark" ? 340 : 300,
  });
  await view.page.waitForTimeout(200);
  await view.shot(`chat-full-${theme}`);
  await view.page.locator(".scroller").evaluate((el) => (el.scrollTop = 0));
  await view.page.locator('[data-t="28"]').first().hover();
  await view.page.waitForTimeout(500);
  await view.shot(`chat-hover-${theme}`);
  await view.page.mouse.move(2, 2);
  await view.page.getByRole("button", { name: "Branches" }).click();
  await view.page.getByTitle("Show every token").first().click();
  await view.page.waitForTimeout(200);
  await view.shot(`chat-tokens-${theme}`);
  await view.page.getByTitle("Conversations").click();
  await view.page.waitForTimeout(100);
  await view.shot(`chat-switcher-${theme}`);
  console.log(view.faults, view.strayRequests);
  await view.close();

  const run = running("The capital of France is **Par", thoughtText, "answer");
  const live = await View.open(browser, "chat", {
    theme,
    events: {
      state: chatState({
        engine: { kind: "busy" },
        options,
        conversation: conversation([node("q1", null, "user", "What is the capital of France?")], "q1"),
      }),
      running: { ...run, lens: tokenLens(run.tokens, 7) },
    },
  });
  await live.page.waitForTimeout(300);
  await live.shot(`chat-running-${theme}`);
  console.log(live.faults, live.strayRequests);
  await live.close();
}
const failed = await View.open(browser, "chat", {
  events: {
    state: chatState({
      engine: {
        kind: "failed",
        error: {
          code: "engineDied",
          message: "The engine ended unexpectedly 4 times in 3 minutes.",
          remedy: "Restart it, or choose a smaller model.",
        },
      },
      conversation: conversation(
        [
          node("q1", null, "user", "Hello"),
          node("a1", "q1", "assistant", "", {
            error: {
              code: "contextFull",
              message: "The conversation has 530 tokens and the context holds 512.",
              remedy: "Begin a new conversation, or load the model with a larger context.",
            },
          }),
        ],
        "a1",
      ),
    }),
  },
});
await failed.page.getByRole("button", { name: "Options" }).click();
await failed.page.waitForTimeout(300);
await failed.shot("chat-failed");
await failed.close();
const wide = await View.open(browser, "chat", { width: 1100, height: 800, events: { state: full }, language: "zh-cn" });
await wide.page.waitForTimeout(300);
await wide.shot("chat-wide-zh");
await wide.close();
await browser.close();
