import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { ensureBrowser } from "../../scripts/lib/browser.mjs";
import { ensureCodeServer, installExtension } from "../../scripts/lib/codeServer.mjs";
import { packageExtension } from "../../scripts/package.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** The browser's program. */
    browser: string;
    /** Folder with the packed extension installed. */
    extensions: string;
  }
}

/** Packs the extension as it would be published and installs it once; every spec starts VS Code on that installation. */
export async function setup(project: TestProject): Promise<() => void> {
  const browser = await ensureBrowser();
  await ensureCodeServer();
  const { vsix } = await packageExtension();
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "vitrine-ext-"));
  const extensions = path.join(home, "extensions");
  await installExtension({ vsix, profile: path.join(home, "profile"), extensions });
  project.provide("browser", browser);
  project.provide("extensions", extensions);
  return () => fs.rmSync(home, { recursive: true, force: true });
}
