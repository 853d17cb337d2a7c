import { existsSync } from "node:fs";
import path from "node:path";
import { fail } from "../../../contract/errors";

const names = [
  "google-chrome",
  "google-chrome-stable",
  "chromium",
  "chromium-browser",
  "microsoft-edge",
  "microsoft-edge-stable",
  "msedge",
];

/** The user's installed Chrome, Chromium or Edge. `set` is the path a person set; it is taken or refused, never replaced. */
export function browserFile(set = ""): string {
  if (set !== "") {
    if (!path.isAbsolute(set) || !existsSync(set)) {
      fail("fileMissing", `The browser that is set, ${set}, is not there.`, {
        remedy: "Set the whole path of its program.",
      });
    }
    return set;
  }
  const found = [...onPath(), ...usualPlaces()].find((file) => existsSync(file));
  return (
    found ??
    fail("fileMissing", "No Chrome, Chromium or Edge was found.", {
      remedy: "Install one, or set its path in vitrine.operator.browser.",
    })
  );
}

function onPath(): string[] {
  if (process.platform === "win32") return [];
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
}

function usualPlaces(): string[] {
  if (process.platform === "darwin") {
    return ["Google Chrome", "Chromium", "Microsoft Edge"].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (process.platform !== "win32") return [];
  return ["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"].flatMap((name) => {
    const folder = process.env[name];
    if (!folder) return [];
    return [
      path.join(folder, "Google", "Chrome", "Application", "chrome.exe"),
      path.join(folder, "Chromium", "Application", "chrome.exe"),
      path.join(folder, "Microsoft", "Edge", "Application", "msedge.exe"),
    ];
  });
}
