// The suite that runs inside the extension host, bundled for the desktop and for the server alike.
import { build } from "esbuild";
import path from "node:path";
import { cache, root } from "./paths.mjs";

/**
 * Bundles the suite.
 * @returns {Promise<string>} the module's path without its extension, as VS Code wants it; inside the clone, so that it finds mocha
 */
export async function bundleHostSuite() {
  const folder = path.join(cache, "product", "host");
  await build({
    entryPoints: [path.join(root, "test", "product", "host", "index.ts")],
    outfile: path.join(folder, "index.js"),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // mocha loads its own files by path.
    external: ["vscode", "mocha"],
    sourcemap: "inline",
    logLevel: "warning",
  });
  return path.join(folder, "index");
}
