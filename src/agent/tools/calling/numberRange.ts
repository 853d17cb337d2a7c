/**
 * GBNF expressions for decimal numbers within bounds: the digits are split by length and by first digit, as one writes
 * a range as a regular expression.
 */

/** Integers from `low` to `high`, both included; an absent bound is none. Undefined when no integer fits. */
export function integerRange(low: number | undefined, high: number | undefined): string | undefined {
  const parts: string[] = [];
  const positive = naturals(Math.max(0, Math.ceil(low ?? 0)), high === undefined ? undefined : Math.floor(high));
  if (positive) parts.push(positive);
  if (low === undefined || low < 0) {
    const most = low === undefined ? undefined : Math.floor(-low);
    const negative = naturals(Math.max(1, high === undefined || high >= 0 ? 1 : Math.ceil(-high)), most);
    if (negative) parts.push(`"-" (${negative})`);
  }
  return parts.length === 0 ? undefined : parts.join(" | ");
}

/**
 * Numbers from `low` to `high` with up to 12 decimals and no exponent. Every number it lets through is within the
 * bounds; of the values beside a bound with decimals some are left out (0.05 where the minimum is 0.01).
 */
export function numberRange(low: number | undefined, high: number | undefined): string | undefined {
  const parts: string[] = [];
  if (high === undefined || high >= 0) parts.push(...decimals(Math.max(0, low ?? 0), high));
  if (low === undefined || low < 0) {
    const below = decimals(high === undefined || high >= 0 ? 0 : -high, low === undefined ? undefined : -low);
    parts.push(...below.map((part) => `"-" (${part})`));
  }
  if (parts.length > 0) return parts.join(" | ");
  return sampled(low ?? 0, high ?? 0);
}

const fraction = '("." [0-9]{1,12})?';

/** Decimals from `low` >= 0 up to `high`. */
function decimals(low: number, high: number | undefined): string[] {
  const first = Math.ceil(low);
  if (high === undefined) {
    const above = `(${naturals(first, undefined)}) ${fraction}`;
    if (Number.isInteger(low)) return [above];
    return [above, decimalDigits(Math.floor(low), tenths(low) + 1, 9), bound(low)].filter(notEmpty);
  }
  const last = Math.floor(high);
  const parts: (string | undefined)[] = [];
  const exact = naturals(first, last);
  if (exact) parts.push(exact);
  const free = last - 1 >= first ? naturals(first, last - 1) : undefined;
  if (free) parts.push(`(${free}) "." [0-9]{1,12}`);
  const lowPart = Math.floor(low);
  if (!Number.isInteger(low) && lowPart < last) parts.push(decimalDigits(lowPart, tenths(low) + 1, 9));
  if (!Number.isInteger(high) && lowPart === last && !Number.isInteger(low)) {
    parts.push(decimalDigits(last, tenths(low) + 1, tenths(high) - 1));
  } else if (!Number.isInteger(high)) {
    parts.push(decimalDigits(last, 0, tenths(high) - 1));
  }
  parts.push(bound(low), bound(high));
  return parts.filter(notEmpty);
}

/** A bound with decimals itself, which the digit ranges leave out. */
function bound(value: number): string | undefined {
  return Number.isInteger(value) || /e/.test(String(value)) ? undefined : `"${value}"`;
}

function notEmpty(part: string | undefined): part is string {
  return part !== undefined;
}

function tenths(value: number): number {
  return Math.floor((value - Math.floor(value)) * 10);
}

function decimalDigits(whole: number, from: number, to: number): string | undefined {
  if (from > to || whole > 1e15) return undefined;
  return `"${whole}." ${digit(from, to)} [0-9]{0,11}`;
}

/** Where the bounds are so near to each other that no digit fits between them: a few values between. */
function sampled(low: number, high: number): string | undefined {
  if (low > high) return undefined;
  const steps = 8;
  const values = Array.from({ length: steps + 1 }, (_, i) => low + ((high - low) * i) / steps);
  const texts = values.map(String).filter((text) => !/[eE]/.test(text) && Number(text) >= low && Number(text) <= high);
  return texts.length === 0 ? undefined : [...new Set(texts)].map((text) => `"${text}"`).join(" | ");
}

/** Naturals from `low` to `high` (none: open). */
function naturals(low: number, high: number | undefined): string | undefined {
  if (low > 1e15) return undefined;
  if (high === undefined || high > 1e15) {
    if (low === 0) return '"0" | [1-9] [0-9]{0,15}';
    const length = String(low).length;
    const same = sameLength(String(low), "9".repeat(length));
    return `${same} | [1-9] [0-9]{${length},15}`;
  }
  if (low > high) return undefined;
  const parts: string[] = [];
  for (let length = String(low).length; length <= String(high).length; length++) {
    const from = Math.max(low, length === 1 ? 0 : 10 ** (length - 1));
    const to = Math.min(high, 10 ** length - 1);
    if (from <= to) parts.push(sameLength(String(from), String(to)));
  }
  return parts.join(" | ");
}

/** Digit strings of one length between two of that length. */
function sameLength(low: string, high: string): string {
  if (low === high) return `"${low}"`;
  if (low.length === 1) return digit(Number(low), Number(high));
  const [a, b] = [Number(low[0]), Number(high[0])];
  const rest = low.length - 1;
  if (a === b) return `"${a}" (${sameLength(low.slice(1), high.slice(1))})`;
  const parts: string[] = [];
  const lowFull = /^0*$/.test(low.slice(1));
  const highFull = /^9*$/.test(high.slice(1));
  if (!lowFull) parts.push(`"${a}" (${sameLength(low.slice(1), "9".repeat(rest))})`);
  const [from, to] = [lowFull ? a : a + 1, highFull ? b : b - 1];
  if (from <= to) parts.push(`${digit(from, to)} [0-9]{${rest}}`);
  if (!highFull) parts.push(`"${b}" (${sameLength("0".repeat(rest), high.slice(1))})`);
  return parts.join(" | ");
}

function digit(from: number, to: number): string {
  return from === to ? `"${from}"` : `[${from}-${to}]`;
}
