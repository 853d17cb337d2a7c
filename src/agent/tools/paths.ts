import { fail } from "../../contract/errors";
import type { FilesPort } from "../../contract/tool";

export interface ResolvedPath {
  /** Absolute, links followed. */
  path: string;
  /** Relative to its root with `/`, for people and models; `.` for the root itself. */
  shown: string;
  root: string;
  /** The path as given leads elsewhere by a link. */
  linked: boolean;
}

/**
 * Where a path of a model leads. Relative paths are of the first workspace folder; in a workspace of several, one that
 * begins with another folder's name is of that folder. Links are followed first; what lies outside of the workspace, or
 * cannot be a plain path on some system, fails with `notAllowed`.
 */
export async function resolvePath(files: FilesPort, given: string): Promise<ResolvedPath> {
  const name = given.trim();
  const bad = fault(name);
  if (bad) fail("notAllowed", `The path ${quote(given)} is not taken: ${bad}.`);
  const roots = files.roots();
  const first = roots[0];
  if (first === undefined) fail("notAllowed", "No folder is open, so there are no files.");
  const asked = absolute(name, roots, first);
  const path = clean(await files.realPath(asked));
  const root = roots.find((each) => inside(path, clean(each)));
  if (root === undefined) {
    const where = path === clean(asked) ? "" : `: it leads to ${path}`;
    fail("notAllowed", `${quote(given)} is outside of the workspace${where}.`, {
      remedy: "Use a path within the workspace.",
    });
  }
  const base = clean(root);
  return { path, root, shown: path === base ? "." : path.slice(base.length + 1), linked: path !== clean(asked) };
}

/** What makes a text no plain path: names that mean devices, streams, network shares or homes somewhere. */
function fault(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > 1_024) return "it is too long";

  if (/[\u0000-\u001f\u007f]/.test(name)) return "it holds control characters";
  if (/^[\\/]{2}/.test(name)) return "network paths and device paths are not opened";
  if (/^~/.test(name)) return "a home folder is not opened";
  if (/^[a-z][a-z0-9+.-]+:/i.test(name)) return "it is an address, not a path";
  if (/:/.test(name.replace(/^[a-zA-Z]:[\\/]/, ""))) return "a colon names a stream of a file";
  if (/(^|[\\/])(con|prn|aux|nul|com\d|lpt\d)(\.[^\\/]*)?([\\/]|$)/i.test(name)) return "it names a device";
  return undefined;
}

function absolute(name: string, roots: readonly string[], first: string): string {
  const path = name.replaceAll("\\", "/");
  if (path.startsWith("/") || /^[a-zA-Z]:\//.test(path)) return normal(path);
  const [head = "", ...rest] = path.split("/");
  const other = roots.length > 1 ? roots.find((root) => lastName(root) === head) : undefined;
  return normal(other === undefined ? `${clean(first)}/${path}` : [clean(other), ...rest].join("/"));
}

/** `.` and `..` taken out; `..` above the root stays at the root. */
function normal(path: string): string {
  const drive = /^[a-zA-Z]:/.exec(path)?.[0] ?? "";
  const out: string[] = [];
  for (const part of path.slice(drive.length).split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") out.pop();
    else out.push(part);
  }
  return `${drive}/${out.join("/")}`;
}

function clean(path: string): string {
  const plain = path.replaceAll("\\", "/").replace(/\/+$/, "");
  return plain === "" ? "/" : plain;
}

export function inside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

function lastName(path: string): string {
  return clean(path).split("/").at(-1) ?? "";
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

const protectedFolders: Record<string, string> = {
  ".vscode": "the editor's settings",
  ".git": "the repository's own files, whose hooks run",
  ".husky": "hooks that run",
  ".devcontainer": "commands that run when the folder is opened",
  ".vitrine": "the agent's own files",
  ".cursor": "another agent's settings",
  ".claude": "another agent's settings",
  ".idea": "an editor's settings",
};
const protectedNames: [RegExp, string][] = [
  [/\.code-workspace$/, "the workspace's settings"],
  [/^\.?mcp(\.[\w-]+)?\.json$/, "servers whose tools are offered"],
  [/^(agents|claude|gemini|copilot-instructions)(\.[\w-]+)?\.md$/, "instructions that agents follow"],
  [
    /^\.(envrc|npmrc|yarnrc(\.ya?ml)?|gitattributes|gitmodules|gitconfig)$/,
    "commands or addresses that other programs follow",
  ],
];

/**
 * Why a file may only be written by a person's own click, whatever was allowed before; undefined for others. Judged on
 * the resolved path, as any file system might fold it: letter case, trailing dots and spaces, 8.3 names.
 */
export function protectedForWriting(shown: string): string | undefined {
  const parts = shown.split("/").map(folded);
  for (const part of parts) {
    const known = Object.entries(protectedFolders).find(([name]) => part === name || shortName(part, name))?.[1];
    if (known !== undefined) return `it holds ${known}`;
  }
  if (parts.join("/").startsWith(".github/workflows")) return "it holds commands that run on a server";
  const last = parts.at(-1) ?? "";
  const name = protectedNames.find(([pattern]) => pattern.test(last));
  return name ? `it holds ${name[1]}` : undefined;
}

/** Why a file's content is shown to a model only by a person's own click. */
export function protectedForReading(shown: string): string | undefined {
  const last = folded(shown.split("/").at(-1) ?? "");
  const secret =
    /^\.env(\.|$)/.test(last) ||
    /\.(pem|key|p12|pfx|keystore|jks)$/.test(last) ||
    /^(id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.pgpass|credentials)$/.test(last);
  return secret ? "it may hold secrets" : undefined;
}

function folded(part: string): string {
  return part
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[. ]+$/, "");
}

/** Windows' short name of a folder: `.vscode` is `VSCODE~1`. */
function shortName(part: string, name: string): boolean {
  const match = /^(.{1,6})~\d$/.exec(part);
  return match !== null && name.replace(/^\./, "").startsWith(match[1] ?? " ");
}
