import { mkdir } from "node:fs/promises";
import type { BrowserContext } from "playwright-core";
import { errorData, fail } from "../../../contract/errors";
import type { OperatorBrowser } from "../browser";
import type { Sites } from "../sites";
import { browserFile } from "./findBrowser";
import { PlaywrightBrowser } from "./page";
import { startProxy } from "./proxy";

export interface LaunchOptions {
  /** Program that a person set; found where it is empty. */
  program?: string;
  /** The browser's own profile: never the user's. */
  profile: string;
  headless: boolean;
  /** Folder that downloads which were asked for are saved in. */
  downloads: string;
  /** Bytes that one connection may bring in. */
  limit?: number;
  /** Milliseconds that a page and an action may take. */
  pageMs?: number;
  actionMs?: number;
}

const view = { width: 1280, height: 800 };

/** Starts the user's browser with a profile of its own, behind a door that reaches only what the sites allow. */
export async function launchBrowser(options: LaunchOptions, sites: Sites): Promise<OperatorBrowser> {
  const { chromium } = await import("playwright-core");
  const program = browserFile(options.program);
  await mkdir(options.profile, { recursive: true });
  const refused: string[] = [];
  const proxy = await startProxy({
    reaches: (host, port, address) => sites.reaches(host, port, address),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    onRefused: (host, why) => {
      if (refused.length < 20) refused.push(`The connection to ${host} was refused: ${why}.`);
    },
  });
  const root = process.platform === "linux" && process.getuid?.() === 0;
  let context: BrowserContext;
  try {
    context = await chromium.launchPersistentContext(options.profile, {
      executablePath: program,
      headless: options.headless,
      // Chromium's own sandbox stays on wherever it can run: it cannot for root on Linux.
      chromiumSandbox: !root,
      proxy: { server: proxy.server, username: proxy.username, password: proxy.password },
      viewport: view,
      acceptDownloads: true,
      serviceWorkers: "block",
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      timeout: 60_000,
      args: [
        "--disable-dev-shm-usage",
        "--dns-prefetch-disable",
        "--no-first-run",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
      ],
    });
  } catch (error) {
    await proxy.close();
    const reason = errorData(error).message.split("\n")[0] ?? "";
    return fail("internal", `The browser did not start: ${reason}`, {
      remedy: "See that it starts by itself, or set another in vitrine.operator.browser.",
      cause: error,
    });
  }
  return PlaywrightBrowser.over(context, {
    sites,
    headless: options.headless,
    view,
    downloads: options.downloads,
    refused,
    pageMs: options.pageMs ?? 20_000,
    actionMs: options.actionMs ?? 8_000,
    release: () => proxy.close(),
  });
}
