import type { SurprisalToken } from "../../contract/instruments";

/** Pure functions on the scored tokens of a document. Offsets are UTF-16 units, as an editor counts. */

/** One replacement in a document: `length` units at `offset` became `inserted` units. */
export interface Edit {
  offset: number;
  length: number;
  inserted: number;
}

/** Upper edges of the buckets, nats; what is above the last is the last bucket. Bucket 0 is not coloured. */
export const bucketEdges: readonly number[] = [1, 2.5, 4.5, 7, 10];

/** 0 (expected) to `bucketEdges.length` (very surprising). */
export function bucketOf(surprisal: number | null): number {
  if (surprisal === null || Number.isNaN(surprisal)) return 0;
  const found = bucketEdges.findIndex((edge) => surprisal < edge);
  return found === -1 ? bucketEdges.length : found;
}

/**
 * Tokens after an edit: those before it stay, those it touches go, those behind it move along. The ones that moved are
 * no longer true to the letter (their context changed), but they stay in sight until they are scored again.
 */
export function shifted(tokens: readonly SurprisalToken[], { offset, length, inserted }: Edit): SurprisalToken[] {
  const by = inserted - length;
  const result: SurprisalToken[] = [];
  for (const token of tokens) {
    if (token.end <= offset) result.push(token);
    else if (token.start >= offset + length) result.push({ ...token, start: token.start + by, end: token.end + by });
  }
  return result;
}

/**
 * From where a document must be read again after a change at `offset`: a word back, since what is typed at the end of a
 * word changes how the word is cut into tokens.
 */
export function rescoreFrom(text: string, offset: number): number {
  let from = Math.min(offset, text.length);
  while (from > 0 && !/\s/.test(text[from - 1] ?? "")) from -= 1;
  while (from > 0 && /\s/.test(text[from - 1] ?? "")) from -= 1;
  return from;
}

/** Old tokens up to where the new ones begin, then the new ones. */
export function merged(
  old: readonly SurprisalToken[],
  fresh: readonly SurprisalToken[],
  from: number,
): SurprisalToken[] {
  const begin = Math.min(from, fresh[0]?.start ?? from);
  return [...old.filter((token) => token.end <= begin), ...fresh];
}

/** The token at an offset, by bisection: tokens are in order and do not overlap. */
export function tokenAt(tokens: readonly SurprisalToken[], offset: number): SurprisalToken | undefined {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const token = tokens[low];
  return token && token.start <= offset && offset < token.end ? token : undefined;
}

/** Ranges of each bucket, neighbours joined. */
export function rangesByBucket(tokens: readonly SurprisalToken[]): [start: number, end: number][][] {
  const ranges: [number, number][][] = bucketEdges.map(() => []);
  for (const { start, end, surprisal } of tokens) {
    const bucket = bucketOf(surprisal);
    if (bucket === 0 || end <= start) continue;
    const list = ranges[bucket - 1];
    const last = list?.at(-1);
    if (last && last[1] === start) last[1] = end;
    else list?.push([start, end]);
  }
  return ranges;
}

/** exp of the mean surprisal over the tokens that have one. */
export function perplexity(tokens: readonly SurprisalToken[]): number | null {
  const scored = tokens.flatMap(({ surprisal }) => (surprisal === null ? [] : [surprisal]));
  return scored.length === 0 ? null : Math.exp(scored.reduce((sum, value) => sum + value, 0) / scored.length);
}
