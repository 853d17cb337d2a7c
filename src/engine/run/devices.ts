import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { installedLibraries } from "../llama/libraries";
import type { LibrarySet } from "../llama/libraries";

/** Milliseconds a GPU's libraries get to show that they work. */
const patience = 10_000;

/**
 * The libraries to use: the first set for a GPU that works, else the CPU's. A driver can end the process that loads it, so
 * each is tried in a throw-away child (`entry` run with `--probe FOLDER`).
 */
export async function chooseLibraries(gpu: "auto" | "off", entry: string): Promise<LibrarySet> {
  const sets = installedLibraries();
  const cpu = sets.find(({ kind }) => kind === "cpu");
  for (const set of sets) {
    if (set.kind === "cpu" || (cpu && !mayHaveGpu())) continue;
    if ((gpu === "auto" || !cpu) && (await works(set, entry))) return set;
  }
  return cpu ?? sets[0]!;
}

/** On Linux a GPU shows as a device file; without one there is nothing to try. */
function mayHaveGpu(): boolean {
  return process.platform !== "linux" || ["/dev/dri", "/dev/nvidia0", "/dev/dxg"].some((file) => existsSync(file));
}

function works(set: LibrarySet, entry: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = fork(entry, ["--probe", set.folder], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), patience);
    let found = false;
    child.on("message", (message) => (found = message === "gpu"));
    child.on("error", () => resolve(false));
    child.on("exit", () => {
      clearTimeout(timer);
      resolve(found);
    });
  });
}
