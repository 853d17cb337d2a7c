// Brings a fresh clone to the state in which everything else works: the packages of package-lock.json, no more.
// Uses Node's own modules only, because nothing else is there yet.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { npm } from "./lib/npm.mjs";
import { root } from "./lib/paths.mjs";
import { duration, main, Plain, say } from "./lib/say.mjs";

/** Installs the packages of package-lock.json where node_modules is missing or out of step with it. */
export async function ensureDependencies() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) throw new Plain(`Vitrine needs Node.js 20 or newer; this is ${process.version}.`);
  const reason = outOfStep();
  if (!reason) return;
  say(`Installing the packages (${reason}); the first time this takes a minute or two...`);
  const started = Date.now();
  await npm(["ci", "--include=dev"], { cwd: root });
  const still = outOfStep();
  if (still) throw new Plain(`npm ci ended well, but ${still}.`);
  say(`Packages installed in ${duration(Date.now() - started)}.`);
}

/**
 * Why node_modules does not hold what package-lock.json says, or undefined where it does. npm writes what it installed to
 * node_modules/.package-lock.json; packages for other platforms are optional and missing there.
 */
function outOfStep() {
  const modules = path.join(root, "node_modules");
  const installedFile = path.join(modules, ".package-lock.json");
  if (!fs.existsSync(installedFile)) return "they are not there yet";
  const installed = JSON.parse(fs.readFileSync(installedFile, "utf8")).packages;
  const wanted = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  for (const [place, { version, optional, peer }] of Object.entries(wanted)) {
    if (place === "" || installed[place]?.version === version) continue;
    if (!installed[place] && (optional || peer)) continue;
    return `${place.replace(/^.*node_modules\//, "")} ${version} is missing`;
  }
  return undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(ensureDependencies);
