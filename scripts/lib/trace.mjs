// Which files of node_modules the outputs need at run time. Packages that stay outside the bundles are followed import by import,
// so that what a package carries for its own command line or for building from source is left out.
import { build } from "esbuild";
import fs from "node:fs";
import path from "node:path";

// What a VSIX target is called by the packages that carry natives. The CUDA builds are left out: hundreds of megabytes each.
const natives = {
  "linux-x64": [
    "@node-llama-cpp/linux-x64",
    "@node-llama-cpp/linux-x64-vulkan",
    "@koromix/koffi-linux-x64",
    "@lancedb/lancedb-linux-x64-gnu",
  ],
  "linux-arm64": ["@node-llama-cpp/linux-arm64", "@koromix/koffi-linux-arm64", "@lancedb/lancedb-linux-arm64-gnu"],
  "darwin-arm64": ["@node-llama-cpp/mac-arm64-metal", "@koromix/koffi-darwin-arm64", "@lancedb/lancedb-darwin-arm64"],
  "darwin-x64": ["@node-llama-cpp/mac-x64", "@koromix/koffi-darwin-x64"],
  "win32-x64": [
    "@node-llama-cpp/win-x64",
    "@node-llama-cpp/win-x64-vulkan",
    "@koromix/koffi-win32-x64",
    "@lancedb/lancedb-win32-x64-msvc",
  ],
  "win32-arm64": ["@node-llama-cpp/win-arm64", "@koromix/koffi-win32-arm64", "@lancedb/lancedb-win32-arm64-msvc"],
};

/** The packages with native code that a target's package carries. */
export function nativesOf(target) {
  return natives[target] ?? [];
}

/** The targets that can be packed. */
export const targets = Object.keys(natives);

// The export conditions Node uses beside "node" and "import" or "require": none before 22.10, "module-sync" since. Without this list
// esbuild would follow "module", which Node never does.
const nodeConditions = [[], ["module-sync"]];

// Read at run time by path, which following imports cannot see.
const readByPath = {
  "playwright-core": ["browsers.json"],
  "node-llama-cpp": ["llama/binariesGithubRelease.json", "llama/llama.cpp.info.json", "llama/grammars"],
};

/**
 * The files, relative to the folder that holds node_modules, that these imports need.
 * @param {{ path: string, kind: string }[]} external imports left outside the bundles, with esbuild's kind
 * @param {{ modules: string, target: string }} options modules: the folder that holds node_modules
 * @returns {Promise<string[]>} sorted, with each package's package.json and licence
 */
export async function trace(external, { modules, target }) {
  const loads = external.filter((each) => each.path !== "vscode").map(statement);
  if (loads.length === 0) return [];
  const inputs = await Promise.all(nodeConditions.map((conditions) => follow(loads.join("\n"), modules, conditions)));
  const files = new Set(inputs.flat().filter((file) => file.startsWith("node_modules/")));
  const reached = new Set([...files].map(packageOf));
  const scopes = new Set(
    ["koffi", "node-llama-cpp", "@lancedb/lancedb"].filter((name) => reached.has(`node_modules/${name}`)),
  );
  for (const name of natives[target] ?? []) {
    const owner = { "@node-llama-cpp": "node-llama-cpp", "@koromix": "koffi", "@lancedb": "@lancedb/lancedb" }[
      name.split("/")[0]
    ];
    const folder = `node_modules/${name}`;
    if (!scopes.has(owner)) continue;
    if (!fs.existsSync(path.join(modules, folder)))
      throw new Error(`${name} is needed for ${target} and is not installed.`);
    addAll(files, modules, folder);
  }
  for (const file of [...files]) addScopes(files, modules, file);
  for (const folder of reached) {
    for (const file of fs.readdirSync(path.join(modules, folder))) {
      if (file === "package.json" || isLicence(file)) files.add(`${folder}/${file}`);
    }
    for (const extra of readByPath[folder.replace("node_modules/", "")] ?? [])
      addAll(files, modules, `${folder}/${extra}`);
  }
  return [...files].sort();
}

/** The files that a module reaches, import by import, relative to `modules`. */
async function follow(contents, modules, conditions) {
  const { metafile } = await build({
    absWorkingDir: modules,
    stdin: { contents, resolveDir: modules, sourcefile: "loads.mjs" },
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions,
    outdir: path.join(modules, "nowhere"),
    loader: { ".node": "file" },
    external: ["@node-llama-cpp/*", "@koromix/*", "@lancedb/lancedb-*"],
    logLevel: "silent",
  });
  return Object.keys(metafile.inputs);
}

/** Whether a file name is that of a licence or notice. */
export function isLicence(file) {
  return /^(licen[cs]e|notice|copying)/i.test(file);
}

/** "node_modules/a/node_modules/@b/c" for any file in that package. */
export function packageOf(file) {
  const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file);
  if (!found) throw new Error(`${file} lies in no package.`);
  return found[0];
}

function statement({ path: name, kind }) {
  const quoted = JSON.stringify(name);
  return kind.startsWith("require") ? `require(${quoted});` : `import(${quoted});`;
}

/** Adds each package.json between a file and its package's root: it says whether the file is an ES module. */
function addScopes(files, modules, file) {
  const end = packageOf(file);
  for (let folder = path.posix.dirname(file); folder.startsWith(end); folder = path.posix.dirname(folder)) {
    if (fs.existsSync(path.join(modules, folder, "package.json"))) files.add(`${folder}/package.json`);
  }
}

function addAll(files, modules, place) {
  const full = path.join(modules, place);
  if (!fs.statSync(full).isDirectory()) {
    files.add(place);
    return;
  }
  for (const entry of fs.readdirSync(full, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files.add(path.relative(modules, path.join(entry.parentPath ?? entry.path, entry.name)).replaceAll(path.sep, "/"));
  }
}
