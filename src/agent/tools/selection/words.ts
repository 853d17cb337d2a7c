const wideClass = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}";
const wide = new RegExp(`^[${wideClass}]`, "u");
const runs = new RegExp(`[${wideClass}]+|(?:(?![${wideClass}])[\\p{L}\\p{N}])+`, "gu");

/**
 * Words of a text for retrieval: identifiers are split (`getStockPrice`, `get_stock_price`), English words reduced to
 * their stems, Chinese, Japanese and Korean text taken as pairs of neighbouring characters.
 */
export function words(text: string): string[] {
  const out: string[] = [];
  const plain = text.slice(0, 20_000).normalize("NFKC");
  for (const match of plain.matchAll(runs)) {
    const run = match[0];
    if (wide.test(run)) out.push(...pairs(run));
    else for (const part of split(run)) if (!common.has(part)) out.push(stem(part));
  }
  return out;
}

function pairs(run: string): string[] {
  const chars = [...run];
  if (chars.length === 1) return chars;
  return chars.slice(1).map((char, i) => (chars[i] ?? "") + char);
}

/** The parts of an identifier, in lower case. */
function split(run: string): string[] {
  return run
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1 $2")
    .replace(/(\p{L})(\d)/gu, "$1 $2")
    .toLowerCase()
    .split(" ");
}

const common = new Set(
  "a an and are as at be been but by can could do does for from had has have he her his how i if in into is it its me my no not of on or our out please she should so some such than that the their them then there these they this those to up us use used using via was we were what when where which who will with would you your want need help let also just about any all".split(
    " ",
  ),
);

/**
 * A light stemmer for English: plurals and the commonest endings (after Harman's S-stemmer and Porter's steps 1 and 2).
 * Light on purpose: joining words too eagerly costs more in short tool descriptions than it gives.
 */
export function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word)) return word;
  let out = word;
  if (out.endsWith("ies") && out.length > 4) out = `${out.slice(0, -3)}y`;
  else if (/(ss|x|ch|sh|z)es$/.test(out)) out = out.slice(0, -2);
  else if (out.endsWith("s") && !/(ss|us|is|news)$/.test(out)) out = out.slice(0, -1);
  for (const [ending, next] of endings) {
    if (!out.endsWith(ending) || out.length - ending.length < 3) continue;
    out = out.slice(0, -ending.length) + next;
    break;
  }
  if (/([bdfglmnprt])\1$/.test(out) && out.length > 4) out = out.slice(0, -1);
  return out.length > 3 && out.endsWith("e") ? out.slice(0, -1) : out;
}

const endings: [string, string][] = [
  ["ization", "ize"],
  ["isation", "ize"],
  ["ational", "ate"],
  ["ication", "y"],
  ["ation", "ate"],
  ["ition", "it"],
  ["ance", ""],
  ["ence", ""],
  ["ment", ""],
  ["ing", ""],
  ["ion", ""],
  ["ed", ""],
  ["er", ""],
  ["or", ""],
  ["ly", ""],
];
