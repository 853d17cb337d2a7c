import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { bytes, parameters } from "../models/format";
import { escapeHtml } from "../views/html";
import type { GgufHeader } from "./header";
import { fileKind, memoryNeed } from "./memory";
import { renderedSample } from "./sample";

/** Command links of the page, ready to stand in an href. */
export interface Links {
  load: string;
  lens: string;
  /** Puts a direction or an edit among the interventions. */
  add: string;
}

/** Facts, what it needs, the chat template on a sample, the tokenizer, two tables. All text is the file's, and so is escaped. */
export function ggufPage(name: string, size: number, header: GgufHeader, links: Links): string {
  const total = header.tensors.reduce((sum, { elements }) => sum + elements, 0);
  const types = new Map<string, number>();
  for (const { type } of header.tensors) types.set(type, (types.get(type) ?? 0) + 1);
  const kind = fileKind(header);
  const facts = [
    { model: vscode.l10n.t("Model"), direction: vscode.l10n.t("Direction"), edit: vscode.l10n.t("Edit") }[kind],
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
  const buttons =
    kind === "model"
      ? button(links.load, vscode.l10n.t("Load in Vitrine")) + button(links.lens, vscode.l10n.t("Open in the lens"))
      : button(links.add, vscode.l10n.t("Add to the interventions"));
  return frame(
    name,
    `<p>${escapeHtml(facts.join(" · "))}</p>
    ${need(header, size)}
    <p>${buttons}</p>
    ${template(header)}
    ${tokenizer(header)}
    <h2>${escapeHtml(vscode.l10n.t("Metadata"))}</h2>
    ${table([vscode.l10n.t("Key"), vscode.l10n.t("Type"), vscode.l10n.t("Value")], metadata)}
    <h2>${escapeHtml(vscode.l10n.t("Tensors"))}</h2>
    ${table([vscode.l10n.t("Name"), vscode.l10n.t("Shape"), vscode.l10n.t("Type"), vscode.l10n.t("Elements")], tensors)}
    ${left > 0 ? `<p>${escapeHtml(vscode.l10n.t("… and {0} more", left))}</p>` : ""}`,
  );
}

function need(header: GgufHeader, size: number): string {
  const about = fileKind(header) === "model" ? memoryNeed(header, size) : undefined;
  if (!about) return "";
  const context = about.context > 0 ? Math.min(about.context, 8192) : 4096;
  const whole = about.weights + (about.cachePerThousand * context) / 1000;
  return paragraph(
    vscode.l10n.t(
      "Needs about {0} of memory with {1} tokens of context: {2} for the weights, {3} for each 1,000 tokens (an estimate from the header).",
      bytes(whole),
      context.toLocaleString(vscode.env.language),
      bytes(about.weights),
      bytes(about.cachePerThousand),
    ),
  );
}

/** What the template makes of a short conversation, and its source. */
function template({ chatTemplate, metadata, tokens }: GgufHeader): string {
  if (chatTemplate === undefined) return "";
  const special = (key: string) => {
    const id = metadata.find((entry) => entry.key === `tokenizer.ggml.${key}_token_id`)?.value;
    const text = id === undefined ? undefined : tokens[Number(id)];
    return text === undefined ? {} : { [key]: text };
  };
  const made = renderedSample(chatTemplate, { ...special("bos"), ...special("eos") });
  const shown =
    "text" in made
      ? `<pre>${escapeHtml(made.text)}</pre>`
      : `<p role="alert">${escapeHtml(vscode.l10n.t("The template cannot be printed: {0}", made.problem))}</p>`;
  return `<h2>${escapeHtml(vscode.l10n.t("Chat template, on a short conversation"))}</h2>
    ${shown}
    <details><summary>${escapeHtml(vscode.l10n.t("Source"))}</summary><pre>${escapeHtml(chatTemplate)}</pre></details>`;
}

/** A search over the vocabulary. The list is data in the page; the one script draws what is looked for. */
function tokenizer({ tokens, tokenTypes }: GgufHeader): string {
  if (tokens.length === 0) return "";
  const kinds = ["", "", "unknown", "control", "user defined", "unused", "byte"];
  const data = JSON.stringify({ tokens, types: tokenTypes.map((type) => kinds[type] ?? String(type)) });
  return `<h2>${escapeHtml(vscode.l10n.t("Tokenizer"))}</h2>
    <p><label>${escapeHtml(vscode.l10n.t("Find a token, or its number"))} <input id="find" type="search" autocomplete="off" /></label>
    <span id="count" role="status"></span></p>
    <table id="tokens"><thead><tr><th scope="col">${escapeHtml(vscode.l10n.t("Number"))}</th><th scope="col">${escapeHtml(vscode.l10n.t("Token"))}</th><th scope="col">${escapeHtml(vscode.l10n.t("Kind"))}</th></tr></thead><tbody></tbody></table>
    <script type="application/json" id="data">${data.replaceAll("<", "\\u003c")}</script>`;
}

export function ggufErrorPage(name: string, message: string): string {
  return frame(name, `<p role="alert">${escapeHtml(message)}</p>`);
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

function button(href: string, text: string): string {
  return `<a class="button" href="${escapeHtml(href)}">${escapeHtml(text)}</a> `;
}

export function row(cells: string[]): string {
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

export function code(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
}

export function table(heads: string[], rows: string): string {
  const head = heads.map((each) => `<th scope="col">${escapeHtml(each)}</th>`).join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`;
}

export function frame(name: string, body: string): string {
  const nonce = randomBytes(18).toString("base64");
  return `<!DOCTYPE html>
<html lang="${escapeHtml(vscode.env.language)}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'" />
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
      pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 8px 12px; max-height: 24em; overflow: auto; background: var(--vscode-textCodeBlock-background); font-family: var(--vscode-editor-font-family); }
      input { font: inherit; padding: 3px 6px; color: var(--vscode-input-foreground); background: var(--vscode-input-background); border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent)); }
      #tokens { max-width: 48em; }
      td:first-child code { white-space: nowrap; }
      .button { display: inline-block; padding: 4px 12px; border-radius: 2px; text-decoration: none; color: var(--vscode-button-foreground); background: var(--vscode-button-background); border: 1px solid var(--vscode-button-border, transparent); }
      .button:hover { background: var(--vscode-button-hoverBackground); color: var(--vscode-button-foreground); }
    </style>
  </head>
  <body>
    <h1>${escapeHtml(name)}</h1>
    ${body}
    <script nonce="${nonce}">${finder}</script>
  </body>
</html>`;
}

/** Shows the first 200 tokens that hold what is typed, or the one of that number. Text is set as text, never as markup. */
const finder = `
const data = document.getElementById("data");
if (data) {
  const { tokens, types } = JSON.parse(data.textContent);
  const body = document.querySelector("#tokens tbody");
  const field = document.getElementById("find");
  const show = () => {
    const wanted = field.value;
    const found = [];
    let count = 0;
    for (let id = 0; id < tokens.length; id += 1) {
      if (wanted !== "" && !tokens[id].includes(wanted) && String(id) !== wanted) continue;
      count += 1;
      if (found.length < 200) found.push(id);
    }
    found.sort((a, b) => Number(String(b) === wanted) - Number(String(a) === wanted));
    body.replaceChildren(...found.map((id) => {
      const line = document.createElement("tr");
      for (const text of [String(id), tokens[id], types[id] ?? ""]) {
        const cell = document.createElement("td");
        const code = document.createElement("code");
        code.textContent = text;
        cell.append(code);
        line.append(cell);
      }
      return line;
    }));
    document.getElementById("count").textContent = count.toLocaleString() + " / " + tokens.length.toLocaleString();
  };
  field.addEventListener("input", show);
  show();
}`;
