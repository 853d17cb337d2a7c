import { words } from "../tools/selection/words";

const negations = /\b(not|no|never|none|neither|nor|without|cannot|isn't|wasn't|aren't|don't|doesn't|didn't)\b/i;

/** Numbers of a text as they compare: `1,200` and `1200` are one; a trailing full stop is none of it. */
export function numbersOf(text: string): string[] {
  return (text.match(/\d[\d.,]*/g) ?? []).map((number) => number.replace(/[.,]+$/, "").replace(/,(?=\d{3}\b)/g, ""));
}

/** The words of a claim that carry it, numbers left to `numbersOf`. */
export function contentWords(text: string): Set<string> {
  return new Set(words(text).filter((word) => !/^\d+$/.test(word)));
}

/**
 * What a quote says of a claim by rule alone: `holds` when every word and number of the claim is in it (and both or
 * neither deny), `lacks` when the claim has a number the quote has not, `unknown` when a reader must judge.
 */
export function quoteSupport(claim: string, quote: string): "holds" | "lacks" | "unknown" {
  const have = new Set(numbersOf(quote));
  if (numbersOf(claim).some((number) => !have.has(number))) return "lacks";
  const there = contentWords(quote);
  const wanted = [...contentWords(claim)];
  const all = wanted.length > 0 && wanted.every((word) => there.has(word));
  return all && negations.test(claim) === negations.test(quote) ? "holds" : "unknown";
}

/** Share of words two texts have in common (Jaccard). */
export function overlap(a: Set<string>, b: Set<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  let common = 0;
  for (const word of a) if (b.has(word)) common++;
  return common / (a.size + b.size - common);
}

/** Two claims that say the same but for their numbers. */
export function valuesDiffer(a: string, b: string): boolean {
  const [ofA, ofB] = [numbersOf(a), numbersOf(b)];
  if (ofA.length !== 1 || ofB.length !== 1 || ofA[0] === ofB[0]) return false;
  return overlap(contentWords(a), contentWords(b)) >= 0.8;
}
