import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bundleHostSuite } from "../../scripts/lib/hostSuite.mjs";
import { root } from "../../scripts/lib/paths.mjs";
import type { HostResult } from "./host/index";
import { VsCode, type VsCodeOptions } from "./vscode";

/** Runs the suite inside the extension host of a real VS Code with the packed extension, and returns how each test ended. */
export async function runHostSuite(options: VsCodeOptions = {}): Promise<HostResult[]> {
  const suite = await bundleHostSuite();
  const vscode = await VsCode.prepare({ ...options, testDriver: true });
  try {
    const results = path.join(vscode.home, "results.json");
    let log = "";
    const exit = new Promise<number>((resolve) => {
      void vscode.page.exposeFunction("codeAutomationExit", resolve);
    });
    await vscode.page.exposeFunction("codeAutomationLog", (_type: string, values: unknown[]) => {
      log += `${values.join(" ")}\n`;
    });
    await vscode.page.goto(address(vscode, suite, results));
    const code = await Promise.race([exit, sleep(300_000, undefined, { ref: false })]);
    if (code === undefined) throw new Error(`the suite did not end within 5 minutes\n${log}\n${vscode.server.log()}`);
    if (!fs.existsSync(results)) throw new Error(`the suite ended with ${code} and left no results\n${log}`);
    return JSON.parse(fs.readFileSync(results, "utf8")) as HostResult[];
  } finally {
    await vscode.close();
  }
}

function address({ server, workspace }: VsCode, suite: string, results: string): string {
  const remote = (file: string) => `vscode-remote://127.0.0.1:${server.port}${file}`;
  return server.url(workspace, [
    ["extensionDevelopmentPath", remote(path.join(root, "test", "product", "harness"))],
    ["extensionTestsPath", remote(suite)],
    ["extensionEnvironment", JSON.stringify({ VITRINE_HOST_RESULTS: results })],
    ["skipWelcome", "true"],
  ]);
}
