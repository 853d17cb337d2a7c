import { basename } from "node:path/posix";
import * as vscode from "vscode";
import { errorData } from "../../contract/errors";
import type { SurprisalToken } from "../../contract/instruments";
import type { EngineService } from "../engine/service";
import { showError } from "../errors";
import type { Log } from "../log";
import { surprisalSettings } from "../settings";
import { hoverText } from "./hover";
import { bucketEdges, merged, perplexity, rangesByBucket, rescoreFrom, shifted, tokenAt, type Edit } from "./tokens";

/** A document that is shaded. */
interface Shaded {
  tokens: SurprisalToken[];
  /** From where it must be read (again); null when all is scored. */
  from: number | null;
  /** The model whose scores these are. */
  model: string | null;
  /** Only the beginning was read. */
  cut: boolean;
  timer: NodeJS.Timeout | undefined;
  run: AbortController | null;
}

const debounceMs = 350;

/**
 * Surprisal in editors: each token of a document shaded by how little the model expected it. Typing only moves what is
 * there; the model reads again, from the changed word on, once typing pauses.
 */
export class SurprisalController implements vscode.Disposable, vscode.HoverProvider {
  private readonly shaded = new Map<string, Shaded>();
  private readonly types: vscode.TextEditorDecorationType[];
  private readonly subscriptions: vscode.Disposable[];
  private readonly changed = new vscode.EventEmitter<void>();
  /** A document was switched on or off, or was scored. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly engine: Pick<EngineService, "call" | "model" | "onDidChange">,
    private readonly log: Log,
  ) {
    this.types = bucketEdges.map((_, index) =>
      vscode.window.createTextEditorDecorationType({
        backgroundColor: new vscode.ThemeColor(`vitrine.surprisal${index + 1}`),
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        ...(index >= 3
          ? {
              overviewRulerColor: new vscode.ThemeColor(`vitrine.surprisal${index + 1}`),
              overviewRulerLane: vscode.OverviewRulerLane.Right,
            }
          : {}),
      }),
    );
    this.subscriptions = [
      ...this.types,
      vscode.languages.registerHoverProvider({ scheme: "*" }, this),
      vscode.workspace.onDidChangeTextDocument((event) => this.edited(event)),
      vscode.workspace.onDidCloseTextDocument((document) => this.hide(document)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) this.draw(editor);
      }),
      engine.onDidChange(() => this.modelChanged()),
    ];
  }

  isOn(document: vscode.TextDocument | undefined): boolean {
    return document !== undefined && this.shaded.has(document.uri.toString());
  }

  /** Perplexity of a shaded document, or null; for the status bar. */
  perplexity(document: vscode.TextDocument): number | null {
    const entry = this.shaded.get(document.uri.toString());
    return entry ? perplexity(entry.tokens) : null;
  }

  show(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    if (this.shaded.has(key)) return;
    const entry: Shaded = { tokens: [], from: 0, model: null, cut: false, timer: undefined, run: null };
    this.shaded.set(key, entry);
    this.changed.fire();
    void this.score(document, entry, true);
  }

  hide(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    const entry = this.shaded.get(key);
    if (!entry) return;
    this.shaded.delete(key);
    clearTimeout(entry.timer);
    entry.run?.abort();
    for (const editor of this.editorsOf(document)) this.draw(editor);
    this.changed.fire();
  }

  /** The scored token at an offset of a shaded document. */
  tokenAt(document: vscode.TextDocument, offset: number): SurprisalToken | undefined {
    const entry = this.shaded.get(document.uri.toString());
    return entry && tokenAt(entry.tokens, offset);
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const token = this.tokenAt(document, document.offsetAt(position));
    if (!token) return undefined;
    const range = new vscode.Range(document.positionAt(token.start), document.positionAt(token.end));
    const place = encodeURIComponent(JSON.stringify([document.uri.toString(), token.start]));
    return new vscode.Hover(hoverText(token, vscode.Uri.parse(`command:vitrine._lensAt?${place}`)), range);
  }

  dispose(): void {
    for (const entry of this.shaded.values()) {
      clearTimeout(entry.timer);
      entry.run?.abort();
    }
    this.shaded.clear();
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }

  private edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const entry = this.shaded.get(document.uri.toString());
    if (!entry || contentChanges.length === 0) return;
    // What is being read is of a text that is no more.
    entry.run?.abort();
    for (const { rangeOffset, rangeLength, text } of contentChanges) {
      const edit: Edit = { offset: rangeOffset, length: rangeLength, inserted: text.length };
      entry.tokens = shifted(entry.tokens, edit);
      entry.from = Math.min(entry.from ?? Number.MAX_SAFE_INTEGER, rangeOffset);
    }
    for (const editor of this.editorsOf(document)) this.draw(editor);
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => void this.score(document, entry, false), debounceMs);
  }

  /** Reads what is not scored. Never rejects: an error is shown once, and the shading switched off. */
  private async score(document: vscode.TextDocument, entry: Shaded, first: boolean): Promise<void> {
    const { limit, alternatives } = surprisalSettings();
    const whole = document.getText();
    const text = cutAt(whole, limit);
    if (entry.from === null || document.isClosed) return;
    const from = rescoreFrom(text, entry.from);
    const run = new AbortController();
    entry.run = run;
    try {
      const result = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Reading {0}", basename(document.uri.path)) },
        () =>
          this.engine.call(
            "surprisal",
            { text, top: alternatives, ...(from > 0 ? { from } : {}) },
            { signal: run.signal },
          ),
      );
      if (run.signal.aborted || this.shaded.get(document.uri.toString()) !== entry) return;
      entry.tokens = merged(entry.tokens, result.tokens, from).filter((token) => token.end <= text.length);
      entry.from = null;
      entry.model = this.engine.model?.fingerprint ?? null;
      this.sayCut(entry, text.length < whole.length, text.length);
      for (const editor of this.editorsOf(document)) this.draw(editor);
      this.changed.fire();
    } catch (thrown) {
      if (run.signal.aborted) return;
      this.log.warn(`Surprisal of ${document.uri.path}: ${errorData(thrown).message}`);
      if (first) showError(thrown, this.log);
      this.hide(document);
    } finally {
      if (entry.run === run) entry.run = null;
    }
  }

  private sayCut(entry: Shaded, cut: boolean, length: number): void {
    if (cut && !entry.cut) {
      const settings = vscode.l10n.t("Open Settings");
      void vscode.window
        .showInformationMessage(
          vscode.l10n.t("The document is long: its first {0} characters are shaded.", length.toLocaleString()),
          settings,
        )
        .then((answer) => {
          if (answer === settings)
            return vscode.commands.executeCommand("vitrine.openSettings", "vitrine.surprisal.limit");
        });
    }
    entry.cut = cut;
  }

  private draw(editor: vscode.TextEditor): void {
    const { document } = editor;
    const entry = this.shaded.get(document.uri.toString());
    const buckets = entry ? rangesByBucket(entry.tokens) : this.types.map(() => []);
    this.types.forEach((type, index) => {
      const ranges = (buckets[index] ?? []).map(
        ([start, end]) => new vscode.Range(document.positionAt(start), document.positionAt(end)),
      );
      editor.setDecorations(type, ranges);
    });
  }

  private editorsOf(document: vscode.TextDocument): vscode.TextEditor[] {
    const key = document.uri.toString();
    return vscode.window.visibleTextEditors.filter((editor) => editor.document.uri.toString() === key);
  }

  /** Another model expects other things: everything is read again. */
  private modelChanged(): void {
    const model = this.engine.model?.fingerprint;
    if (model === undefined) return;
    for (const document of vscode.workspace.textDocuments) {
      const entry = this.shaded.get(document.uri.toString());
      if (!entry || entry.model === null || entry.model === model) continue;
      entry.run?.abort();
      entry.from = 0;
      entry.model = model;
      void this.score(document, entry, false);
    }
  }
}

/** The first `limit` units, not in the middle of a surrogate pair. */
function cutAt(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = /[\uD800-\uDBFF]/.test(text[limit - 1] ?? "") ? limit - 1 : limit;
  return text.slice(0, end);
}
