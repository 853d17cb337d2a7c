import type { FrameLocator, Locator, Page } from "playwright-core";
import { Palette } from "./palette";

/** The VS Code window: activity bar, side bar, status bar, notifications, webviews. */
export class Workbench {
  readonly palette: Palette;

  constructor(readonly page: Page) {
    this.palette = new Palette(page);
  }

  /** Waits until the workbench has drawn itself and the extension's icon is in the activity bar. */
  async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench").waitFor({ timeout: 120_000 });
    await this.activity(/Vitrine/).waitFor({ timeout: 120_000 });
  }

  /** An item of the activity bar by its title. */
  activity(title: RegExp): Locator {
    return this.page
      .locator(".part.activitybar .action-item a.action-label, .part.activitybar .action-label")
      .and(this.page.getByLabel(title))
      .first();
  }

  /** An item of the status bar by its text or label. */
  status(text: RegExp): Locator {
    return this.page.locator(".part.statusbar .statusbar-item").filter({ hasText: text }).first();
  }

  /** Drags the side bar's edge until it is this wide, in pixels. */
  async widenSideBar(width: number): Promise<void> {
    const bar = await this.page.locator(".part.sidebar").boundingBox();
    if (!bar) throw new Error("the side bar is not shown");
    const y = bar.y + bar.height / 2;
    await this.page.mouse.move(bar.x + bar.width, y);
    await this.page.mouse.down();
    await this.page.mouse.move(bar.x + width, y, { steps: 5 });
    await this.page.mouse.up();
  }

  /** A section of the side bar by its title. */
  section(title: RegExp): Locator {
    return this.page
      .locator(".part.sidebar .pane, .part.auxiliarybar .pane")
      .filter({ has: this.page.locator(".pane-header").filter({ hasText: title }) });
  }

  /**
   * The inside of the webview that holds an element. VS Code nests each webview in two frames and keeps no order among them, so
   * all that are there are asked.
   * @param marker selector of an element that only this webview has
   */
  async webview(marker: string, timeout = 60_000): Promise<FrameLocator> {
    const deadline = Date.now() + timeout;
    const frames = this.page.locator("iframe.webview");
    for (;;) {
      const count = await frames.count();
      for (let index = 0; index < count; index++) {
        const inner = frames.nth(index).contentFrame().locator("iframe#active-frame").contentFrame();
        if (
          (await inner
            .locator(marker)
            .count()
            .catch(() => 0)) > 0
        )
          return inner;
      }
      if (Date.now() > deadline) throw new Error(`no webview holds ${marker} (${count} webviews are open)`);
      await this.page.waitForTimeout(100);
    }
  }

  /** Waits for a notification, as a toast or in the notification centre, and returns its whole text. */
  async notification(text: RegExp): Promise<string> {
    const item = this.page.locator(".notification-list-item").filter({ hasText: text }).first();
    if (!(await item.isVisible())) {
      await item.waitFor({ timeout: 3000 }).catch(() => this.palette.run("Notifications: Show Notifications"));
    }
    await item.waitFor({ timeout: 20_000 });
    return item.innerText();
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.palette.file(name);
    await this.page.locator(".tabs-container .tab.active").filter({ hasText: name }).waitFor({ timeout: 30_000 });
    await this.page.locator(".editor-instance .view-line").first().waitFor();
  }

  /** Rests the pointer on a word of the open editor until a hover with this text is shown. */
  async hover(word: string, text: RegExp): Promise<void> {
    const line = this.page.locator(".editor-instance .view-line").filter({ hasText: word }).first();
    const hover = this.page.locator(".monaco-hover").filter({ hasText: text }).first();
    for (let attempt = 1; !(await hover.isVisible()); attempt++) {
      if (attempt > 5) throw new Error(`no hover says ${String(text)}`);
      const place = await line.evaluate(middleOf, word);
      // A pointer that does not move is not noticed by an editor that has just changed.
      await this.page.mouse.move(place.x, place.y - 2);
      await this.page.mouse.move(place.x, place.y);
      await hover.waitFor({ timeout: 5000 }).catch(() => undefined);
    }
  }

  /** Loads the window again, as a person's reload does, and waits until it is there. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }
}

/** The middle of a word inside an element, in pixels of the window; runs in the page. */
function middleOf(element: Element, word: string): { x: number; y: number } {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const start = node.textContent?.indexOf(word) ?? -1;
    if (start < 0) continue;
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, start + word.length);
    const { left, top, width, height } = range.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }
  throw new Error(`"${word}" is not in one piece of text here`);
}
