import { stat } from "node:fs/promises";
import path from "node:path";
import { loadSae } from "../files/saelens";
import type { Sae } from "./sae";

/** The one that was opened last: a list is paged and searched through many calls, and a large one takes seconds to read. */
let last: { folder: string; stamp: string; sae: Promise<Sae> } | undefined;

/** As `loadSae`, read once for as long as its files stay as they are. What it gives is not to be changed. */
export async function openSae(folder: string): Promise<Sae> {
  const stamp = await stampOf(folder);
  if (last?.folder === folder && last.stamp === stamp) return last.sae;
  const opened = { folder, stamp, sae: loadSae(folder) };
  last = opened;
  // A failure is told each time anew: the next call may find the file whole.
  opened.sae.catch(() => {
    if (last === opened) last = undefined;
  });
  return opened.sae;
}

/** When its files were changed last, and how long they are. */
async function stampOf(folder: string): Promise<string> {
  const files = ["cfg.json", "sae_weights.safetensors", "params.npz"];
  const found = await Promise.all(
    files.map((file) =>
      stat(path.join(folder, file)).then(
        ({ mtimeMs, size }) => `${mtimeMs}.${size}`,
        () => "-",
      ),
    ),
  );
  return found.join(" ");
}
