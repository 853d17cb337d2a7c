import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

/** The engine bundled as it ships, inside the checkout so that its packages are found. */
export async function bundleEngine(): Promise<{ file: string; remove(): void }> {
  const root = path.resolve(import.meta.dirname, "../..");
  mkdirSync(path.join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(path.join(root, ".cache", "engine-"));
  const file = path.join(folder, "engine.mjs");
  await build({
    entryPoints: [path.join(root, "src/engine/main.ts")],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["koffi", "node-llama-cpp", "@lancedb/lancedb", "apache-arrow"],
    banner: {
      js: 'import { createRequire as made } from "node:module"; const require = made(import.meta.url);',
    },
    logLevel: "silent",
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
