import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { ViewOptions } from "./harness";
import { View, openBrowser } from "./harness";

/** The browser of a test file, and the view of the test at hand. */
export interface ViewTests {
  /** The view that this test opened last. */
  readonly view: View;
  /** Closed when the test ends. */
  open(name: string, options?: ViewOptions): Promise<View>;
}

/** One browser for all tests of a file, each test's views closed after it. To be called once, outside the tests. */
export function viewTests(): ViewTests {
  let browser: Browser | undefined;
  let opened: View[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const view of opened) await view.close();
    opened = [];
  });
  return {
    get view() {
      const view = opened.at(-1);
      if (!view) throw new Error("The test has opened no view.");
      return view;
    },
    async open(name, options) {
      if (!browser) throw new Error("There is no browser outside the tests.");
      const view = await View.open(browser, name, options);
      opened.push(view);
      return view;
    },
  };
}
