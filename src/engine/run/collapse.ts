/**
 * Whether an answer is no longer language: it ends in a loop (the same stretch of up to eight tokens, four times in a row), or its
 * distributions are close to flat (mean entropy above 0.6 of the greatest possible). An empty answer has collapsed too.
 */
export function hasCollapsed(ids: readonly number[], entropy: number, vocabulary: number): boolean {
  if (ids.length === 0) return true;
  if (entropy > 0.6 * Math.log(vocabulary)) return true;
  for (let period = 1; period <= 8; period++) {
    const length = 4 * period;
    if (ids.length < Math.max(length, 8)) continue;
    const tail = ids.slice(-Math.max(length, 8));
    if (tail.every((id, i) => i < period || id === tail[i - period])) return true;
  }
  return false;
}
