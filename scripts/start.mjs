// Opens Vitrine with a sample workspace: node scripts/start.mjs [--port N] [--no-open] [--browser] [--locale zh-cn] [--restricted]
// In VS Code where `code` is on the PATH, else in a VS Code that runs in the browser, on this machine's loopback address only.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureCodeServer, installExtension, startCodeServer } from "./lib/codeServer.mjs";
import { cache, root, sampleWorkspace } from "./lib/paths.mjs";
import { onPath, run } from "./lib/run.mjs";
import { main, Plain, say } from "./lib/say.mjs";
import { packageExtension } from "./package.mjs";
import { ensureDependencies } from "./setup.mjs";

const home = path.join(cache, "start");

main(async () => {
  const { values } = parseArgs({
    options: {
      port: { type: "string" },
      "no-open": { type: "boolean", default: false },
      browser: { type: "boolean", default: false },
      locale: { type: "string" },
      restricted: { type: "boolean", default: false },
    },
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536))
    throw new Plain(`--port wants a number from 1 to 65535, not ${values.port}.`);
  say("Setting up Vitrine...");
  await ensureDependencies();
  const workspace = freshWorkspace();
  const code = values.browser ? undefined : onPath("code");
  if (code) await openDesktop(code, workspace, values);
  else await serve(workspace, { ...values, port, open: !values["no-open"] });
});

/** The sample workspace, copied out of the sources, so that what an agent writes there does not end up in a commit. */
function freshWorkspace() {
  const folder = path.join(home, "workspace");
  if (!fs.existsSync(folder)) fs.cpSync(sampleWorkspace, folder, { recursive: true });
  return folder;
}

/**
 * Opens the desktop VS Code with a profile of its own: a person's settings and extensions stay as they are.
 * @param {string} code
 * @param {string} workspace
 * @param {{ "no-open": boolean, locale?: string, restricted: boolean }} options
 */
async function openDesktop(code, workspace, { "no-open": noOpen, locale, restricted }) {
  say("Building the extension...");
  await run(process.execPath, [path.join(root, "esbuild.js")], { cwd: root });
  const profile = path.join(home, "desktop");
  writeSettings(profile);
  const args = [
    "--new-window",
    `--extensionDevelopmentPath=${root}`,
    `--user-data-dir=${profile}`,
    `--extensions-dir=${path.join(home, "desktop-extensions")}`,
    ...(locale ? [`--locale=${locale}`] : []),
    ...(restricted ? [] : ["--disable-workspace-trust"]),
    workspace,
  ];
  if (noOpen) {
    say(`Ready. To open it: ${code} ${args.map((each) => JSON.stringify(each)).join(" ")}`);
    return;
  }
  say("Opening VS Code...");
  const windows = process.platform === "win32";
  // Windows' `code` is a batch file, which only a shell can start.
  const child = windows
    ? spawn([code, ...args].map((each) => `"${each}"`).join(" "), { shell: true, stdio: "inherit" })
    : spawn(code, args, { stdio: "inherit" });
  await new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Plain(`VS Code did not start: ${error.message}`)));
    child.on("close", resolve);
  });
  say("VS Code is open. Click the Vitrine icon in the activity bar to begin.");
}

/**
 * Serves a VS Code to the browser until Ctrl-C.
 * @param {string} workspace
 * @param {{ port?: number, open: boolean, locale?: string, restricted: boolean }} options
 */
async function serve(workspace, { port, open, locale, restricted }) {
  await ensureCodeServer();
  say("Building and packing the extension...");
  const { vsix } = await packageExtension();
  const profile = path.join(home, "server");
  const extensions = path.join(home, "server-extensions");
  writeSettings(profile);
  say("Installing it into VS Code...");
  await installExtension({ vsix, profile, extensions });
  const server = await startCodeServer({ profile, extensions, port, locale, trustEverything: !restricted });
  const address = server.url(workspace);
  say("\nVitrine is running in VS Code. Open this address (it works on this machine only):\n");
  console.log(address);
  say("\nClick the Vitrine icon in the activity bar to begin. Press Ctrl-C here to stop.");
  if (open) openInBrowser(address);
  await Promise.race([server.exited, interrupted()]);
  say("\nStopping...");
  await server.stop();
}

/** A quiet first window: no welcome pages, no other assistant's side bar. Written once; a person's changes stay. */
function writeSettings(profile) {
  const file = path.join(profile, "User", "settings.json");
  if (fs.existsSync(file)) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const settings = {
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": true,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoCheckUpdates": false,
  };
  fs.writeFileSync(file, `${JSON.stringify(settings, null, 2)}\n`);
}

function openInBrowser(address) {
  const opener =
    { darwin: "open", win32: "explorer" }[process.platform] ??
    (process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? onPath("xdg-open") : undefined);
  if (!opener) return;
  const child = spawn(opener, [address], { stdio: "ignore", detached: true });
  // The address is printed; without a browser that opens by itself a person copies it.
  child.on("error", () => say("No browser could be opened; please open the address yourself."));
  child.unref();
}

function interrupted() {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, resolve);
  });
}
