import { sameness } from "./tree";

const stop = new Set(
  "a an the is are was were be been it its of to in on at and or for with that this there will should has have had you i see seen shown as by from".split(
    " ",
  ),
);

function words(text: string): string[] {
  return sameness(text)
    .split(" ")
    .filter((word) => word !== "" && !stop.has(word));
}

/** What must be there word for word: numbers, and what stands in quotes. */
function musts(text: string): string[] {
  const quoted = [...text.matchAll(/"([^"]{1,80})"|'([^']{2,80})'|`([^`]{1,80})`/g)].map(
    (found) => found[1] ?? found[2] ?? found[3] ?? "",
  );
  return [...quoted, ...(text.match(/\d+(?:\.\d+)?/g) ?? [])].map(sameness).filter(Boolean);
}

/**
 * Whether what was seen fits what was expected, where a rule can tell: `undefined` where it cannot. The same words, or
 * nearly all of them with every number and quotation, fit; a failure fits an expected failure and nothing else.
 */
export function fitsByRule(expected: string, seen: string, failed: boolean): boolean | undefined {
  const expectsFailure = /\b(errors?|fails?|failed|failure|refused|denied|missing|not found)\b/i.test(expected);
  if (failed) return expectsFailure;
  const wanted = words(expected);
  if (wanted.length === 0) return true;
  const there = new Set(words(seen));
  const text = ` ${sameness(seen)} `;
  if (text.includes(` ${sameness(expected)} `)) return true;
  const lacking = musts(expected).some((must) => !text.includes(` ${must} `));
  const share = wanted.filter((word) => there.has(word)).length / wanted.length;
  if (!lacking && share >= 0.8 && wanted.length >= 2) return true;
  return undefined;
}
