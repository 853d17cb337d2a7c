import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { bytes, parameters } from "../models/format";
import { escapeHtml } from "../views/html";
import type { GgufHeader } from "./header";

/** A page without a script: two tables. All text is the file's, and so is escaped. */
export function ggufPage(name: string, size: number, header: GgufHeader, load: string): string {
  const total = header.tensors.reduce((sum, { elements }) => sum + elements, 0);
  const types = new Map<string, number>();
  for (const { type } of header.tensors) types.set(type, (types.get(type) ?? 0) + 1);
  const facts = [
    vscode.l10n.t("GGUF version {0}", header.version),
    bytes(size),
    vscode.l10n.t("{0} parameters", parameters(total)),
    vscode.l10n.t("{0} tensors", header.tensorCount.toLocaleString(vscode.env.language)),
    [...types].map(([type, count]) => `${type} × ${count}`).join(", "),
  ];
  const metadata = header.metadata
    .map(({ key, type, value }) => row([code(key), escapeHtml(type), code(value)]))
    .join("\n");
  const tensors = header.tensors
    .map(({ name, shape, type, elements }) =>
      row([code(name), escapeHtml(shape.join(" × ")), escapeHtml(type), escapeHtml(parameters(elements))]),
    )
    .join("\n");
  const left = header.tensorCount - header.tensors.length;
  return frame(
    name,
    `<p>${escapeHtml(facts.join(" · "))}</p>
    <p><a class="button" href="${escapeHtml(load)}">${escapeHtml(vscode.l10n.t("Load in Vitrine"))}</a></p>
    <h2>${escapeHtml(vscode.l10n.t("Metadata"))}</h2>
    ${table([vscode.l10n.t("Key"), vscode.l10n.t("Type"), vscode.l10n.t("Value")], metadata)}
    <h2>${escapeHtml(vscode.l10n.t("Tensors"))}</h2>
    ${table([vscode.l10n.t("Name"), vscode.l10n.t("Shape"), vscode.l10n.t("Type"), vscode.l10n.t("Elements")], tensors)}
    ${left > 0 ? `<p>${escapeHtml(vscode.l10n.t("… and {0} more", left))}</p>` : ""}`,
  );
}

export function ggufErrorPage(name: string, message: string): string {
  return frame(name, `<p role="alert">${escapeHtml(message)}</p>`);
}

function row(cells: string[]): string {
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

function code(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
}

function table(heads: string[], rows: string): string {
  const head = heads.map((each) => `<th scope="col">${escapeHtml(each)}</th>`).join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`;
}

function frame(name: string, body: string): string {
  const nonce = randomBytes(18).toString("base64");
  return `<!DOCTYPE html>
<html lang="${escapeHtml(vscode.env.language)}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'" />
    <title>${escapeHtml(name)}</title>
    <style nonce="${nonce}">
      body { padding: 12px 20px; }
      h1 { font-size: 1.4em; font-weight: 600; }
      h2 { font-size: 1.1em; font-weight: 600; margin-top: 24px; }
      table { border-collapse: collapse; width: 100%; }
      th { text-align: left; position: sticky; top: 0; background: var(--vscode-editor-background); }
      th, td { padding: 3px 12px 3px 0; vertical-align: top; border-bottom: 1px solid var(--vscode-editorWidget-border, var(--vscode-contrastBorder, transparent)); }
      td:first-child { white-space: nowrap; }
      code { font-family: var(--vscode-editor-font-family); color: inherit; background: none; padding: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
      td:first-child code { white-space: nowrap; }
      .button { display: inline-block; padding: 4px 12px; border-radius: 2px; text-decoration: none; color: var(--vscode-button-foreground); background: var(--vscode-button-background); border: 1px solid var(--vscode-button-border, transparent); }
      .button:hover { background: var(--vscode-button-hoverBackground); color: var(--vscode-button-foreground); }
    </style>
  </head>
  <body>
    <h1>${escapeHtml(name)}</h1>
    ${body}
  </body>
</html>`;
}
