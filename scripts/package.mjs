// Packs the extension: node scripts/package.mjs [--target linux-x64] [--out FILE.vsix]
// Everything is staged first: bundles, media, the specimen, and under dist/node_modules exactly the files that the bundles load.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { npm } from "./lib/npm.mjs";
import { cache, root } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";
import { duration, main, megabytes, Plain, say } from "./lib/say.mjs";
import { toolNode } from "./lib/toolNode.mjs";
import { ensureDependencies } from "./setup.mjs";

const hostTarget = `${process.platform}-${process.arch}`;
const beside = [
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
  "media",
  "docs",
  "l10n",
  "specimen/specimen.gguf",
  "specimen/card.json",
  ".vscodeignore",
];

/**
 * Builds and packs the extension. Packing again what has not changed costs only the build.
 * @param {{ target?: string, out?: string }} [options]
 * @returns {Promise<{ vsix: string, bytes: number, files: number }>}
 */
export async function packageExtension({ target = hostTarget, out } = {}) {
  await ensureDependencies();
  // Loaded late: it needs a package that a fresh clone does not have yet.
  const { targets, trace } = await import("./lib/trace.mjs");
  const { notices } = await import("./lib/notices.mjs");
  const { sbom } = await import("./lib/sbom.mjs");
  if (!targets.includes(target))
    throw new Plain(`There is no package for ${target}; the targets are ${targets.join(", ")}.`);
  const started = Date.now();
  const home = path.join(cache, "package", target);
  const stage = path.join(home, "stage");
  fs.rmSync(stage, { recursive: true, force: true });
  fs.mkdirSync(stage, { recursive: true });

  await run(process.execPath, [path.join(root, "esbuild.js"), "--production", `--outdir=${path.join(stage, "dist")}`], {
    cwd: root,
  });
  const meta = JSON.parse(fs.readFileSync(path.join(stage, "dist", "meta.json"), "utf8"));
  const modules = await modulesFor(target, home);
  const files = await trace(
    Object.values(meta).flatMap(({ external }) => external),
    { modules, target },
  );
  for (const file of files) copy(path.join(modules, file), path.join(stage, "dist", file));
  const manifest = stageManifest(stage);
  const bundled = [...new Set(Object.values(meta).flatMap((output) => output.bundled))];
  fs.writeFileSync(path.join(stage, "THIRD_PARTY_NOTICES.md"), notices(bundled, files, modules));
  fs.writeFileSync(path.join(stage, "sbom.cdx.json"), sbom(manifest, target, bundled, files, modules));
  for (const place of beside) copy(path.join(root, place), path.join(stage, place));
  for (const file of fs.readdirSync(root).filter((each) => /^package\.nls(\.[\w-]+)?\.json$/.test(each))) {
    copy(path.join(root, file), path.join(stage, file));
  }

  const vsix = out ? path.resolve(out) : path.join(root, `${manifest.name}-${manifest.version}-${target}.vsix`);
  const digest = contents(stage);
  const stamp = path.join(home, "packed.json");
  const packed = fs.existsSync(stamp) ? JSON.parse(fs.readFileSync(stamp, "utf8")) : {};
  if (packed.digest !== digest || packed.vsix !== vsix || !fs.existsSync(vsix)) {
    const node = await toolNode();
    const vsce = path.join(root, "node_modules", "@vscode", "vsce", "vsce");
    // --no-dependencies: what is needed is staged already; vsce would add every dependency whole.
    const args = [
      vsce,
      "package",
      "--target",
      target,
      "--out",
      vsix,
      "--no-dependencies",
      "--allow-missing-repository",
      "--no-rewrite-relative-links",
    ];
    await run(node.program, args, { cwd: stage, env: { ...process.env, ...node.env } });
    fs.writeFileSync(stamp, JSON.stringify({ digest, vsix }));
  }
  const bytes = fs.statSync(vsix).size;
  say(`Packed ${path.relative(root, vsix)}: ${megabytes(bytes)}, in ${duration(Date.now() - started)}.`);
  return { vsix, bytes, files: files.length };
}

/** The folder whose node_modules hold the natives for a target: this clone's own, or an installation made for the other platform. */
async function modulesFor(target, home) {
  if (target === hostTarget) return root;
  const folder = path.join(home, "modules");
  fs.mkdirSync(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json", ".npmrc"])
    fs.copyFileSync(path.join(root, file), path.join(folder, file));
  const [os, cpu] = target.split("-");
  say(`Fetching the native packages for ${target}...`);
  await npm(["ci", "--omit=dev", `--os=${os}`, `--cpu=${cpu}`, "--libc=glibc"], { cwd: folder });
  return folder;
}

/** Writes the stage's package.json: ours, without what only a clone can use. */
function stageManifest(stage) {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  for (const key of ["scripts", "dependencies", "devDependencies", "overrides", "private"]) delete manifest[key];
  fs.writeFileSync(path.join(stage, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

function copy(from, to) {
  if (!fs.existsSync(from)) return;
  // A clone of the file where the file system can, so that staging costs little.
  fs.cpSync(from, to, { recursive: true, mode: fs.constants.COPYFILE_FICLONE, preserveTimestamps: true });
}

/** A digest of everything staged, as a name for what the package would hold. */
function contents(stage) {
  const hash = crypto.createHash("sha256");
  const entries = fs.readdirSync(stage, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => path.join(entry.parentPath ?? entry.path, entry.name)).sort();
  for (const file of files) {
    const { size, mtimeMs } = fs.statSync(file);
    hash.update(`${path.relative(stage, file)}\0${size}\0`);
    // Natives and the specimen keep their times when copied; everything else is small and read.
    if (size > 500_000) hash.update(String(mtimeMs));
    else hash.update(fs.readFileSync(file));
  }
  return hash.digest("hex");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(async () => {
    const { values } = parseArgs({ options: { target: { type: "string" }, out: { type: "string" } } });
    const { vsix } = await packageExtension(values);
    process.stdout.write(`${vsix}\n`);
  });
}
