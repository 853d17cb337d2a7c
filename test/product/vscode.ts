import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { inject } from "vitest";
import { freePort, startCodeServer } from "../../scripts/lib/codeServer.mjs";
import { root, testResults } from "../../scripts/lib/paths.mjs";
import { Workbench } from "./pages/workbench";

type Server = Awaited<ReturnType<typeof startCodeServer>>;

export interface VsCodeOptions {
  /** Default true: Workspace Trust is switched off. False: the workspace opens restricted. */
  trusted?: boolean;
  /** Display language, such as "zh-cn". */
  locale?: string;
  /** Settings of the user, over the quiet ones. */
  settings?: Record<string, unknown>;
  /** Files of the workspace by relative path, over the fixture's. */
  files?: Record<string, string>;
  /** The smoke-test driver, which loads suites into the extension host and hides toasts. */
  testDriver?: boolean;
  /** Variables for the extension host. */
  env?: Record<string, string>;
  /** Default "Dark Modern". */
  theme?: "Dark Modern" | "Light Modern" | "Dark High Contrast" | "Light High Contrast";
}

/** A real VS Code with the packed extension, in a folder of its own that goes away with it. */
export class VsCode {
  private constructor(
    readonly server: Server,
    readonly browser: Browser,
    readonly page: Page,
    readonly workbench: Workbench,
    /** Holds profile, home and workspace. */
    readonly home: string,
    readonly workspace: string,
    /** Errors that the page printed. */
    readonly consoleErrors: string[],
  ) {}

  static async open(options: VsCodeOptions = {}): Promise<VsCode> {
    const prepared = await VsCode.prepare(options);
    try {
      await prepared.page.goto(prepared.server.url(prepared.workspace));
      await prepared.workbench.ready();
    } catch (error) {
      await prepared.screenshot("not-ready");
      await prepared.close();
      throw error;
    }
    return prepared;
  }

  /** Everything but the first page load, so that a caller can listen first or add to the address. */
  static async prepare(options: VsCodeOptions = {}): Promise<VsCode> {
    // Short, because the sockets that the server makes in it may be no longer than 107 bytes.
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "vitrine-"));
    const workspace = path.join(home, "workspace");
    fs.cpSync(path.join(root, "samples", "workspace"), workspace, { recursive: true });
    for (const [file, text] of Object.entries(options.files ?? {})) write(path.join(workspace, file), text);
    const profile = path.join(home, "profile");
    write(
      path.join(profile, "User", "settings.json"),
      JSON.stringify({ ...quiet, "workbench.colorTheme": themes[options.theme ?? "Dark Modern"], ...options.settings }),
    );
    if (options.locale) writeLanguagePack(profile, options.locale);
    const server = await startCodeServer({
      profile,
      extensions: inject("extensions"),
      port: await freePort(),
      trustEverything: options.trusted ?? true,
      testDriver: options.testDriver ?? false,
      locale: options.locale,
      env: { ...ownFolders(home), ...options.env },
    });
    const browser = await chromium.launch({
      executablePath: inject("browser"),
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--lang=en-US"],
    });
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      colorScheme: options.theme?.startsWith("Light") ? "light" : "dark",
      locale: options.locale ?? "en-US",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    // A machine that is busy with other things may be slow; nothing here waits longer than it must.
    page.setDefaultTimeout(60_000);
    page.setDefaultNavigationTimeout(120_000);
    const consoleErrors: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") consoleErrors.push(message.text());
    });
    page.on("pageerror", (error) => consoleErrors.push(String(error)));
    return new VsCode(server, browser, page, new Workbench(page), home, workspace, consoleErrors);
  }

  /** Keeps a picture in test-results/screenshots. */
  async screenshot(name: string): Promise<void> {
    const folder = path.join(testResults, "screenshots");
    fs.mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }

  /** The text of the extension's log channel so far. */
  log(): string {
    const logs = path.join(this.home, "profile", "data", "logs");
    const folder = fs.existsSync(logs) ? logs : path.join(this.home, "profile", "logs");
    if (!fs.existsSync(folder)) return "";
    return fs
      .readdirSync(folder, { recursive: true })
      .map(String)
      .filter((file) => /vitrine/i.test(path.basename(file)) || /vitrine\.vitrine/.test(file))
      .map((file) => path.join(folder, file))
      .filter((file) => fs.statSync(file).isFile())
      .map((file) => fs.readFileSync(file, "utf8"))
      .join("\n");
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    fs.rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** The names that settings know the themes by. */
const themes = {
  "Dark Modern": "Default Dark Modern",
  "Light Modern": "Default Light Modern",
  "Dark High Contrast": "Default High Contrast",
  "Light High Contrast": "Default High Contrast Light",
};

const quiet = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "workbench.enableExperiments": false,
  "extensions.ignoreRecommendations": true,
  "workbench.reduceMotion": "on",
  // A restricted workspace opens without the question; its banner and badge stay.
  "security.workspace.trust.startupPrompt": "never",
  "telemetry.telemetryLevel": "off",
  "window.autoDetectColorScheme": false,
};

/** Nothing that a test writes lands in the home folder of whoever runs it. */
function ownFolders(home: string): Record<string, string> {
  const folders: Record<string, string> = {
    HOME: path.join(home, "home"),
    TMPDIR: path.join(home, "tmp"),
    XDG_RUNTIME_DIR: path.join(home, "run"),
    XDG_CONFIG_HOME: path.join(home, "home", ".config"),
    XDG_CACHE_HOME: path.join(home, "home", ".cache"),
    XDG_DATA_HOME: path.join(home, "home", ".local", "share"),
  };
  for (const folder of Object.values(folders)) fs.mkdirSync(folder, { recursive: true });
  return folders;
}

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

/**
 * Makes a display language known to the server. Real language packs are not in the package registry; this one has no texts of VS
 * Code's own, so the workbench stays English while extensions get their own texts in the language.
 */
function writeLanguagePack(profile: string, locale: string): void {
  const texts = path.join(profile, "language-pack.json");
  write(texts, JSON.stringify({ version: "1.0.0", contents: {} }));
  const extension = { extensionIdentifier: { id: `vitrine-test.language-pack-${locale}` }, version: "1.0.0" };
  const pack = { hash: "0", label: locale, extensions: [extension], translations: { vscode: texts } };
  write(path.join(profile, "languagepacks.json"), JSON.stringify({ [locale]: pack }));
}
