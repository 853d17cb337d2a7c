import type { Page } from "playwright-core";

/** The command palette and every other quick input. */
export class Palette {
  constructor(private readonly page: Page) {}

  private get widget() {
    return this.page.locator(".quick-input-widget");
  }

  /** Runs a command by its full title. A key press can be swallowed while a webview loads, so the whole sequence is tried again. */
  async run(title: string): Promise<void> {
    const input = this.widget.locator("input");
    const row = this.widget
      .locator(".quick-input-list .monaco-list-row")
      .filter({ has: this.page.locator(`.label-name`, { hasText: title }) });
    for (let attempt = 1; ; attempt++) {
      try {
        await this.page.keyboard.press("Escape");
        await this.page.keyboard.press("F1");
        await input.waitFor({ state: "visible", timeout: 5000 });
        await input.fill(`>${title}`);
        await row.first().click({ timeout: 10_000 });
        return;
      } catch (error) {
        if (attempt === 5) throw new Error(`the command "${title}" could not be run: ${String(error)}`);
      }
    }
  }

  /** Opens a file of the workspace by its name. */
  async file(name: string): Promise<void> {
    const input = this.widget.locator("input");
    const row = this.widget.locator(".quick-input-list .monaco-list-row").filter({ hasText: name });
    for (let attempt = 1; ; attempt++) {
      try {
        await this.page.keyboard.press("Escape");
        await this.page.keyboard.press("ControlOrMeta+p");
        await input.waitFor({ state: "visible", timeout: 5000 });
        await input.fill(name);
        await row.first().click({ timeout: 10_000 });
        return;
      } catch (error) {
        if (attempt === 5) throw new Error(`the file "${name}" could not be opened: ${String(error)}`);
      }
    }
  }

  /** The titles in the palette after typing a text. */
  async matches(text: string): Promise<string[]> {
    const input = this.widget.locator("input");
    await this.page.keyboard.press("F1");
    await input.waitFor({ state: "visible", timeout: 5000 });
    await input.fill(`>${text}`);
    const rows = this.widget.locator(".quick-input-list .monaco-list-row .label-name");
    await rows.first().waitFor({ timeout: 5000 });
    const titles = await rows.allInnerTexts();
    await this.page.keyboard.press("Escape");
    return titles;
  }

  /** Types into an open input box and accepts. */
  async answer(text: string): Promise<void> {
    const input = this.widget.locator("input");
    await input.waitFor({ state: "visible", timeout: 10_000 });
    await input.fill(text);
    await this.page.keyboard.press("Enter");
  }
}
