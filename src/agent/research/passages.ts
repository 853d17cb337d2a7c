import { contentWords } from "./support";

/**
 * The parts of a text that a question is asked of: the text itself when it fits, else the windows that have most of the
 * question's words, in the text's order. Windows end at line or sentence ends.
 */
export function passages(text: string, question: string, room: number, most: number): string[] {
  if (text.length <= room) return text.trim() === "" ? [] : [text];
  const wanted = contentWords(question);
  const parts = windows(text, room).map((part, order) => {
    const there = contentWords(part);
    return { part, order, score: [...wanted].filter((word) => there.has(word)).length };
  });
  const best = parts.toSorted((a, b) => b.score - a.score || a.order - b.order).slice(0, most);
  const useful = best.filter(({ score }, i) => score > 0 || i === 0);
  return useful.toSorted((a, b) => a.order - b.order).map(({ part }) => part);
}

function windows(text: string, room: number): string[] {
  const out: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + room);
    if (end < text.length) {
      const piece = text.slice(at, end);
      const stop = Math.max(piece.lastIndexOf("\n"), piece.lastIndexOf(". ") + 1, piece.lastIndexOf("。") + 1);
      if (stop > room * 0.5) end = at + stop;
    }
    out.push(text.slice(at, end));
    at = end;
  }
  return out;
}
