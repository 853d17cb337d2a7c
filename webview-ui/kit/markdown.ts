import DOMPurify from "dompurify";
import MarkdownIt from "markdown-it";
import type { Token as MdToken } from "markdown-it";
import type { Origin } from "./markdownMap";
import type { TokenMarks } from "./tokenText";
import { t } from "./l10n";
import { PlacedState, placeTokens } from "./markdownMap";

interface Env {
  marks: TokenMarks | null;
}

const md = new MarkdownIt({ html: false, linkify: false, breaks: false });
md.inline.State = PlacedState;
// Texts stay as they were made, so that each keeps its place in the source.
md.core.ruler.disable("text_join");
md.inline.ruler2.disable("fragments_join");
md.validateLink = (url) => /^(https?:\/\/|mailto:)/i.test(url.trim());

const escape = md.utils.escapeHtml;

/** Marks a run of text with the tokens it is made of, as spans of our own. */
function marked(text: string, origin: Origin | undefined, marks: TokenMarks | null): string {
  if (!marks || !origin || text === "") return escape(text);
  if (!origin.exact) return span(escape(text), marks, tokenAt(marks, origin.at));
  let html = "";
  for (let at = 0; at < text.length;) {
    const token = tokenAt(marks, origin.at + at);
    const to = Math.min(text.length, nextStart(marks, token, origin.at + at) - origin.at);
    html += span(escape(text.slice(at, to)), marks, token);
    at = to;
  }
  return html;
}

/** Where the marking changes next after `offset`, which lies in `token` (-1: in none). */
function nextStart(marks: TokenMarks, token: number, offset: number): number {
  if (offset >= marks.end) return Infinity;
  let next = token + 1;
  while (next < marks.starts.length && marks.starts[next]! <= offset) next++;
  return marks.starts[next] ?? marks.end;
}

function span(html: string, marks: TokenMarks, token: number): string {
  if (token < 0) return html;
  return `<span data-t="${marks.index[token]!}" data-c="${marks.bucket[token]!}">${html}</span>`;
}

/** Place in `starts` of the last token that begins at or before `offset`; -1 before the first and past the end. */
function tokenAt(marks: TokenMarks, offset: number): number {
  if (offset >= marks.end) return -1;
  let low = 0;
  let high = marks.starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks.starts[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  // Of several tokens that make one character the first stands for it.
  let found = low - 1;
  while (found > 0 && marks.starts[found - 1] === marks.starts[found]) found--;
  return found;
}

function originOf(token: MdToken): Origin | undefined {
  return token.meta?.["origin"] as Origin | undefined;
}

function codeBlock(token: MdToken, env: Env): string {
  const placed = (token.meta?.["lines"] ?? []) as number[];
  const body = token.content
    .split("\n")
    .map((line, i) => {
      const at = placed[i];
      return marked(line, at === undefined || at < 0 ? undefined : { at, length: line.length, exact: true }, env.marks);
    })
    .join("\n");
  const language = escape(token.info.trim().split(/\s+/)[0] ?? "");
  const copy = escape(t("copyCode"));
  return (
    `<div class="code"><div class="codeHead"><span>${language}</span>` +
    `<button type="button" class="iconButton" data-copy="1" title="${copy}" aria-label="${copy}"><span class="codicon codicon-copy" aria-hidden="true"></span></button></div>` +
    `<pre tabindex="0"><code>${body}</code></pre></div>`
  );
}

const rules = md.renderer.rules;
const text: NonNullable<typeof rules.text> = (tokens, i, _options, env) =>
  marked(tokens[i]!.content, originOf(tokens[i]!), (env as unknown as Env).marks);
rules.text = text;
rules["text_special"] = text;
rules.code_inline = (tokens, i, _options, env) =>
  `<code>${marked(tokens[i]!.content, originOf(tokens[i]!), (env as unknown as Env).marks)}</code>`;
rules.fence = (tokens, i, _options, env) => codeBlock(tokens[i]!, env as unknown as Env);
rules.code_block = (tokens, i, _options, env) => codeBlock(tokens[i]!, env as unknown as Env);
// Nothing is ever fetched for an answer: a picture is named, with its address to read.
rules.image = (tokens, i) => {
  const token = tokens[i]!;
  const address = escape(String(token.attrGet("src") ?? ""));
  return `<span class="noImage" title="${address}">${escape(t("imageNotLoaded", { alt: token.content || "–" }))}</span>`;
};
// No `href`: the only way out is the host's, which shows the address and asks.
rules["link_open"] = (tokens, i) => {
  const address = escape(String(tokens[i]!.attrGet("href") ?? ""));
  return `<a role="link" tabindex="0" data-href="${address}" title="${address}">`;
};

// Columns keep their side through a class: a style attribute is against the page's policy.
for (const cell of ["th_open", "td_open"] as const) {
  rules[cell] = (tokens, i) => {
    const side = /text-align:(center|right)/.exec(String(tokens[i]!.attrGet("style") ?? ""))?.[1];
    return side ? `<${tokens[i]!.tag} class="${side}">` : `<${tokens[i]!.tag}>`;
  };
}

const allowed = {
  ALLOWED_TAGS:
    "p br hr h1 h2 h3 h4 h5 h6 strong em s code pre blockquote ul ol li table thead tbody tr th td a span div button".split(
      " ",
    ),
  ALLOWED_ATTR: "class data-t data-c data-href data-copy role tabindex title aria-label aria-hidden start type".split(
    " ",
  ),
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** Sanitised HTML of each top-level block of `source`; text is marked with the tokens that made it. */
export function renderBlocks(source: string, marks: TokenMarks | null): string[] {
  const env: Env = { marks };
  const tokens = md.parse(source, env as never);
  if (marks) placeTokens(tokens, source);
  const blocks: string[] = [];
  let depth = 0;
  let from = 0;
  tokens.forEach((token, i) => {
    depth += token.nesting;
    if (depth > 0) return;
    const html = md.renderer.render(tokens.slice(from, i + 1), md.options, env as never);
    blocks.push(sanitise(html));
    from = i + 1;
  });
  return blocks;
}

const clean = new Map<string, string>();

/** Blocks above the one being written do not change: each is cleaned once. */
function sanitise(html: string): string {
  const known = clean.get(html);
  if (known !== undefined) return known;
  const made = DOMPurify.sanitize(html, allowed);
  if (clean.size > 2000) clean.clear();
  clean.set(html, made);
  return made;
}
