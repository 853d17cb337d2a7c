import type { FrameLocator, Locator } from "playwright-core";
import type { Workbench } from "./workbench";

/** The chat view. Found by structure, not by words, so that it serves in every language. */
export class Chat {
  private constructor(readonly frame: FrameLocator) {}

  /** Shows the chat through the activity bar and waits until it has drawn a conversation. */
  static async open(workbench: Workbench): Promise<Chat> {
    const shown = workbench.page.locator("iframe.webview.ready");
    if ((await shown.count()) === 0) await workbench.activity(/Vitrine/).click();
    return Chat.attach(workbench);
  }

  /** The chat where it is shown already, as after a reload. */
  static async attach(workbench: Workbench): Promise<Chat> {
    return new Chat(await workbench.webview(".chat .composer"));
  }

  get input(): Locator {
    return this.frame.locator(".composer textarea");
  }

  get questions(): Locator {
    return this.frame.locator("article.message.user");
  }

  get answers(): Locator {
    return this.frame.locator("article.message.assistant");
  }

  get lastAnswer(): Locator {
    return this.answers.last();
  }

  /** What a token was and what else it could have been. */
  get popover(): Locator {
    return this.frame.locator(".popover");
  }

  /** Asks and returns at once. */
  async send(question: string): Promise<void> {
    await this.input.fill(question);
    await this.input.press("Enter");
  }

  /** Asks, waits for the whole answer and returns its text. */
  async ask(question: string): Promise<string> {
    const before = await this.answers.count();
    await this.send(question);
    await this.answers.nth(before).waitFor({ timeout: 60_000 });
    return this.finished();
  }

  /** Waits until the last answer is written and returns its text. */
  async finished(): Promise<string> {
    await this.frame.locator("article.message.assistant[aria-busy=false]").last().waitFor({ timeout: 120_000 });
    await this.frame
      .locator("article.message.assistant[aria-busy=true]")
      .waitFor({ state: "detached", timeout: 120_000 });
    return this.answerText();
  }

  async answerText(): Promise<string> {
    return (await this.lastAnswer.locator(".answerBody").innerText()).trim();
  }

  /** Starts an empty conversation beside the others. */
  async newConversation(): Promise<void> {
    await this.frame.locator(".chatHeader button:has(.codicon-add)").click();
    await this.frame.locator(".emptyChat").waitFor();
  }

  /** Begins to count how often the answer's text grows; the returned function says how often it did. */
  async watchGrowth(): Promise<() => Promise<number>> {
    const chat = this.frame.locator(".chat");
    await chat.evaluate((element) => {
      let length = 0;
      const seen = { steps: 0 };
      const look = (): void => {
        const now = [...element.querySelectorAll("article.message.assistant")].at(-1)?.textContent?.length ?? 0;
        if (now > length) seen.steps++;
        length = now;
      };
      new MutationObserver(look).observe(element, { subtree: true, childList: true, characterData: true });
      Object.assign(window, { growthSeen: seen });
    });
    return () => chat.evaluate(() => (window as unknown as { growthSeen: { steps: number } }).growthSeen.steps);
  }

  /** Shows the last answer as a row of tokens and returns them. */
  async showTokens(): Promise<Locator> {
    const tokens = this.lastAnswer.locator(".tokens [data-t]");
    if ((await tokens.count()) === 0)
      await this.lastAnswer.locator(".actions button:has(.codicon-symbol-parameter)").click();
    await tokens.first().waitFor();
    return tokens;
  }

  /** Opens a token of the last answer by its place and waits for its alternatives. */
  async openToken(index: number): Promise<Locator> {
    await this.lastAnswer.locator(`[data-t="${index}"]`).first().click();
    await this.popover.waitFor();
    return this.popover;
  }

  /** Closes an open token. */
  async closePopover(): Promise<void> {
    if (!(await this.popover.isVisible())) return;
    await this.popover.press("Escape");
    await this.popover.waitFor({ state: "detached" });
  }

  /** "2/3" beside the last answer, or undefined where it has no sibling. */
  async siblings(): Promise<string | undefined> {
    const label = this.lastAnswer.locator(".siblings span[aria-live]");
    return (await label.count()) > 0 ? label.first().innerText() : undefined;
  }

  async previousSibling(): Promise<void> {
    await this.lastAnswer.locator(".siblings button").first().click();
  }

  async nextSibling(): Promise<void> {
    await this.lastAnswer.locator(".siblings button").last().click();
  }
}
