export interface Vote {
  /** The answer as the first sample that gave it wrote it. */
  answer: string;
  count: number;
}

/** What answers have in common whatever their wording: their last number where all have one, else their words. */
function keyOf(text: string, numeric: boolean): string {
  if (numeric) return String(Number(numbers(text).at(-1)));
  return text
    .toLowerCase()
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

function numbers(text: string): string[] {
  return (text.match(/-?\d[\d,]*(?:\.\d+)?/g) ?? []).map((each) => each.replaceAll(",", ""));
}

/**
 * Self-consistency (Wang et al., arXiv 2203.11171): the answers of several samples, counted, the most frequent first; of
 * equally frequent ones the earlier. Empty answers do not vote.
 */
export function vote(answers: readonly string[]): Vote[] {
  const said = answers.map((answer) => answer.trim()).filter(Boolean);
  const numeric = said.length > 0 && said.every((answer) => numbers(answer).length > 0);
  const votes = new Map<string, Vote>();
  for (const answer of said) {
    const key = keyOf(answer, numeric);
    const known = votes.get(key);
    if (known) known.count++;
    else votes.set(key, { answer, count: 1 });
  }
  return [...votes.values()].sort((a, b) => b.count - a.count);
}
