import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromium } from "playwright-core";
import fs from "node:fs";
import path from "node:path";
import type { ErrorData } from "../../src/contract/errors";
import type { ToHost, ToView } from "../../src/contract/view";
import type { ThemeName } from "./themes";
import { bundle } from "./bundle";
import { themeOf } from "./themes";

const origin = "https://view.test";
const shots = path.resolve(import.meta.dirname, "../../test-results/view");

/** Where a Chromium is, on the machines this runs on. */
function browserPath(): string {
  const known = [
    process.env["CHROME_PATH"],
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ];
  const found = known.find((file) => file !== undefined && fs.existsSync(file));
  if (!found) throw new Error("No Chromium or Chrome was found; set CHROME_PATH to one.");
  return found;
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browserPath(),
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
  });
}

/** What a fake host does with a call: a value, or a thrown `HostError`; `progress` may be used on the way. */
export type Handler = (params: never, progress: (value: unknown) => Promise<void>) => unknown;

export class HostError extends Error {
  constructor(readonly data: ErrorData) {
    super(data.message);
  }
}

export interface ViewOptions {
  theme?: ThemeName;
  width?: number;
  height?: number;
  language?: string;
  handlers?: Record<string, Handler>;
  /** Snapshots sent when the view says that it listens. */
  events?: Record<string, unknown>;
  /** What an earlier life of the view stored. */
  stored?: unknown;
  reducedMotion?: boolean;
}

/** One view alone in a browser, with a host that a test plays. */
export class View {
  readonly calls: { method: string; params: unknown }[] = [];
  readonly cancelled: number[] = [];
  /** Addresses the page asked for beyond its own files. */
  readonly strayRequests: string[] = [];
  readonly faults: string[] = [];
  private readonly handlers: Record<string, Handler>;

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly options: ViewOptions,
  ) {
    this.handlers = {
      copy: () => null,
      log: () => null,
      openExternal: () => null,
      openInstrument: () => null,
      ...options.handlers,
    };
  }

  static async open(browser: Browser, name: string, options: ViewOptions = {}): Promise<View> {
    const { width = 340, height = 720, theme = "dark", language = "en", reducedMotion = false } = options;
    const files = await bundle(name);
    const context = await browser.newContext({
      viewport: { width, height },
      reducedMotion: reducedMotion ? "reduce" : "no-preference",
    });
    const page = await context.newPage();
    const view = new View(page, context, options);
    page.on("pageerror", (error) => view.faults.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") view.faults.push(message.text());
    });
    await page.route("**/*", (route) => {
      const url = new URL(route.request().url());
      const file = files.get(url.pathname.slice(1));
      if (url.origin === origin && url.pathname === "/") {
        return route.fulfill({ contentType: "text/html", body: html(name, theme, language) });
      }
      if (url.origin === origin && file)
        return route.fulfill({ contentType: type(url.pathname), body: Buffer.from(file) });
      view.strayRequests.push(url.href);
      return route.abort();
    });
    await page.exposeFunction("toHost", (message: ToHost) => view.receive(message));
    await page.addInitScript((stored: unknown) => {
      let state = stored;
      const send = (window as unknown as { toHost(message: unknown): void }).toHost;
      const api = {
        postMessage: (message: unknown) => send(message),
        getState: () => state,
        setState: (next: unknown) => {
          state = next;
          (window as unknown as { storedState: unknown }).storedState = next;
        },
      };
      Object.assign(window, { vitrineApi: api });
    }, options.stored);
    await page.goto(`${origin}/`);
    return view;
  }

  private async receive(message: ToHost): Promise<void> {
    if (message.kind === "ready") {
      for (const [name, value] of Object.entries(this.options.events ?? {})) await this.event(name, value);
      return;
    }
    if (message.kind === "cancel") return void this.cancelled.push(message.id);
    const { id, method, params } = message;
    this.calls.push({ method, params });
    try {
      const handler = this.handlers[method];
      if (!handler) throw new HostError({ code: "badArgument", message: `The test's host has no ${method}.` });
      const progress = (value: unknown): Promise<void> => this.send({ kind: "progress", id, value });
      await this.send({ kind: "result", id, value: await handler(params as never, progress) });
    } catch (thrown) {
      const error: ErrorData =
        thrown instanceof HostError
          ? thrown.data
          : { code: "internal", message: thrown instanceof Error ? thrown.message : String(thrown) };
      await this.send({ kind: "error", id, error });
    }
  }

  async send(message: ToView): Promise<void> {
    if (this.page.isClosed()) return;
    await this.page.evaluate((data) => window.dispatchEvent(new MessageEvent("message", { data })), message);
  }

  /** Pushes a snapshot. */
  event(name: string, value: unknown): Promise<void> {
    return this.send({ kind: "event", name, value });
  }

  on(method: string, handler: Handler): void {
    this.handlers[method] = handler;
  }

  /** The parameters of each call of `method` so far. */
  of<T = unknown>(method: string): T[] {
    return this.calls.filter((call) => call.method === method).map((call) => call.params as T);
  }

  stored(): Promise<unknown> {
    return this.page.evaluate(() => (window as unknown as { storedState: unknown }).storedState);
  }

  async shot(name: string): Promise<void> {
    fs.mkdirSync(shots, { recursive: true });
    await this.page.screenshot({ path: path.join(shots, `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

function type(file: string): string {
  return file.endsWith(".css") ? "text/css" : file.endsWith(".js") ? "text/javascript" : "font/ttf";
}

/** The page as the host writes it, with the policy and the default styles of a VS Code webview. */
function html(view: string, theme: ThemeName, language: string): string {
  const { kind, style } = themeOf(theme);
  const policy = [
    "default-src 'none'",
    "script-src 'nonce-n'",
    // VS Code's own default styles are the one inline sheet of the page.
    `style-src ${origin} 'nonce-n'`,
    `font-src ${origin}`,
    `img-src ${origin} data: blob:`,
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<title>${view}</title>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="n">:root { ${style} }
html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
body { overscroll-behavior-x: none; background-color: transparent; color: var(--vscode-editor-foreground);
 font-family: var(--vscode-font-family); font-weight: var(--vscode-font-weight); font-size: var(--vscode-font-size); margin: 0; padding: 0 20px; }
html { background: var(--vscode-${view === "chat" ? "sideBar" : "editor"}-background); }
a, a code { color: var(--vscode-textLink-foreground); }
code { font-family: monospace; color: var(--vscode-textPreformat-foreground); background-color: var(--vscode-textPreformat-background); padding: 1px 3px; border-radius: 4px; }
pre code { padding: 0; }
input:not([type='checkbox']) { }</style>
<link rel="stylesheet" href="/${view}.css">
</head>
<body class="${kind}" data-vscode-theme-kind="${kind}" data-view="${view}">
<div id="root"></div>
<script nonce="n" src="/${view}.js"></script>
</body>
</html>`;
}
