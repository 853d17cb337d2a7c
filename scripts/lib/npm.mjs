// npm, whatever the person's own configuration says.
import fs from "node:fs";
import path from "node:path";
import { onPath, run } from "./run.mjs";
import { Plain } from "./say.mjs";

// Spelled out, because a user-level .npmrc may turn any of them the other way and break the set-up.
const steady = [
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--no-global",
  "--no-dry-run",
  "--no-package-lock-only",
  "--no-legacy-peer-deps",
  "--no-strict-peer-deps",
  "--no-engine-strict",
  "--no-json",
  "--workspaces=false",
  "--install-strategy=hoisted",
  "--include=optional",
  "--loglevel=error",
];

/**
 * The command that starts npm: the one that runs this script where there is one, else the one on PATH.
 * @returns {[string, string[]]} a program and its first arguments
 */
function npmCommand() {
  const own = process.env.npm_execpath;
  if (own && path.basename(own).startsWith("npm") && fs.existsSync(own)) return [process.execPath, [own]];
  // npm-cli.js beside the node that runs us: spares Windows' npm.cmd, which cannot be spawned without a shell.
  const folder = path.dirname(process.execPath);
  const beside = [
    path.join(folder, "node_modules"),
    path.join(folder, "..", "lib", "node_modules"),
    path.join(folder, "..", "share", "nodejs"),
  ]
    .map((modules) => path.join(modules, "npm", "bin", "npm-cli.js"))
    .find((file) => fs.existsSync(file));
  if (beside) return [process.execPath, [beside]];
  const found = onPath("npm");
  if (!found) throw new Plain("npm was not found. Install Node.js 20 or newer with npm, then try again.");
  return [found, []];
}

/** The environment without what an outer `npm start` or `npm test` put there about itself. */
function ownEnvironment(extra) {
  const environment = { ...process.env, ...extra };
  for (const name of Object.keys(environment)) {
    if (/^npm_(package|lifecycle|config_(local_prefix|prefix|global_prefix|dry_run|omit|only|production))/i.test(name))
      delete environment[name];
  }
  // A production setting would leave out the development dependencies.
  delete environment.NODE_ENV;
  return environment;
}

/**
 * Runs npm in a folder.
 * @param {string[]} args the npm command and its arguments
 * @param {{ cwd: string, env?: Record<string, string>, show?: boolean, scripts?: boolean, allowFailure?: boolean }} options
 *   scripts: let packages run their install scripts (npm rebuild needs it)
 */
export async function npm(args, { cwd, env = {}, show = false, scripts = false, allowFailure = false }) {
  const [program, first] = npmCommand();
  const flags = scripts ? steady.map((flag) => (flag === "--ignore-scripts" ? "--no-ignore-scripts" : flag)) : steady;
  return run(program, [...first, ...args, ...flags], { cwd, env: ownEnvironment(env), show, allowFailure });
}
