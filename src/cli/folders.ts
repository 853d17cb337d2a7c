import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Where this program was installed: the folder that holds `dist/`, `specimen/` and `package.json`. */
export function installFolder(): string {
  return path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
}

export function specimenFile(): string {
  return path.join(installFolder(), "specimen", "specimen.gguf");
}

/** The person's own data, by the platform's custom. `VITRINE_HOME` moves it. */
export function dataFolder(): string {
  const chosen = process.env["VITRINE_HOME"];
  if (chosen) return path.resolve(chosen);
  if (process.platform === "win32") return path.join(process.env["LOCALAPPDATA"] ?? homedir(), "vitrine");
  if (process.platform === "darwin") return path.join(homedir(), "Library", "Application Support", "vitrine");
  return path.join(process.env["XDG_DATA_HOME"] ?? path.join(homedir(), ".local", "share"), "vitrine");
}

export function modelsFolder(): string {
  return path.join(dataFolder(), "models");
}
