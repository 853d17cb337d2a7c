import { fail } from "../../contract/errors";
import type { Token } from "../../contract/token";
import type { Lab } from "./lab";

export interface Term {
  sign: 1 | -1;
  text: string;
}

/** `king - man + woman` as signed terms. A text with spaces or signs of its own goes in double quotes: `" king" - "+"`. */
export function parseExpression(source: string): Term[] {
  const terms: Term[] = [];
  const pattern = /\s*([+-])?\s*("(?:[^"\\]|\\.)*"|[^\s"+-][^\s]*)/uy;
  let at = 0;
  while (at < source.length && source.slice(at).trim() !== "") {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (!match || (terms.length > 0 && !match[1]))
      fail("badArgument", `The expression '${source}' is not understood from character ${at + 1} on.`, {
        remedy: "Write words joined by + and -, such as king - man + woman; quote a word that has spaces or signs.",
      });
    const word = match[2]!;
    terms.push({ sign: match[1] === "-" ? -1 : 1, text: word.startsWith('"') ? unquoted(word) : word });
    at = pattern.lastIndex;
  }
  if (terms.length === 0) fail("badArgument", "The expression is empty.");
  return terms;
}

const unquoted = (word: string) => word.slice(1, -1).replace(/\\(.)/gu, "$1");

/** The token of a word: as it is, or else with the space before it that it has inside a sentence. */
export function wordToken(lab: Lab, text: string): Token {
  if (text === "") fail("unknownToken", "A word of the expression is empty.");
  const plain = lab.tokenize(text, true);
  if (plain.length === 1) return plain[0]!;
  const spaced = lab.tokenize(` ${text}`, true);
  if (spaced.length === 1) return spaced[0]!;
  const parts = plain.map((token) => JSON.stringify(token.text)).join(" ");
  return fail("severalTokens", `'${text}' is no single token of this model; it makes ${parts}.`, {
    remedy: "Choose a word that is one token.",
    details: { tokens: plain },
  });
}
