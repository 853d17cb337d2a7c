import type { Contradiction, ResearchNote } from "../../contract/research";
import { contradictGrammar, contradictPrompt, parseContradict } from "../prompts/contradict";
import type { Asker } from "./ask";
import { contentWords, overlap, valuesDiffer } from "./support";

/** Pairs that are judged in a round at most, and how alike two claims must be to be worth it. */
const mostPairs = 40;
const alike = 0.15;

/**
 * Contradictions among notes, new ones against all. Claims of one source are not set against each other. The same said
 * with another number needs no judge; other pairs that speak of the same are judged by the brain, the likest first.
 */
export async function compareNotes(
  asker: Asker,
  notes: readonly ResearchNote[],
  known: readonly Contradiction[],
  fresh: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<Contradiction[]> {
  const sets = new Map(notes.map((note) => [note.id, contentWords(note.claim)]));
  const pairs = notes.flatMap((a, i) =>
    notes.slice(i + 1).flatMap((b) => {
      if (a.source === b.source || a.claim === b.claim) return [];
      if (!fresh.has(a.id) && !fresh.has(b.id)) return [];
      if (known.some((each) => each.a === a.id && each.b === b.id)) return [];
      const score = overlap(sets.get(a.id) ?? new Set(), sets.get(b.id) ?? new Set());
      return score >= alike ? [{ a, b, score }] : [];
    }),
  );
  const out: Contradiction[] = [];
  let judged = 0;
  for (const { a, b } of pairs.toSorted((x, y) => y.score - x.score)) {
    if (valuesDiffer(a.claim, b.claim)) {
      out.push({ a: a.id, b: b.id, by: "values" });
      continue;
    }
    if (judged++ >= mostPairs) continue;
    const options = { grammar: contradictGrammar(), max: 16 };
    const against = await asker.ask(contradictPrompt(a.claim, b.claim), parseContradict, signal, options);
    if (against === true) out.push({ a: a.id, b: b.id, by: "model" });
  }
  return out;
}
