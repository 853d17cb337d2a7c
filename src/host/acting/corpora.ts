import { randomUUID } from "node:crypto";
import path from "node:path";
import * as vscode from "vscode";
import type { Corpus } from "../../contract/actingView";
import { fail } from "../../contract/errors";
import { corpusLimits, folderTexts, workspaceTexts } from "../workspaceText";

export interface CorpusText {
  source: string;
  text: string;
}

/** Learning wants more text than looking does. */
const limits = { ...corpusLimits, files: 2000, perFile: 1_000_000, total: 20_000_000 };

/** Texts to learn from. A view says which; folders a person chose are remembered here under a number, never named by a view. */
export class Corpora {
  private readonly folders = new Map<string, vscode.Uri>();

  /** Asks for a folder. */
  async pick(): Promise<Corpus | null> {
    const chosen = await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: vscode.l10n.t("Use Its Text"),
      title: vscode.l10n.t("A folder of text to learn from"),
    });
    const folder = chosen?.[0];
    if (!folder) return null;
    const id = randomUUID();
    this.folders.set(id, folder);
    return { kind: "folder", id, title: path.basename(folder.fsPath) };
  }

  async texts(corpus: Corpus, signal: AbortSignal): Promise<CorpusText[]> {
    const texts = await this.read(corpus, signal);
    if (texts.length > 0) return texts;
    return fail("badArgument", vscode.l10n.t("There is no text to read."), {
      remedy: vscode.l10n.t("Choose a folder with text or source files."),
    });
  }

  private async read(corpus: Corpus, signal: AbortSignal): Promise<CorpusText[]> {
    if (corpus.kind === "text") return corpus.text.trim() === "" ? [] : [{ source: "text", text: corpus.text }];
    if (corpus.kind === "workspace") return workspaceTexts(limits, signal);
    const folder = this.folders.get(corpus.id);
    if (folder) return folderTexts(folder, limits, signal);
    return fail("fileMissing", vscode.l10n.t("The folder has to be chosen again."));
  }
}
