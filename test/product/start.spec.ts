import { spawn } from "node:child_process";
import path from "node:path";
import { chromium } from "playwright-core";
import { expect, inject, test } from "vitest";
import { root } from "../../scripts/lib/paths.mjs";
import { Workbench } from "./pages/workbench";

test("`npm start` prints an address where VS Code shows the extension, and ends on Ctrl-C", async () => {
  const child = spawn(process.execPath, [path.join(root, "scripts", "start.mjs"), "--browser", "--no-open"]);
  let said = "";
  child.stderr.on("data", (chunk) => (said += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const address = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      const found = /http:\S+/.exec(String(chunk));
      if (found) resolve(found[0]);
    });
    void ended.then((code) => reject(new Error(`it ended with ${code}:\n${said}`)));
  });
  try {
    const url = await address;
    expect(new URL(url).hostname).toBe("127.0.0.1");
    // Without the token that is in the address, nobody gets in.
    expect((await fetch(new URL("/", url))).status).toBe(403);
    const browser = await chromium.launch({
      executablePath: inject("browser"),
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
    const page = await browser.newPage();
    page.setDefaultNavigationTimeout(120_000);
    await page.goto(url);
    await new Workbench(page).ready();
    await browser.close();
  } finally {
    child.kill("SIGINT");
  }
  expect(await ended).toBe(0);
});
