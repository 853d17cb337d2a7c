import type { Token } from "../../contract/token";

/**
 * Where each token lies in a text, in UTF-16 units as an editor counts. A character whose bytes are spread over several
 * tokens lies whole in the first of them that holds one of its bytes, and is an empty span for the others. Tokens that
 * stand for no text (a beginning token, an added space) are empty spans where they come.
 */
export function tokenOffsets(text: string, tokens: readonly Token[]): { start: number; end: number }[] {
  const bytes = new TextEncoder().encode(text);
  // For every byte: the UTF-16 offset of the character it belongs to, and of the next.
  const begins = new Uint32Array(bytes.length + 1);
  const ends = new Uint32Array(bytes.length);
  let unit = 0;
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at]!;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const units = length === 4 ? 2 : 1;
    for (let i = 0; i < length; i++) {
      begins[at + i] = unit;
      ends[at + i] = unit + units;
    }
    at += length;
    unit += units;
  }
  begins[bytes.length] = unit;

  let at = 0;
  let covered = 0;
  return tokens.map((token) => {
    const piece = token.bytes ? Uint8Array.from(token.bytes) : new TextEncoder().encode(token.text);
    if (!token.special && startsAt(bytes, at, piece)) {
      const start = Math.max(covered, begins[at]!);
      const end = piece.length === 0 ? start : Math.max(start, ends[at + piece.length - 1]!);
      at += piece.length;
      covered = end;
      return { start, end };
    }
    // The tokenizer added a space of its own, or changed one: step over what it shares with the text.
    if (!token.special && piece[0] === 0x20 && startsAt(bytes, at, piece.subarray(1))) {
      const start = Math.max(covered, begins[at]!);
      at += piece.length - 1;
      covered = piece.length === 1 ? start : Math.max(start, ends[at - 1]!);
      return { start, end: covered };
    }
    return { start: covered, end: covered };
  });
}

function startsAt(bytes: Uint8Array, at: number, piece: Uint8Array): boolean {
  if (at + piece.length > bytes.length) return false;
  for (let i = 0; i < piece.length; i++) if (bytes[at + i] !== piece[i]) return false;
  return true;
}
