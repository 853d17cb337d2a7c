import { errorData } from "../../contract/errors";
import type { DroppedClaim, ResearchNote, Support } from "../../contract/research";
import { matchGrammar, matchPrompt, parseMatch } from "../prompts/judge";
import { notesGrammar, notesPrompt, parseNotes, type Note } from "../prompts/notes";
import { cleanText, withoutMarks } from "../tools/output";
import type { Asker } from "./ask";
import { passages } from "./passages";
import { QuotableText } from "./spans";
import { quoteSupport } from "./support";

export interface NotesTaken {
  notes: Omit<ResearchNote, "id">[];
  dropped: DroppedClaim[];
}

/** Parts of one text that are asked about a question at most. */
const mostPassages = 3;
const longestClaim = 400;

/**
 * What a text says on a question. A quote must stand in the text word for word, or its claim is dropped; what is kept as
 * the quote is the text's own words. Whether it bears the claim is decided by rule, then by the brain; a claim that it
 * does not bear is dropped, one that could not be judged is marked.
 */
export async function takeNotes(
  asker: Asker,
  text: string,
  question: string,
  source: number,
  signal: AbortSignal,
): Promise<NotesTaken> {
  const whole = new QuotableText(text);
  const out: NotesTaken = { notes: [], dropped: [] };
  for (const passage of passages(text, question, asker.pageRoom, mostPassages)) {
    const found = await ask(asker, question, passage, signal);
    for (const { claim, quote } of found) {
      const said = oneClaim(claim);
      if (said === "") continue;
      const place = whole.find(quote);
      if (!place) {
        out.dropped.push({ claim: said, quote, why: "notInSource" });
        continue;
      }
      if (out.notes.some((note) => note.claim === said && note.span.start === place.span.start)) continue;
      const support = await supportOf(asker, said, place.quote, signal);
      if (support === "none") out.dropped.push({ claim: said, quote: place.quote, why: "notSupported" });
      else out.notes.push({ question, source, claim: said, quote: place.quote, span: place.span, support });
    }
  }
  return out;
}

/** A text that does not fit is asked about in halves, the first of them. */
async function ask(asker: Asker, question: string, passage: string, signal: AbortSignal): Promise<Note[]> {
  for (let room = passage.length; ; room = Math.floor(room / 2)) {
    try {
      const page = withoutMarks(cleanText(passage.slice(0, room)));
      return (await asker.ask(notesPrompt(question, page), parseNotes, signal, { grammar: notesGrammar() })) ?? [];
    } catch (error) {
      if (errorData(error).code !== "contextFull" || room < 400) throw error;
    }
  }
}

/** A claim on one line without anything a terminal or a template would obey. */
function oneClaim(claim: string): string {
  return cleanText(claim).replace(/\s+/g, " ").trim().slice(0, longestClaim);
}

/** How a quote bears a claim: `none` where it does not. */
export async function supportOf(
  asker: Asker,
  claim: string,
  quote: string,
  signal: AbortSignal,
): Promise<Support | "none"> {
  const rule = quoteSupport(claim, quote);
  if (rule === "holds") return "quote";
  if (rule === "lacks") return "none";
  const fits = await asker.ask(matchPrompt(claim, withoutMarks(quote)), parseMatch, signal, {
    grammar: matchGrammar(),
    max: 16,
  });
  return fits === undefined ? "unsure" : fits ? "model" : "none";
}
