import path from "node:path";
import { Operator } from "../agent/operator/operator";
import { launchBrowser } from "../agent/operator/playwright/launch";
import { Sites } from "../agent/operator/sites";
import type { CommandContext, OptionSpecs } from "./command";
import { dataFolder } from "./folders";

export const browserOptions: OptionSpecs = {
  browser: { type: "string", help: "lend the agent a browser: its window hidden or visible", value: "hidden|visible" },
  "browser-program": { type: "string", help: "Chrome, Chromium or Edge (found where it is not given)", value: "FILE" },
  sites: { type: "string", help: "sites the browser opens without asking, with commas between", value: "LIST" },
};

/** The operator of `--browser`; undefined without that option. Its profile is its own. */
export function cliBrowser(context: CommandContext, folder: string): Operator | undefined {
  const shown = context.options.choice("browser", ["hidden", "visible"]);
  if (shown === undefined) return undefined;
  const list = (context.options.text("sites") ?? "").split(",").filter((site) => site.trim() !== "");
  const program = context.options.text("browser-program");
  return new Operator({
    sites: new Sites(list),
    launch: (sites) =>
      launchBrowser(
        {
          profile: path.join(dataFolder(), "browser"),
          headless: shown === "hidden",
          downloads: path.join(folder, ".vitrine", "downloads"),
          ...(program === undefined ? {} : { program }),
        },
        sites,
      ),
  });
}
