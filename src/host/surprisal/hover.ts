import * as vscode from "vscode";
import type { SurprisalToken } from "../../contract/instruments";

/**
 * Text of a token or a document inside Markdown. Every character that is no letter or digit becomes an entity, so that no
 * text can be a link, an image or markup; white space is made visible.
 */
export function literal(text: string): string {
  const visible = text.replace(/\r?\n/g, "⏎").replace(/\t/g, "⇥").replace(/ /g, "␣");
  return visible
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, "�")
    .replace(/[^\p{L}\p{N}⏎⇥␣�]/gu, (character) => `&#${character.codePointAt(0)};`);
}

export function percent(p: number): string {
  if (p > 0 && p < 0.0001) return "< 0.01 %";
  return `${(p * 100).toFixed(p < 0.1 ? 2 : 1)} %`;
}

/** What a hover says of one token: how surprising it was, and what the model expected. */
export function hoverText(token: SurprisalToken, openLens: vscode.Uri | null): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  // The one command a hover may run; text of the document cannot name another, since all of it is escaped.
  markdown.isTrusted = { enabledCommands: ["vitrine._lensAt"] };
  markdown.supportHtml = false;
  const lines: string[] = [`**${literal(token.text)}**`];
  if (token.surprisal === null) lines.push(vscode.l10n.t("First token: nothing before it to expect it from."));
  else {
    const p = percent(Math.exp(-token.surprisal));
    const rank = token.rank === null ? "" : ` · ${vscode.l10n.t("rank {0}", token.rank + 1)}`;
    const entropy = token.entropy === null ? "" : ` · ${vscode.l10n.t("entropy {0} nats", token.entropy.toFixed(2))}`;
    lines.push(`${vscode.l10n.t("surprisal {0} nats", token.surprisal.toFixed(2))} · p ${p}${rank}${entropy}`);
  }
  if (token.top.length > 0) {
    lines.push(vscode.l10n.t("The model expected:"));
    lines.push(token.top.map((other) => `- ${literal(other.text)} — ${percent(other.p)}`).join("\n"));
  }
  if (openLens) lines.push(`[${vscode.l10n.t("Open in the logit lens")}](${openLens.toString()})`);
  markdown.value = lines.join("\n\n");
  return markdown;
}
