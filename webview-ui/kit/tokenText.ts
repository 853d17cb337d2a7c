import type { GeneratedToken, Token } from "../../src/contract/token";

/** Where each token of a reply begins in its text (UTF-16 offsets). */
export interface TokenMarks {
  /** Ascending; `index[i]` is the token's place among the reply's tokens. */
  starts: number[];
  index: number[];
  /** Where the last one ends. */
  end: number;
  /** 0 (near certain) .. 4 (unlikely), for shading. */
  bucket: number[];
}

const encoder = new TextEncoder();

function bytesOf(token: Pick<Token, "text" | "bytes">): ArrayLike<number> {
  return token.bytes ?? encoder.encode(token.text);
}

/** Shading step of a probability: 0 is near certain, 4 unlikely. */
export function confidenceBucket(p: number): number {
  return p >= 0.9 ? 0 : p >= 0.7 ? 1 : p >= 0.4 ? 2 : p >= 0.15 ? 3 : 4;
}

/**
 * Finds each token's place in the text that is shown. Tokens that are only part of a character begin where the character
 * does. Null where the tokens do not spell the text: nothing is then marked rather than marked wrongly.
 */
export function markTokens(
  text: string,
  tokens: readonly GeneratedToken[],
  part: "answer" | "thought",
): TokenMarks | null {
  const own = tokens.map((token, index) => ({ token, index })).filter(({ token }) => token.part === part);
  if (own.length === 0 || text === "") return null;
  const { whole, starts } = spell(own.map(({ token }) => token));
  const shift = whole.startsWith(text) ? 0 : whole.indexOf(text);
  // While an answer runs its text may be ahead of or behind the tokens' by what is still held back.
  if (shift < 0 && !text.startsWith(whole)) return null;
  const offset = Math.max(0, shift);
  return {
    starts: starts.map((start) => start - offset),
    index: own.map(({ index }) => index),
    end: whole.length - offset,
    bucket: own.map(({ token }) => confidenceBucket(token.p)),
  };
}

/** The text tokens spell together, and each one's UTF-16 offset in it. */
export function spell(tokens: readonly Pick<Token, "text" | "bytes">[]): { whole: string; starts: number[] } {
  const starts: number[] = [];
  if (tokens.every((token) => token.bytes === undefined)) {
    let at = 0;
    for (const { text } of tokens) {
      starts.push(at);
      at += text.length;
    }
    return { whole: tokens.map(({ text }) => text).join(""), starts };
  }
  const all: number[] = [];
  let units = 0;
  for (const token of tokens) {
    const bytes = bytesOf(token);
    const first = bytes[0] ?? 0;
    // A continuation byte belongs to the character that was begun before it.
    starts.push((first & 0xc0) === 0x80 ? Math.max(0, lastCharacter(all, units)) : units);
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      all.push(byte);
      if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
    }
  }
  return { whole: new TextDecoder().decode(new Uint8Array(all)), starts };
}

function lastCharacter(bytes: number[], units: number): number {
  let at = bytes.length - 1;
  while (at >= 0 && (bytes[at]! & 0xc0) === 0x80) at--;
  return units - ((bytes[at] ?? 0) >= 0xf0 ? 2 : 1);
}
