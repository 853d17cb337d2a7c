// A real VS Code that runs in a browser, without a download from outside the package registry: the VS Code server inside the
// code-server package, started directly. code-server's own HTTP layer and its native modules are not needed.
import crypto from "node:crypto";
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { npm } from "./npm.mjs";
import { cache } from "./paths.mjs";
import { run } from "./run.mjs";
import { duration, Plain, say } from "./say.mjs";
import { toolNode } from "./toolNode.mjs";

const version = "4.139.1";
const integrity = "sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==";
const home = path.join(cache, "code-server");
const server = path.join(home, "package", "lib", "vscode");
const entry = path.join(server, "out", "server-main.js");
const stamp = path.join(home, "installed.json");

/** Installs the VS Code server into .cache/code-server on first use. */
export async function ensureCodeServer() {
  if (process.platform === "win32") {
    throw new Plain(
      "The VS Code server does not run on Windows. Install VS Code and put `code` on the PATH, then try again.",
    );
  }
  const node = await toolNode();
  if (fs.existsSync(stamp) && JSON.parse(fs.readFileSync(stamp, "utf8")).version === version) return;
  say("Bringing VS Code for the browser (code-server, into .cache/code-server); the first time this takes a minute...");
  const started = Date.now();
  fs.rmSync(home, { recursive: true, force: true });
  fs.mkdirSync(home, { recursive: true });
  fs.writeFileSync(path.join(home, "package.json"), '{ "name": "tool-code-server", "private": true }\n');
  const archive = path.join(home, `code-server-${version}.tgz`);
  await npm(["pack", `code-server@${version}`, "--pack-destination", home], { cwd: home, env: node.env });
  const found = `sha512-${crypto.createHash("sha512").update(fs.readFileSync(archive)).digest("base64")}`;
  if (found !== integrity) throw new Plain(`code-server ${version} is not the package that was expected (${found}).`);
  await run("tar", ["-xzf", archive], { cwd: home });
  fs.rmSync(archive);
  // Its shrinkwrap is out of step with its package.json, so `npm ci` refuses.
  await npm(["install", "--omit=dev"], { cwd: server, env: node.env });
  // Without a compiler both may stay unbuilt: the server then runs with empty output channels and without its watchdog.
  const native = await npm(["rebuild", "@vscode/spdlog", "@vscode/native-watchdog"], {
    cwd: server,
    env: node.env,
    scripts: true,
    allowFailure: true,
  });
  if (native.code !== 0)
    say(
      "Two native modules of the server could not be built here (is a C++ compiler installed?): its output channels stay empty.",
    );
  fs.writeFileSync(stamp, JSON.stringify({ version, native: native.code === 0 }));
  say(`VS Code for the browser is there after ${duration(Date.now() - started)}.`);
}

/** A TCP port on the loopback address that is free now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {net.AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Starts the VS Code server on the loopback address, behind a connection token, and waits until it answers.
 * @param {object} options
 * @param {string} options.profile folder for user data, settings and logs
 * @param {string} options.extensions folder the extensions are installed in
 * @param {number} [options.port]
 * @param {boolean} [options.trustEverything] switch Workspace Trust off
 * @param {boolean} [options.testDriver] the smoke-test driver: lets a test load a suite into the extension host, hides toasts
 * @param {Record<string, string | undefined>} [options.env] variables for the server and the extension host; undefined removes one
 * @param {string} [options.locale]
 * @returns {Promise<{ port: number, token: string, url: (folder: string, payload?: string[][]) => string, exited: Promise<void>, stop: () => Promise<void>, log: () => string }>}
 */
export async function startCodeServer({
  profile,
  extensions,
  port,
  trustEverything = false,
  testDriver = false,
  env = {},
  locale,
}) {
  const node = await toolNode();
  const listen = port ?? (await freePort());
  const token = crypto.randomBytes(16).toString("hex");
  fs.mkdirSync(profile, { recursive: true });
  fs.mkdirSync(extensions, { recursive: true });
  // In a file, not in the arguments, which every user of the machine can read.
  const tokenFile = path.join(profile, "connection-token");
  fs.writeFileSync(tokenFile, token, { mode: 0o600 });
  const args = [
    entry,
    "--host=127.0.0.1",
    `--port=${listen}`,
    `--connection-token-file=${tokenFile}`,
    "--accept-server-license-terms",
    `--server-data-dir=${profile}`,
    `--user-data-dir=${profile}`,
    `--extensions-dir=${extensions}`,
    "--telemetry-level=off",
  ];
  if (trustEverything) args.push("--disable-workspace-trust");
  if (testDriver) args.push("--enable-smoke-test-driver");
  if (locale) args.push(`--locale=${locale}`);
  const child = spawn(node.program, args, {
    cwd: profile,
    env: serverEnvironment({ ...env, PATH: node.env.PATH }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log += chunk));
  /** @type {Promise<void>} */
  const exited = new Promise((resolve) => child.on("close", () => resolve()));
  const stop = async () => {
    // The server ends its extension hosts, and they their engines; each of them also ends when what started it is gone.
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 5000);
    await exited;
    clearTimeout(late);
  };
  await answering(listen, exited, () => log, stop);
  return {
    port: listen,
    token,
    exited,
    stop,
    log: () => log,
    url: (folder, payload) => address(listen, token, folder, payload),
  };
}

/** Installs a .vsix into an extensions folder. */
export async function installExtension({ vsix, profile, extensions }) {
  const node = await toolNode();
  fs.mkdirSync(profile, { recursive: true });
  fs.mkdirSync(extensions, { recursive: true });
  const args = [
    entry,
    "--install-extension",
    vsix,
    "--force",
    `--extensions-dir=${extensions}`,
    `--server-data-dir=${profile}`,
    `--user-data-dir=${profile}`,
  ];
  const { output } = await run(node.program, args, { cwd: profile, env: serverEnvironment({ PATH: node.env.PATH }) });
  if (!/successfully installed/.test(output)) throw new Plain(`The extension was not installed:\n${output}`);
}

function serverEnvironment(extra) {
  // Calls to a gallery are switched off: nothing is fetched behind a person's back.
  const gallery = JSON.stringify({ serviceUrl: "", itemUrl: "", resourceUrlTemplate: "" });
  const environment = { ...process.env, EXTENSIONS_GALLERY: gallery, ...extra };
  for (const name of Object.keys(environment)) {
    // What an outer VS Code, npm or test runner set for its own children.
    if (
      environment[name] === undefined ||
      /^(VSCODE_|ELECTRON_|npm_|VITEST)/.test(name) ||
      name === "NODE_OPTIONS" ||
      name === "NODE_ENV"
    ) {
      delete environment[name];
    }
  }
  return environment;
}

async function answering(port, exited, log, stop) {
  const deadline = Date.now() + 60_000;
  let gone = false;
  exited.then(() => (gone = true));
  while (Date.now() < deadline) {
    if (gone) throw new Plain(`The VS Code server ended at once:\n${log().slice(-4000)}`);
    const answer = await fetch(`http://127.0.0.1:${port}/version`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Plain(`The VS Code server did not answer within a minute:\n${log().slice(-4000)}`);
}

function address(port, token, folder, payload) {
  const query = new URLSearchParams({ tkn: token, folder });
  if (payload) query.set("payload", JSON.stringify(payload));
  return `http://127.0.0.1:${port}/?${query}`;
}
