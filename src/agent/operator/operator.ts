import type { Clock } from "../../contract/agent";
import { errorData, fail } from "../../contract/errors";
import type { OperatorHold, OperatorKey, OperatorState, OperatorStep } from "../../contract/operator";
import type { BrowserAction, ElementInfo, Happened, OperatorBrowser, PageLook } from "./browser";
import { shownSnapshot, surpriseOf } from "./observation";
import type { Sites } from "./sites";

export interface OperatorPorts {
  /** Starts the browser; its sites are these. */
  launch(sites: Sites): Promise<OperatorBrowser>;
  sites: Sites;
  clock?: Clock;
}

/** Steps that are kept with their pictures. */
const keptSteps = 60;

export interface Done {
  look: PageLook;
  happened: Happened;
  surprise?: string;
}

/**
 * The operator: one browser that the agent drives, started at the first action, watched step by step, and handed over to
 * a person and back. While it is paused or in a person's hands, an action waits.
 */
export class Operator {
  private browser: Promise<OperatorBrowser> | undefined;
  private last: PageLook | undefined;
  private hold: OperatorHold = "agent";
  private busy: string | null = null;
  private headless = true;
  private view = { width: 1280, height: 800 };
  private personHadIt = false;
  private count = 0;
  private queue: Promise<unknown> = Promise.resolve();
  private readonly steps: OperatorStep[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly ports: OperatorPorts) {}

  get sites(): Sites {
    return this.ports.sites;
  }

  get isOpen(): boolean {
    return this.browser !== undefined;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  state(): OperatorState {
    return {
      open: this.isOpen,
      headless: this.headless,
      hold: this.hold,
      busy: this.busy,
      url: this.last?.url ?? "",
      title: this.last?.title ?? "",
      ...this.view,
      steps: [...this.steps],
    };
  }

  /** The page as it was seen last; fails with `badArgument` before one was opened. */
  lastLook(): PageLook {
    return this.last ?? fail("badArgument", "No page is open.", { remedy: "Open one with browser_open." });
  }

  async describe(ref: string): Promise<ElementInfo> {
    if (!this.browser) fail("badArgument", "No page is open.", { remedy: "Open one with browser_open." });
    return (await this.browser).describe(ref);
  }

  /** Does one action and looks at what came of it. One at a time. */
  act(action: BrowserAction, words: string, expect: string | undefined, signal: AbortSignal): Promise<Done> {
    const next = this.queue.then(() => this.perform(action, words, expect, signal));
    this.queue = next.catch(() => undefined);
    return next;
  }

  pause(): void {
    if (this.hold === "agent") this.setHold("paused");
  }

  goOn(): void {
    this.setHold("agent");
  }

  takeOver(): void {
    this.personHadIt = true;
    this.setHold("person");
  }

  async giveBack(): Promise<void> {
    if (this.hold !== "person") return;
    await this.record("gave the browser back", true);
    this.setHold("agent");
  }

  /** The hand of a person who has taken over; fails with `notAllowed` otherwise. */
  async pointer(x: number, y: number): Promise<void> {
    await this.byPerson(`click at ${Math.round(x)}, ${Math.round(y)}`, (browser) => browser.pointer(x, y));
  }

  async typeText(text: string): Promise<void> {
    // What a person types may be a password: it is not written down.
    await this.byPerson("typed", (browser) => browser.typeText(text));
  }

  async key(key: OperatorKey): Promise<void> {
    await this.byPerson(`pressed ${key}`, (browser) => browser.key(key));
  }

  async close(): Promise<void> {
    const { browser } = this;
    this.browser = undefined;
    this.last = undefined;
    this.setHold("agent");
    await browser?.then(
      (open) => open.close(),
      () => undefined, // it never started: whoever asked for it was told
    );
  }

  private async perform(
    action: BrowserAction,
    words: string,
    expect: string | undefined,
    signal: AbortSignal,
  ): Promise<Done> {
    await this.turn(signal);
    this.busy = words;
    this.changed();
    const before = this.last;
    try {
      const browser = await this.opened();
      const happened = await browser.perform(action, signal);
      if (this.personHadIt) {
        this.personHadIt = false;
        happened.events.unshift("A person had the browser meanwhile; the page may be another.");
      }
      const look = await browser.look();
      this.last = look;
      const surprise = surpriseOf(before, look, happened, expect);
      await this.keep({
        action: words,
        by: "agent",
        ok: true,
        ...(expect ? { expect } : {}),
        ...(surprise ? { surprise } : {}),
      });
      return { look, happened, ...(surprise === undefined ? {} : { surprise }) };
    } catch (error) {
      const surprise = errorData(error).message;
      await this.keep({ action: words, by: "agent", ok: false, ...(expect ? { expect } : {}), surprise });
      throw error;
    } finally {
      this.busy = null;
      this.changed();
    }
  }

  private async byPerson(words: string, work: (browser: OperatorBrowser) => Promise<void>): Promise<void> {
    if (this.hold !== "person") fail("notAllowed", "Take over first.");
    const browser = await this.opened();
    await work(browser);
    await this.record(words, true);
  }

  private async record(words: string, ok: boolean): Promise<void> {
    if (!this.browser) return;
    this.last = await (await this.browser).look();
    await this.keep({ action: words, by: "person", ok });
  }

  private async keep(step: Pick<OperatorStep, "action" | "by" | "ok" | "expect" | "surprise">): Promise<void> {
    const picture = this.browser ? await (await this.browser).picture() : undefined;
    this.steps.push({
      n: ++this.count,
      at: new Date(this.ports.clock?.now() ?? Date.now()).toISOString(),
      ...step,
      url: this.last?.url ?? "",
      title: this.last?.title ?? "",
      snapshot: shownSnapshot(this.last?.snapshot ?? ""),
      ...(picture === undefined ? {} : { picture }),
    });
    if (this.steps.length > keptSteps) this.steps.shift();
    this.changed();
  }

  private opened(): Promise<OperatorBrowser> {
    this.browser ??= this.start();
    return this.browser;
  }

  private async start(): Promise<OperatorBrowser> {
    try {
      const browser = await this.ports.launch(this.ports.sites);
      this.headless = browser.headless;
      this.view = browser.view;
      browser.onClosed(() => {
        this.browser = undefined;
        this.last = undefined;
        this.changed();
      });
      return browser;
    } catch (error) {
      this.browser = undefined;
      throw error;
    }
  }

  /** Waits until the agent has the browser. */
  private async turn(signal: AbortSignal): Promise<void> {
    while (this.hold !== "agent") {
      if (signal.aborted) fail("cancelled", "Cancelled.");
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.waiting.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      });
    }
    if (signal.aborted) fail("cancelled", "Cancelled.");
  }

  private setHold(hold: OperatorHold): void {
    this.hold = hold;
    for (const wake of [...this.waiting]) wake();
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
