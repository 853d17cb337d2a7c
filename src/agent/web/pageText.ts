/** Elements whose text is not for reading; within the raw ones `<` opens nothing. */
const raw = new Set(["script", "style", "title", "textarea"]);
const dropped = new Set([...raw, "noscript", "template", "svg", "math", "iframe", "object", "nav", "footer"]);
const blocks = new Set(
  "address article aside blockquote br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul".split(
    " ",
  ),
);
const entities: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  ndash: "–",
  mdash: "—",
  hellip: "…",
  copy: "©",
  laquo: "«",
  raquo: "»",
};

/**
 * The readable text of an HTML page: one pass over its tags, linear in its length, nothing of it is run or loaded. Text
 * that a style hides is not told apart: it is data like the rest.
 */
export function pageText(html: string): string {
  const out: string[] = [];
  const title = /<title[^>]{0,200}>([^<]{0,500})/i.exec(html.slice(0, 100_000))?.[1];
  if (title) out.push(decode(title).trim(), "\n\n");
  let at = 0;
  let skip: { name: string; depth: number } | undefined;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (!skip) out.push(decode(html.slice(at, open < 0 ? undefined : open)).replace(/\s+/g, " "));
    if (open < 0) break;
    if (html.startsWith("<!--", open)) {
      const end = html.indexOf("-->", open + 4);
      if (end < 0) break;
      at = end + 3;
      continue;
    }
    const tag = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)|^<[!?]/.exec(html.slice(open, open + 40));
    if (!tag) {
      if (!skip) out.push("<");
      at = open + 1;
      continue;
    }
    const close = html.indexOf(">", open);
    if (close < 0) break;
    at = close + 1;
    const name = (tag[2] ?? "").toLowerCase();
    const ending = tag[1] === "/";
    if (skip) {
      if (name !== skip.name) continue;
      if (ending) skip.depth--;
      else if (!raw.has(name)) skip.depth++;
      if (skip.depth === 0) skip = undefined;
    } else if (!ending && dropped.has(name) && html[close - 1] !== "/") skip = { name, depth: 1 };
    else if (name === "li" && !ending) out.push("\n- ");
    else if (name === "td" || name === "th") out.push(ending ? " | " : "");
    else if (blocks.has(name)) out.push(/^(p|h\d|table|ul|ol|pre)$/.test(name) ? "\n\n" : "\n");
  }
  return out
    .join("")
    .replace(/[ \t]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function decode(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return entities[name.toLowerCase()] ?? whole;
    const code = name[1]?.toLowerCase() === "x" ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}
