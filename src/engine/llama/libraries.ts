import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fail } from "../../contract/errors";

/** One set of llama.cpp libraries that node-llama-cpp installed. */
export interface LibrarySet {
  /** `cpu`, or the GPU back end it was built with. */
  kind: "cpu" | "vulkan" | "cuda" | "metal";
  folder: string;
  base: string;
  ggml: string;
  llama: string;
}

/** Packages of node-llama-cpp for this platform, the ones with a GPU first, in its own order of preference. */
function candidates(): { name: string; kind: LibrarySet["kind"] }[] {
  const platform = process.platform === "darwin" ? "mac" : process.platform === "win32" ? "win" : "linux";
  const stem = `${platform}-${process.arch === "arm" ? "armv7l" : process.arch}`;
  const kinds: LibrarySet["kind"][] = platform === "mac" ? ["metal"] : ["cuda", "vulkan"];
  return [...kinds.map((kind) => ({ name: `${stem}-${kind}`, kind })), { name: stem, kind: "cpu" as const }];
}

/** The folder of an installed package, found beside node-llama-cpp as npm lays packages out, or undefined. */
function packageFolder(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  for (const root of require.resolve.paths("node-llama-cpp") ?? []) {
    for (const folder of [
      path.join(root, "@node-llama-cpp", name),
      path.join(root, "node-llama-cpp", "node_modules", "@node-llama-cpp", name),
    ]) {
      if (existsSync(path.join(folder, "bins"))) return folder;
    }
  }
  return undefined;
}

/** A library's file in a folder, whatever version its name carries. */
function library(folder: string, files: string[], stem: string): string | undefined {
  const pattern = new RegExp(`^(?:lib)?${stem}(?:\\.[\\w.]+)?\\.(?:so|dylib|dll)$`);
  const found = files.find((file) => pattern.test(file));
  return found === undefined ? undefined : path.join(folder, found);
}

function librariesIn(packageRoot: string, kind: LibrarySet["kind"]): LibrarySet | undefined {
  const bins = path.join(packageRoot, "bins");
  for (const entry of readdirSync(bins)) {
    const folder = path.join(bins, entry);
    const files = readdirSync(folder);
    const [base, ggml, llama] = ["ggml-base", "ggml", "llama"].map((stem) => library(folder, files, stem));
    if (base && ggml && llama) return { kind, folder, base, ggml, llama };
  }
  return undefined;
}

/** Every set of libraries on this machine, in order of preference; the one for the CPU alone is last. */
export function installedLibraries(): LibrarySet[] {
  const found: LibrarySet[] = [];
  for (const { name, kind } of candidates()) {
    const folder = packageFolder(name);
    const set = folder === undefined ? undefined : librariesIn(folder, kind);
    if (set) found.push(set);
  }
  if (found.length === 0) {
    fail("libraryMismatch", `No llama.cpp libraries are installed for ${process.platform} on ${process.arch}.`, {
      remedy: "Install the package again on this platform, so that node-llama-cpp brings its libraries.",
    });
  }
  return found;
}
