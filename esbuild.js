// Bundles every room into dist/: one output a runtime. A room that has no entry file is left out.
//   node esbuild.js [--watch] [--production] [--outdir=FOLDER]
// FOLDER/meta.json records what each output holds and what it imports from outside; scripts/package.mjs packs exactly that.
const esbuild = require("esbuild");
const fs = require("node:fs");
const path = require("node:path");

const root = __dirname;
const dist = path.resolve(
  root,
  process.argv.find((each) => each.startsWith("--outdir="))?.slice("--outdir=".length) ?? "dist",
);
const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");

// Native packages, and the ones that find their own files at run time: copied whole, never bundled.
const natives = ["koffi", "node-llama-cpp", "@lancedb/lancedb", "apache-arrow", "playwright-core"];

const shared = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  minify: production,
  // Names stay readable in a stack trace that a person sends us.
  keepNames: production,
  sourcemap: production ? false : "linked",
  logLevel: "warning",
  legalComments: "none",
};

// CommonJS has no import.meta; sources use import.meta.url in every room, so it is given here.
const importMetaUrl = 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;';
const commonjs = {
  format: "cjs",
  define: { "import.meta.url": "importMetaUrl" },
  banner: { js: importMetaUrl },
};
// Bundled CommonJS dependencies call require(); an ES module has none, so it is given here.
const esm = {
  format: "esm",
  banner: {
    js: 'import { createRequire as nodeCreateRequire } from "node:module"; const require = nodeCreateRequire(import.meta.url);',
  },
};

/** The builds whose entry file exists, each named after its runtime. */
function builds() {
  const node = { ...shared, platform: "node", target: "node20" };
  const wanted = [
    {
      name: "extension",
      entry: "src/host/extension.ts",
      out: "extension.js",
      options: { ...node, ...commonjs, external: ["vscode", ...natives] },
    },
    { name: "engine", entry: "src/engine/main.ts", out: "engine.mjs", options: { ...node, ...esm, external: natives } },
    {
      name: "sandbox",
      entry: "src/sandbox/main.ts",
      out: "sandbox.mjs",
      options: { ...node, ...esm, external: natives },
    },
    { name: "cli", entry: "src/cli/main.ts", out: "cli.js", options: { ...node, ...commonjs, external: natives } },
  ];
  const found = wanted
    .filter(({ entry }) => fs.existsSync(path.join(root, entry)))
    .map(({ name, entry, out, options }) => ({
      name,
      options: { ...options, entryPoints: [entry], outfile: path.join(dist, out) },
    }));
  return [...found, ...views()];
}

/** One script and one style sheet for each folder of webview-ui that has a main.ts or main.tsx. */
function views() {
  const folder = path.join(root, "webview-ui");
  if (!fs.existsSync(folder)) return [];
  const entries = {};
  for (const view of fs.readdirSync(folder).sort()) {
    const entry = ["main.tsx", "main.ts"]
      .map((file) => path.join("webview-ui", view, file))
      .find((file) => fs.existsSync(path.join(root, file)));
    if (entry) entries[view] = entry;
  }
  if (Object.keys(entries).length === 0) return [];
  return [
    {
      name: "webview",
      options: {
        ...shared,
        platform: "browser",
        target: ["chrome128"],
        format: "iife",
        entryPoints: entries,
        outdir: path.join(dist, "webview"),
        jsx: "automatic",
        jsxImportSource: "preact",
        loader: { ".ttf": "file", ".woff2": "file", ".svg": "dataurl" },
        assetNames: "[name]",
      },
    },
  ];
}

/** Writes what each output holds (folders of packages that were bundled) and imports from outside (path, kind of import). */
function writeMeta(metafiles) {
  const outputs = {};
  for (const { outputs: made } of metafiles) {
    for (const [file, { imports, bytes, inputs }] of Object.entries(made)) {
      if (file.endsWith(".map")) continue;
      const packages = Object.keys(inputs).map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
      outputs[path.relative(dist, path.resolve(root, file))] = {
        bytes,
        bundled: [...new Set(packages.filter(Boolean))].sort(),
        external: imports.filter((each) => each.external).map((each) => ({ path: each.path, kind: each.kind })),
      };
    }
  }
  fs.writeFileSync(path.join(dist, "meta.json"), `${JSON.stringify(outputs, null, 2)}\n`);
}

/** Deletes what an earlier build left in dist/ and this one did not write, so that nothing stale is packed. */
function removeStale(written) {
  const keep = new Set([...written.map((file) => path.resolve(root, file)), path.join(dist, "meta.json")]);
  for (const entry of fs.readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !keep.has(file)) fs.rmSync(file, { force: true });
  }
}

async function main() {
  const all = builds();
  if (watch) {
    for (const { name, options } of all) {
      const context = await esbuild.context(options);
      await context.watch();
      console.log(`watching ${name}`);
    }
    return;
  }
  fs.mkdirSync(dist, { recursive: true });
  const results = await Promise.all(all.map(({ options }) => esbuild.build(options)));
  const metafiles = results.map(({ metafile }) => metafile);
  writeMeta(metafiles);
  removeStale(metafiles.flatMap(({ outputs }) => Object.keys(outputs)));
  const cli = path.join(dist, "cli.js");
  if (fs.existsSync(cli)) fs.chmodSync(cli, 0o755);
}

main().catch((error) => {
  // esbuild has already printed its own errors with their places.
  if (!Array.isArray(error?.errors)) console.error(error);
  process.exit(1);
});
