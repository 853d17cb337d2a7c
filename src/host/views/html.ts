import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** The bundles of webview-ui, by name. */
export type ViewBundle =
  // One a line, so that each is added alone.
  | "attention"
  | "chat"
  | "directions"
  | "edits"
  | "embeddings"
  | "features"
  | "interventions"
  | "labs"
  | "layers"
  | "lens"
  | "neurons"
  | "operator"
  | "patching"
  | "plan"
  | "trace";

export function viewOptions(extension: vscode.Uri): vscode.WebviewOptions {
  return {
    enableScripts: true,
    enableCommandUris: false,
    localResourceRoots: [vscode.Uri.joinPath(extension, "dist", "webview")],
  };
}

/**
 * The page every view lives in. Nothing runs or loads but our own bundle: no inline script, no remote image, no request.
 * The views carry their strings in each language, and go by `lang`.
 */
export function viewPage(webview: vscode.Webview, extension: vscode.Uri, view: ViewBundle, title: string): string {
  const nonce = randomBytes(18).toString("base64");
  const file = (name: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, "dist", "webview", name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data: blob:`,
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${escapeHtml(vscode.env.language)}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escapeHtml(title)}</title>
    <link rel="stylesheet" href="${file(`${view}.css`)}" />
  </head>
  <body data-view="${view}">
    <div id="root"></div>
    <script nonce="${nonce}" src="${file(`${view}.js`)}"></script>
  </body>
</html>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
