import { randomUUID } from "node:crypto";
import { realpath } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { attachmentLabel, fitAttachments } from "../../agent/run/attachments";
import type { AttachedItem, AttachItem } from "../../contract/chatView";
import type { KeptAttachment } from "../../contract/conversation";
import { fail } from "../../contract/errors";

/** Largest file that is read for an attachment, bytes. */
const largest = 4 << 20;
const suggestions = 12;
/** Lines of a symbol where no language server says where it ends. */
const symbolLines = 60;
/** Characters a token stands for at least, as a rule, and the share of the context that attachments may take. */
const charsPerToken = 2.5;
const contextShare = 0.5;
const contextBefore = 4_096;

interface Held {
  item: AttachedItem;
  text: string;
}

/**
 * What a person puts beside a message: read when it is attached, so that it is what they saw, and kept here until the
 * message is sent. A view names a thing of the workspace, never a path outside of it; those a person picks in a dialog.
 */
export class Attachments {
  private readonly held = new Map<string, Held>();

  constructor(private readonly context: () => number | undefined) {}

  /** Selection, files and symbols that go with what was typed after `#`. */
  async suggest(query: string, signal: AbortSignal): Promise<{ items: AttachItem[] }> {
    // `#file:name` and `#symbol:name` narrow it.
    const [, word, rest = ""] = /^(?:(file|symbol|selection):)?(.*)$/s.exec(query) ?? [];
    const [selection, files, symbols] = await Promise.all([
      word === undefined || word === "selection" ? selectionItem(rest) : [],
      word === undefined || word === "file" ? fileItems(rest, signal) : [],
      word === undefined || word === "symbol" ? symbolItems(rest) : [],
    ]);
    return { items: [...selection, ...files, ...symbols].slice(0, suggestions) };
  }

  async attach(item: AttachItem): Promise<AttachedItem> {
    if (item.kind === "selection") {
      const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors.find(selected);
      const text = editor?.document.getText(editor.selection) ?? "";
      if (!editor || text === "") fail("badArgument", vscode.l10n.t("Select some text in an editor first."));
      const { start, end } = editor.selection;
      const name = vscode.workspace.asRelativePath(editor.document.uri);
      return this.hold("selection", `${name}:${start.line + 1}-${end.line + 1}`, text);
    }
    const uri = await ofWorkspace(item.uri);
    const name = vscode.workspace.asRelativePath(uri);
    if (item.kind === "file") return this.hold("file", name, await fileText(uri));
    const { text, first } = await symbolText(uri, item.line ?? 0);
    return this.hold("symbol", `${item.label} (${name}:${first + 1})`, text);
  }

  /** A person's own choice in the system's dialog: any file they can read. */
  async pick(): Promise<AttachedItem | null> {
    const [uri] =
      (await vscode.window.showOpenDialog({ canSelectMany: false, openLabel: vscode.l10n.t("Attach") })) ?? [];
    return uri ? this.hold("file", vscode.workspace.asRelativePath(uri), await fileText(uri)) : null;
  }

  /** Those of a message that is sent now, cut to what fits. Fails with `badArgument` where one is no longer held. */
  take(ids: readonly string[]): KeptAttachment[] {
    const found = ids.map(
      (id) =>
        this.held.get(id) ??
        fail("badArgument", vscode.l10n.t("An attachment is no longer there."), {
          remedy: vscode.l10n.t("Attach it again."),
        }),
    );
    return fitAttachments(
      found.map(({ item, text }) => ({ label: item.label, text })),
      this.room(),
    );
  }

  private hold(kind: AttachItem["kind"], name: string, text: string): AttachedItem {
    const label = attachmentLabel(name);
    const [fitted] = fitAttachments([{ label, text }], this.room());
    const item: AttachedItem = { id: randomUUID(), label, kind, chars: text.length, leftOut: fitted?.leftOut ?? 0 };
    this.held.set(item.id, { item, text });
    // Messages that were never sent leave theirs behind.
    for (const old of [...this.held.keys()].slice(0, -50)) this.held.delete(old);
    return item;
  }

  private room(): number {
    return Math.floor((this.context() ?? contextBefore) * charsPerToken * contextShare);
  }
}

function selected(editor: vscode.TextEditor): boolean {
  return !editor.selection.isEmpty;
}

function selectionItem(query: string): AttachItem[] {
  const editor = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors].find(
    (each) => each !== undefined && selected(each),
  );
  if (!editor || !"selection".startsWith(query.toLowerCase())) return [];
  const { start, end } = editor.selection;
  const detail = `${vscode.workspace.asRelativePath(editor.document.uri)}:${start.line + 1}-${end.line + 1}`;
  return [{ kind: "selection", label: "selection", uri: "", detail }];
}

async function fileItems(query: string, signal: AbortSignal): Promise<AttachItem[]> {
  // Letters in either case; nothing typed becomes a pattern.
  const name = [...query].map((letter) =>
    /\p{L}/u.test(letter) ? `[${letter.toLowerCase()}${letter.toUpperCase()}]` : letter.replace(/[*?[\]{}!\\]/g, "?"),
  );
  const cancel = new vscode.CancellationTokenSource();
  const stop = (): void => cancel.cancel();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const pattern = query.includes("/") ? `**/${name.join("")}*` : `**/*${name.join("")}*`;
    const found = await vscode.workspace.findFiles(pattern, "**/{node_modules,.git,.vitrine}/**", 200, cancel.token);
    return found
      .map((uri): AttachItem => ({ kind: "file", label: vscode.workspace.asRelativePath(uri), uri: uri.toString() }))
      .sort((a, b) => a.label.length - b.label.length || (a.label < b.label ? -1 : 1))
      .slice(0, 8);
  } finally {
    signal.removeEventListener("abort", stop);
    cancel.dispose();
  }
}

async function symbolItems(query: string): Promise<AttachItem[]> {
  if (query.length < 2) return [];
  const found =
    (await vscode.commands.executeCommand<vscode.SymbolInformation[]>(
      "vscode.executeWorkspaceSymbolProvider",
      query,
    )) ?? [];
  return found.slice(0, 6).map(({ name, kind, location }) => ({
    kind: "symbol",
    label: name,
    uri: location.uri.toString(),
    line: location.range.start.line,
    detail: `${vscode.SymbolKind[kind].toLowerCase()} · ${vscode.workspace.asRelativePath(location.uri)}`,
  }));
}

/** An address that a view named, when it leads to a file of the workspace, links followed. */
async function ofWorkspace(address: string): Promise<vscode.Uri> {
  const uri = vscode.Uri.parse(address, true);
  const real = await realpath(uri.fsPath).catch(() => undefined);
  if (real === undefined) return fail("fileMissing", vscode.l10n.t("The file is not there."));
  const folders = await Promise.all(
    (vscode.workspace.workspaceFolders ?? []).map((folder) =>
      realpath(folder.uri.fsPath).catch(() => folder.uri.fsPath),
    ),
  );
  const inside = folders.some((folder) => {
    const relative = path.relative(folder, real);
    return relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
  });
  if (!inside) {
    fail("notAllowed", vscode.l10n.t("Only files of the workspace are attached by name."), {
      remedy: vscode.l10n.t("Pick another one with the paper clip."),
    });
  }
  return uri;
}

async function fileText(uri: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  if (open) return open.getText();
  const { size, type } = await vscode.workspace.fs.stat(uri);
  if ((type & vscode.FileType.File) === 0) fail("badArgument", vscode.l10n.t("Only files can be attached."));
  if (size > largest) fail("badArgument", vscode.l10n.t("The file is larger than 4 MB."));
  const data = await vscode.workspace.fs.readFile(uri);
  if (data.subarray(0, 8_192).includes(0)) fail("badArgument", vscode.l10n.t("The file is not text."));
  return new TextDecoder().decode(data);
}

/** The whole of a symbol, where a language server knows its end; some lines from it otherwise. */
async function symbolText(uri: vscode.Uri, line: number): Promise<{ text: string; first: number }> {
  const document = await vscode.workspace.openTextDocument(uri);
  const found =
    (await vscode.commands.executeCommand<vscode.DocumentSymbol[]>("vscode.executeDocumentSymbolProvider", uri)) ?? [];
  const range = rangeAt(found, line) ?? new vscode.Range(line, 0, line + symbolLines, 0);
  return { text: document.getText(range), first: range.start.line };
}

function rangeAt(symbols: readonly vscode.DocumentSymbol[], line: number): vscode.Range | undefined {
  for (const { range, selectionRange, children } of symbols) {
    if (selectionRange === undefined) continue;
    if (selectionRange.start.line === line || range.start.line === line) return range;
    const inner = rangeAt(children, line);
    if (inner) return inner;
  }
  return undefined;
}
