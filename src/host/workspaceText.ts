import * as vscode from "vscode";

/** Text of the workspace's own files, for instruments that want a corpus. Bounded, and only what looks like text. */
export interface CorpusLimits {
  files: number;
  /** UTF-16 units of one file, and of all. */
  perFile: number;
  total: number;
}

export const corpusLimits: CorpusLimits = { files: 400, perFile: 50_000, total: 2_000_000 };

const included =
  "**/*.{md,txt,rst,adoc,ts,tsx,js,jsx,py,java,c,h,cpp,hpp,cs,go,rs,rb,php,kt,swift,sh,sql,html,css,json,yaml,yml,toml}";
const excluded = "**/{node_modules,.git,dist,out,build,target,vendor,.vitrine,.venv,__pycache__}/**";

export async function workspaceTexts(
  limits: CorpusLimits,
  signal: AbortSignal,
): Promise<{ source: string; text: string }[]> {
  return textsOf(await vscode.workspace.findFiles(included, excluded, limits.files), limits, signal);
}

/** The same of one folder, wherever it lies. */
export async function folderTexts(
  folder: vscode.Uri,
  limits: CorpusLimits,
  signal: AbortSignal,
): Promise<{ source: string; text: string }[]> {
  const pattern = (glob: string) => new vscode.RelativePattern(folder, glob);
  const found = await vscode.workspace.findFiles(pattern(included), pattern(excluded), limits.files);
  return textsOf(found, limits, signal);
}

async function textsOf(
  found: vscode.Uri[],
  limits: CorpusLimits,
  signal: AbortSignal,
): Promise<{ source: string; text: string }[]> {
  const texts: { source: string; text: string }[] = [];
  let total = 0;
  for (const uri of found.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (signal.aborted || total >= limits.total) break;
    const status = await vscode.workspace.fs.stat(uri);
    // A file of many megabytes is data, whatever its name says.
    if (status.size > limits.perFile * 20) continue;
    const bytes = await vscode.workspace.fs.readFile(uri);
    if (bytes.subarray(0, 8000).includes(0)) continue;
    const text = new TextDecoder().decode(bytes).slice(0, limits.perFile);
    if (text.trim() === "") continue;
    texts.push({ source: vscode.workspace.asRelativePath(uri), text });
    total += text.length;
  }
  return texts;
}
