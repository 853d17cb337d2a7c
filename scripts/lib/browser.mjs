// A browser for the tests: an installed Chrome, Chromium or Edge; on Debian as root, Chromium through apt.
import fs from "node:fs";
import path from "node:path";
import { onPath, run } from "./run.mjs";
import { duration, Plain, say } from "./say.mjs";

/** The full path of an installed Chrome, Chromium or Edge, or undefined. VITRINE_BROWSER names one outright. */
export function findBrowser() {
  const named = process.env.VITRINE_BROWSER;
  if (named) {
    if (!fs.existsSync(named)) throw new Plain(`VITRINE_BROWSER names ${named}, which is not there.`);
    return named;
  }
  const found = onPath(
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
  );
  return found ?? usualPlaces().find((file) => fs.existsSync(file));
}

function usualPlaces() {
  if (process.platform === "darwin") {
    return ["Google Chrome", "Chromium", "Microsoft Edge"].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (process.platform === "win32") {
    const folders = [process.env.ProgramFiles, process.env["ProgramFiles(x86)"], process.env.LOCALAPPDATA].flatMap(
      (folder) => folder ?? [],
    );
    return folders.flatMap((folder) => [
      path.join(folder, "Google", "Chrome", "Application", "chrome.exe"),
      path.join(folder, "Microsoft", "Edge", "Application", "msedge.exe"),
    ]);
  }
  return [];
}

/** A browser, installed first where that can be done without asking (Debian, root). */
export async function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  const apt = onPath("apt-get");
  if (!apt || process.getuid?.() !== 0) {
    throw new Plain(
      "The tests drive a browser, and none was found. Install Chromium, Chrome or Edge (or name one in VITRINE_BROWSER), then try again.",
    );
  }
  say("Installing Chromium for the tests (apt-get)...");
  const started = Date.now();
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run(apt, ["update", "-q"], { env });
  await run(apt, ["install", "-qy", "--no-install-recommends", "chromium", "fonts-dejavu-core"], { env });
  const installed = findBrowser();
  if (!installed) throw new Plain("apt-get installed chromium, but no browser was found on the PATH.");
  say(`Chromium is there after ${duration(Date.now() - started)}.`);
  return installed;
}
