import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import type { BrowserContext, CDPSession, Dialog, Download, Locator, Page, Request, Route } from "playwright-core";
import { errorData, fail, VitrineError } from "../../../contract/errors";
import { cleanText } from "../../tools/output";
import type { BrowserAction, ElementInfo, Happened, OperatorBrowser, PageLook } from "../browser";
import type { Sites } from "../sites";
import { rawElement } from "./element";

export interface PageOptions {
  sites: Sites;
  headless: boolean;
  view: { width: number; height: number };
  downloads: string;
  /** Connections that the door refused since they were last told. */
  refused: string[];
  pageMs: number;
  actionMs: number;
  release(): Promise<void>;
}

/** Alerts answered, pop-ups kept and documents loaded in one action before it is broken off. */
const mostDialogs = 8;
const mostTabs = 6;
const mostLoads = 12;
const snapshotLimit = 400_000;

const line = (text: string, most = 200): string => cleanText(text).replace(/\s+/g, " ").trim().slice(0, most);

/** One browser window with its tabs, through Playwright. Everything a page does beside what was asked becomes a sentence. */
export class PlaywrightBrowser implements OperatorBrowser {
  private page: Page;
  private dialog: Dialog | undefined;
  private events: string[] = [];
  private dialogs = 0;
  /** Pages that were left for their dialogs. */
  private readonly left = new WeakSet<Page>();
  private loads = 0;
  private wantsDownload = false;
  private making = false;
  private download: Download | undefined;
  private wake: (() => void) | undefined;
  private readonly closed = new Set<() => void>();

  private constructor(
    private readonly context: BrowserContext,
    private readonly options: PageOptions,
    page: Page,
  ) {
    this.page = page;
  }

  static async over(context: BrowserContext, options: PageOptions): Promise<PlaywrightBrowser> {
    const page = context.pages()[0] ?? (await context.newPage());
    const browser = new PlaywrightBrowser(context, options, page);
    context.setDefaultTimeout(options.actionMs);
    context.setDefaultNavigationTimeout(options.pageMs);
    // Playwright asks here for the first request of each navigation; the hops after it are judged in `watch`.
    await context.route("**/*", (route) => browser.judge(route));
    context.on("page", (opened) => void browser.opened(opened));
    context.on("close", () => browser.closed.forEach((tell) => tell()));
    await browser.watch(page);
    return browser;
  }

  get headless(): boolean {
    return this.options.headless;
  }

  get view(): { width: number; height: number } {
    return this.options.view;
  }

  onClosed(listener: () => void): void {
    this.closed.add(listener);
  }

  async perform(action: BrowserAction, signal: AbortSignal): Promise<Happened> {
    this.events = [];
    this.options.refused.length = 0;
    this.dialogs = 0;
    this.loads = 0;
    if (this.dialog && action.kind === "open") await this.leaveDialog();
    if (this.dialog && action.kind !== "dialog" && action.kind !== "look") this.answerFirst();
    let saved: Happened["saved"];
    try {
      await this.withDialogs(this.doAction(action), signal);
      if (!this.dialog && action.kind !== "look") await this.settle();
      if (action.kind === "download") saved = await this.save();
    } catch (error) {
      throw this.translated(error, action);
    }
    const events = [...new Set([...this.events, ...this.options.refused])].slice(0, 12);
    return { events, ...(saved ? { saved } : {}) };
  }

  async look(): Promise<PageLook> {
    const tabs = await Promise.all(
      this.context.pages().map(async (page, i) => ({
        number: i + 1,
        url: page.url(),
        title: page === this.page && !this.dialog ? await this.title(page) : "",
        current: page === this.page,
      })),
    );
    const { dialog } = this;
    const base = { url: this.page.url(), title: tabs.find(({ current }) => current)?.title ?? "", tabs };
    if (dialog) return { ...base, snapshot: "", dialog: { type: dialog.type(), message: dialog.message() } };
    return { ...base, snapshot: await this.snapshot() };
  }

  async describe(ref: string): Promise<ElementInfo> {
    if (this.dialog) this.answerFirst();
    const found = this.element(ref);
    if ((await found.count()) === 0) {
      fail("badArgument", `The page has no ${ref} now.`, { remedy: "Look at the page again." });
    }
    const raw = await found.evaluate(rawElement, undefined, { timeout: this.options.actionMs });
    const own = URL.canParse(this.page.url()) ? new URL(this.page.url()).origin : "";
    const base = URL.canParse(this.page.url()) ? this.page.url() : undefined;
    const { form } = raw;
    return {
      tag: raw.tag,
      type: raw.type,
      role: line(raw.role, 40),
      name: raw.names.map((name) => line(name)).find((name) => name !== "") ?? "",
      ...(raw.href === "" ? {} : { href: line(raw.href, 2_000) }),
      ...(raw.origin !== own && raw.origin !== "null" ? { frame: raw.origin } : {}),
      ...(form
        ? {
            form: {
              method: line(form.method, 20).toLowerCase(),
              action: URL.canParse(form.action, base) ? new URL(form.action, base).href : line(form.action, 2_000),
              text: form.texts.map((text) => line(text, 80)).join(" "),
            },
          }
        : {}),
      submits: raw.submits,
      password: raw.type === "password",
      editable: raw.editable,
    };
  }

  async picture(): Promise<string | undefined> {
    if (this.dialog) return undefined;
    try {
      const bytes = await this.page.screenshot({ type: "jpeg", quality: 55, timeout: this.options.actionMs });
      return bytes.toString("base64");
    } catch {
      // A page that hangs or goes away has no picture; its step says what it did.
      return undefined;
    }
  }

  async pointer(x: number, y: number): Promise<void> {
    await this.withDialogs(this.page.mouse.click(x, y), AbortSignal.timeout(this.options.actionMs));
    if (!this.dialog) await this.settle();
  }

  async typeText(text: string): Promise<void> {
    await this.withDialogs(this.page.keyboard.insertText(text), AbortSignal.timeout(this.options.actionMs));
  }

  async key(key: string): Promise<void> {
    await this.withDialogs(this.page.keyboard.press(key), AbortSignal.timeout(this.options.actionMs));
    if (!this.dialog) await this.settle();
  }

  async close(): Promise<void> {
    await this.dialog?.dismiss().catch(() => undefined);
    await this.context.close();
    await this.options.release();
  }

  private async doAction(action: BrowserAction): Promise<void> {
    const { page } = this;
    switch (action.kind) {
      case "open":
        await this.goto(action.url);
        return;
      case "look":
        return;
      case "click":
        return this.element(action.ref).click();
      case "type": {
        const field = this.element(action.ref);
        await field.fill(action.text);
        if (action.submit) await field.press("Enter");
        return;
      }
      case "select":
        await this.choose(this.element(action.ref), action.value);
        return;
      case "scroll": {
        if (action.ref !== undefined) await this.element(action.ref).hover();
        await page.mouse.wheel(0, (action.direction === "down" ? 0.8 : -0.8) * this.view.height);
        return;
      }
      case "back":
        if ((await page.goBack({ waitUntil: "domcontentloaded" })) === null && this.events.length === 0)
          this.events.push("There is no page to go back to.");
        return;
      case "wait":
        return this.wait(action);
      case "download": {
        this.wantsDownload = true;
        this.download = undefined;
        return this.element(action.ref).click();
      }
      case "dialog": {
        const { dialog } = this;
        if (!dialog) fail("badArgument", "No dialog is open.");
        this.dialog = undefined;
        await (action.accept ? dialog.accept(action.text) : dialog.dismiss());
        return;
      }
      case "tab":
        return this.tab(action.number, action.close);
    }
  }

  private async goto(url: string): Promise<void> {
    try {
      await this.page.goto(url, { waitUntil: "domcontentloaded" });
    } catch (error) {
      const { message } = errorData(error);
      if (/Timeout/.test(message)) {
        this.events.push(`${new URL(url).host} did not finish loading in ${this.options.pageMs / 1000} seconds.`);
        await this.stopLoading();
      } else if (/ERR_TOO_MANY_REDIRECTS/.test(message)) {
        fail("network", "The page redirects without end.");
      } else if (/ERR_ABORTED|Download is starting/.test(message)) {
        const refused = this.events.filter((text) => text.includes("was not opened"));
        if (refused.length > 0) fail("notAllowed", refused.join(" "));
      } else if (/ERR_/.test(message)) {
        const refused = this.options.refused[0];
        const code = /net::(ERR_\w+)/.exec(message)?.[1] ?? "no answer";
        fail(refused ? "notAllowed" : "network", refused ?? `${new URL(url).host} could not be opened: ${code}.`);
      } else throw error;
    }
  }

  /** By the text or the value of an option, or of a list that the page drew itself. */
  private async choose(list: Locator, value: string): Promise<void> {
    const options = await list.evaluate((node) =>
      Array.from((node as unknown as { options?: ArrayLike<{ text: string; value: string }> }).options ?? [])
        .slice(0, 2_000)
        .map((each) => ({ text: each.text.trim(), value: each.value })),
    );
    if (options.length === 0)
      fail("badArgument", "This is no list with options.", { remedy: "Click it, then the option." });
    const wanted = options.findIndex((each) => each.text === value.trim() || each.value === value);
    if (wanted < 0) {
      const names = options.slice(0, 12).map(({ text }) => line(text, 40));
      fail("badArgument", `There is no option ${JSON.stringify(value.slice(0, 60))}; there are: ${names.join(", ")}.`);
    }
    await list.selectOption({ index: wanted });
  }

  private async wait({ text, seconds }: BrowserAction & { kind: "wait" }): Promise<void> {
    if (text === undefined) return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    try {
      await this.page
        .getByText(text)
        .first()
        .waitFor({ timeout: seconds * 1000 });
    } catch (error) {
      if (!/Timeout/.test(errorData(error).message)) throw error;
      this.events.push(`${JSON.stringify(line(text, 80))} did not come in ${seconds} seconds.`);
    }
  }

  private async tab(number: number, close: boolean): Promise<void> {
    const page = this.context.pages()[number - 1];
    if (!page) fail("badArgument", `There is no tab ${number}.`);
    if (close) {
      if (this.context.pages().length === 1) fail("badArgument", "The last tab stays open.");
      await page.close({ runBeforeUnload: false });
      if (page === this.page) this.page = this.context.pages()[0] ?? (await this.newPage());
    } else {
      this.page = page;
      await page.bringToFront();
    }
  }

  /** A download that was asked for is waited for and saved under a plain name; a partial one is thrown away. */
  private async save(): Promise<Happened["saved"]> {
    this.wantsDownload = false;
    const { download } = this;
    if (!download) {
      this.events.push("Nothing was downloaded.");
      return undefined;
    }
    await mkdir(this.options.downloads, { recursive: true });
    const plain = path
      .basename(download.suggestedFilename())
      .replace(/[^\p{L}\p{N}._-]/gu, "_")
      .replace(/^\.+/, "_");
    const file = path.join(this.options.downloads, `${Date.now()}-${plain.slice(-100) || "file"}`);
    const failed = await Promise.race([
      download.failure(),
      new Promise<string>((resolve) => setTimeout(() => resolve("it took too long"), this.options.pageMs * 3)),
    ]);
    if (failed !== null) {
      await download.cancel();
      this.events.push(`The download was broken off: ${failed}.`);
      return undefined;
    }
    await download.saveAs(file);
    return { path: file, bytes: (await stat(file)).size };
  }

  /** A page of our own making: every other one is a pop-up. */
  private async newPage(): Promise<Page> {
    this.making = true;
    try {
      return await this.context.newPage();
    } finally {
      this.making = false;
    }
  }

  private answerFirst(): never {
    fail("badArgument", "A dialog of the page waits for an answer.", {
      remedy: "Answer it with browser_dialog first.",
    });
  }

  /** Whoever opens another page has no more to say to this one. */
  private async leaveDialog(): Promise<void> {
    const { dialog } = this;
    this.dialog = undefined;
    await dialog?.dismiss().catch(() => undefined); // it may be gone with its page
  }

  private element(ref: string): Locator {
    if (!/^(f\d+)?e\d+$/.test(ref))
      fail("badArgument", `${JSON.stringify(ref.slice(0, 40))} is no reference such as e12.`);
    return this.page.getByRef(ref);
  }

  private async snapshot(): Promise<string> {
    try {
      return (await this.page.ariaSnapshot({ mode: "ai", timeout: this.options.actionMs })).slice(0, snapshotLimit);
    } catch (error) {
      if (this.page.isClosed()) return "";
      const { message } = errorData(error);
      if (!/Timeout|closed|crash/i.test(message)) throw error;
      return "[the page does not answer; open another]";
    }
  }

  private async title(page: Page): Promise<string> {
    const late = new Promise<string>((resolve) => setTimeout(() => resolve(""), 2_000));
    return Promise.race([page.title().catch(() => ""), late]);
  }

  /** An action may never end while a dialog holds the page: then the dialog is what came of it. */
  private async withDialogs(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
    const dialog = new Promise<void>((resolve) => (this.wake = resolve));
    const abort = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    // Its end after a dialog was answered is of no interest any more.
    work.catch(() => undefined);
    await Promise.race([work, dialog, abort]);
    this.wake = undefined;
    if (signal.aborted) fail("cancelled", "Cancelled.");
  }

  /** Waits a little for what an action sets off: a page that loads, a script that draws. */
  private async settle(): Promise<void> {
    const dialog = new Promise<void>((resolve) => (this.wake = resolve));
    const loaded = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      await this.page.waitForLoadState("domcontentloaded", { timeout: this.options.actionMs }).catch(() => undefined);
      await this.page.waitForLoadState("load", { timeout: 1_500 }).catch(() => undefined);
    };
    await Promise.race([loaded(), dialog]);
    this.wake = undefined;
    if (this.page.isClosed()) this.page = this.context.pages()[0] ?? (await this.newPage());
  }

  private async stopLoading(): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, 1_000));
    await Promise.race([
      this.page.evaluate("window.stop()").then(
        () => undefined,
        () => undefined,
      ),
      late,
    ]);
  }

  /** The first request of a navigation: a page's own frame goes only where it may, a frame inside it at least nowhere private. */
  private async judge(route: Route): Promise<void> {
    const request = route.request();
    if (!request.isNavigationRequest()) return route.continue();
    if (!isTop(request)) return route.continue();
    const refusal = this.options.sites.refusal(request.url());
    if (refusal === undefined)
      return this.counted(
        () => route.continue(),
        () => route.abort("aborted"),
      );
    this.events.push(
      `The page leads to ${line(request.url())}, which was not opened: ${refusal}. To go there, use browser_open.`,
    );
    return route.abort("aborted");
  }

  /** Documents loaded by scripts one after the other are as endless as redirects. */
  private async counted(go: () => Promise<void>, stop: () => Promise<void>): Promise<void> {
    if (++this.loads <= mostLoads) return go();
    if (this.loads === mostLoads + 1)
      this.events.push(`The page loads one page after another; it was stopped after ${mostLoads}.`);
    return stop();
  }

  /** Judges what Playwright does not show: the hops of a redirect, before they are made. */
  private async watch(page: Page): Promise<void> {
    page.on("dialog", (dialog) => void this.took(dialog));
    page.on("download", (download) => void this.downloads(download));
    page.on("crash", () => this.events.push("The page crashed."));
    const session = await this.context.newCDPSession(page).catch(() => undefined);
    if (!session) return;
    session.on("Fetch.requestPaused", (event) => {
      void this.hop(session, event, page).catch(() => undefined); // the page went away meanwhile
    });
    await session
      .send("Fetch.enable", { patterns: [{ urlPattern: "*", resourceType: "Document", requestStage: "Request" }] })
      .catch(() => undefined); // it closed at once
  }

  private async hop(
    session: CDPSession,
    event: { requestId: string; frameId: string; redirectedRequestId?: string; request: { url: string } },
    page: Page,
  ): Promise<void> {
    const { requestId, redirectedRequestId, request } = event;
    const pass = (): Promise<unknown> => session.send("Fetch.continueRequest", { requestId });
    if (redirectedRequestId === undefined) return void (await pass());
    const { frameTree } = await session.send("Page.getFrameTree");
    if (frameTree.frame.id !== event.frameId) return void (await pass());
    const refusal = this.options.sites.refusal(request.url);
    if (refusal === undefined) return void (await pass());
    this.events.push(`${line(page.url())} redirects to ${line(request.url)}, which was not opened: ${refusal}.`);
    await session.send("Fetch.failRequest", { requestId, errorReason: "Aborted" });
  }

  private async took(dialog: Dialog): Promise<void> {
    this.dialogs++;
    const said = `A ${dialog.type()} dialog came: ${JSON.stringify(line(dialog.message(), 300))}.`;
    if (this.dialogs > mostDialogs) {
      if (this.dialogs === mostDialogs + 1) this.events.push("The page opens one dialog after another; it was closed.");
      const page = dialog.page();
      await dialog.dismiss().catch(() => undefined);
      // A page that asks for ever is left, once: the dialogs that still come from it open no page more.
      if (page === null || page !== this.page || this.left.has(page)) return;
      this.left.add(page);
      this.page = await this.newPage();
      await page.close({ runBeforeUnload: false });
      this.wake?.();
      return;
    }
    this.events.push(said);
    // An alert says something and asks nothing; what asks is held for an answer.
    if (dialog.type() === "alert") {
      await dialog.accept().catch(() => undefined);
      return;
    }
    this.dialog = dialog;
    this.wake?.();
  }

  private async opened(page: Page): Promise<void> {
    const own = this.making;
    await this.watch(page);
    if (own) return;
    const tabs = this.context.pages();
    if (tabs.length > mostTabs) {
      await page.close({ runBeforeUnload: false });
      if (!this.events.some((text) => text.startsWith("The page opens one window")))
        this.events.push("The page opens one window after another; the rest were closed.");
      return;
    }
    await page.waitForLoadState("domcontentloaded", { timeout: 2_000 }).catch(() => undefined);
    this.events.push(
      `A new window opened as tab ${this.context.pages().indexOf(page) + 1}: ${line(page.url())}. Close it or go to it with browser_tab.`,
    );
  }

  private async downloads(download: Download): Promise<void> {
    if (this.wantsDownload && !this.download) {
      this.download = download;
      return;
    }
    await download.cancel();
    this.events.push(
      `A download (${line(download.suggestedFilename(), 80)}) began that was not asked for; it was broken off.`,
    );
  }

  private translated(error: unknown, action: BrowserAction): unknown {
    if (error instanceof VitrineError) return error;
    const { message } = errorData(error);
    const first = line(message.split("\n")[0] ?? "");
    if (/Timeout/.test(message)) {
      return new VitrineError(
        {
          code: "timeout",
          message: `The page did not let it be done in time (${action.kind}).`,
          remedy: "Look at the page again.",
        },
        error,
      );
    }
    if (/closed/i.test(message))
      return new VitrineError({ code: "cancelled", message: "The browser was closed." }, error);
    return new VitrineError(
      { code: "badArgument", message: `It could not be done: ${first}`, remedy: "Look at the page again." },
      error,
    );
  }
}

/** Whether a navigation is of a page's own frame; that of a pop-up comes before its frame is known. */
function isTop(request: Request): boolean {
  try {
    return request.frame().parentFrame() === null;
  } catch {
    return true;
  }
}
