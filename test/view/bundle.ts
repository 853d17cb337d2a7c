import { build } from "esbuild";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const made = new Map<string, Promise<Map<string, Uint8Array>>>();

/** A view bundled as the product's build does it: file name to contents. */
export function bundle(view: string): Promise<Map<string, Uint8Array>> {
  const known = made.get(view);
  if (known) return known;
  const building = build({
    absWorkingDir: root,
    entryPoints: { [view]: `webview-ui/${view}/main.tsx` },
    outdir: "dist/webview",
    write: false,
    bundle: true,
    platform: "browser",
    target: ["chrome128"],
    format: "iife",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".ttf": "file", ".woff2": "file", ".svg": "dataurl" },
    assetNames: "[name]",
    logLevel: "warning",
  }).then(({ outputFiles }) => new Map(outputFiles.map((file) => [path.basename(file.path), file.contents])));
  made.set(view, building);
  return building;
}
