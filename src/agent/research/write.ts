import type { ResearchNote } from "../../contract/research";
import { reportPrompt } from "../prompts/notes";
import { good, withoutThought } from "../prompts/reply";
import { cleanText, withoutMarks } from "../tools/output";
import type { Asker } from "./ask";
import { supportOf } from "./notes";

/** A sentence of the report with the notes that bear it. */
export interface Sentence {
  text: string;
  notes: number[];
  /** It could not be judged whether its notes bear it. */
  unsure: boolean;
}

export interface Written {
  sentences: Sentence[];
  /** Sentences that were left out: no note, a number that no note has, or not borne by its notes. */
  dropped: { text: string; why: "notCited" | "notSupported" }[];
}

const mostNotes = 40;

/**
 * The answer from the notes, sentence by sentence. A sentence stays only with a note that bears it: by rule where the
 * note's words hold it, else by the brain's judgement. What the brain adds of its own is left out and counted.
 */
export async function writeAnswer(
  asker: Asker,
  question: string,
  notes: readonly ResearchNote[],
  signal: AbortSignal,
): Promise<Written> {
  const shown = notes.slice(0, mostNotes);
  if (shown.length === 0) return { sentences: [], dropped: [] };
  const prompt = reportPrompt(
    question,
    shown.map(({ claim }) => withoutMarks(claim)),
  );
  const text = (await asker.ask(prompt, (reply) => good(withoutThought(reply)), signal)) ?? "";
  const out: Written = { sentences: [], dropped: [] };
  for (const { said, cited } of citedSentences(cleanText(text))) {
    // The prompt numbers the notes it shows from 1.
    const bearers = cited.flatMap((number) => shown[number - 1] ?? []);
    if (bearers.length === 0) {
      out.dropped.push({ text: said, why: "notCited" });
      continue;
    }
    const borne = bearers.map(({ claim, quote }) => `${claim} ${quote}`).join(" ");
    const support = await supportOf(asker, said, borne, signal);
    if (support === "none") out.dropped.push({ text: said, why: "notSupported" });
    else {
      const marked = support === "unsure" || bearers.every((note) => note.support === "unsure");
      out.sentences.push({ text: said, notes: bearers.map(({ id }) => id), unsure: marked });
    }
  }
  return out;
}

/** Sentences with the numbers in brackets that follow them; white space and list marks apart. */
export function citedSentences(text: string): { said: string; cited: number[] }[] {
  const out: { said: string; cited: number[] }[] = [];
  const pattern =
    /((?:(?!\[\d{1,3}(?:\s*,\s*\d{1,3})*\])[^\n])*?)((?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])+)[.。]?|([^\n]+)/g;
  for (const [, said = "", marks = "", rest = ""] of text.slice(0, 20_000).matchAll(pattern)) {
    // A mark stands for the sentence it follows; what comes before that one has none.
    const parts = (said || rest).split(/(?<=[.!?])\s+|(?<=[。！？])/).map((part) => part.replace(/^[\s\-*#>.。]+/, ""));
    const sentences = parts.map((part) => part.replace(/\s+/g, " ").trim()).filter((part) => part.length >= 2);
    const cited = [...marks.matchAll(/\d{1,3}/g)].map(([number]) => Number(number));
    sentences.forEach((sentence, i) => out.push({ said: sentence, cited: i === sentences.length - 1 ? cited : [] }));
  }
  return out;
}
