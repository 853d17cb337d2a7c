import type { Token } from "../../src/contract/token";

const pictures: Record<string, string> = { " ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍", "\u00a0": "⍽", "\u200b": "∅" };

/** Characters that change how others are laid out, or are nothing to see: controls, directional marks, surrogates. */
function isHidden(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0xad ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0xfeff ||
    (code >= 0xd800 && code <= 0xdfff)
  );
}

/** One character (a whole code point) as something to see. */
export function visibleCharacter(character: string): string {
  const picture = pictures[character];
  if (picture !== undefined) return picture;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return isHidden(code) ? `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›` : character;
}

/** A text with every blank and control character made visible. */
export function visible(text: string): string {
  return Array.from(text, visibleCharacter).join("");
}

/** A token as people see it: blanks as pictures, bytes that are no whole character as hexadecimal numbers. */
export function visibleToken(token: Pick<Token, "text" | "bytes">): string {
  if (token.bytes && token.text.includes("\ufffd")) {
    return `‹${token.bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ")}›`;
  }
  return token.text === "" ? "∅" : visible(token.text);
}

/** The same, short: inner single blanks of a longer token stay blanks, for narrow cells. */
export function cellText(text: string): string {
  return text === "" ? "∅" : visible(text);
}
