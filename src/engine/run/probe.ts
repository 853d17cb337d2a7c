import { openDoor } from "../llama/door";
import { installedLibraries } from "../llama/libraries";

/** Tries a folder's libraries in this throw-away process, and tells the parent whether they found a GPU. */
export function probe(folder: string): void {
  const libraries = installedLibraries().find((set) => set.folder === folder);
  const found = libraries && openDoor(libraries, () => undefined).devices.some(({ kind }) => kind === "gpu");
  process.send?.(found ? "gpu" : "none", () => process.exit(0));
}
