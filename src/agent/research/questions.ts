import type { ResearchQuestion, SourceKind } from "../../contract/research";
import { parseQuestions, questionsGrammar, questionsPrompt } from "../prompts/notes";
import { cleanText, withoutMarks } from "../tools/output";
import type { Asker } from "./ask";
import type { ResearchState } from "./state";

/** Questions of a round at most, and claims that are shown when the next are asked for. */
const mostQuestions = 4;
const mostKnown = 24;
const longest = 200;

/**
 * The questions of the next round that were not asked yet. Those of the first come from the user's question alone. Later
 * ones come twice where something private was read: from what is public, to be asked anywhere, and from all that is
 * known, to be asked only of private sources; so no word of a file or a memory is in a query that leaves the machine.
 */
export async function nextQuestions(
  asker: Asker,
  state: ResearchState,
  privateKinds: ReadonlySet<SourceKind>,
  signal: AbortSignal,
): Promise<ResearchQuestion[]> {
  const round = state.rounds.length + 1;
  if (round === 1) {
    const asked = await ask(asker, state.question, [], signal);
    const first = asked.length > 0 ? asked : [state.question];
    return first.map((text) => ({ text, private: false }));
  }
  const hidden = new Set(state.read.filter(({ kind }) => privateKinds.has(kind)).map(({ id }) => id));
  const open = state.notes.filter(({ source }) => !hidden.has(source));
  const all = state.notes.length > open.length;
  const outward = state.sources.some((kind) => !privateKinds.has(kind));
  const before = new Set(state.rounds.flat().map(({ text }) => text.toLowerCase()));
  const out: ResearchQuestion[] = [];
  const take = (texts: string[], secret: boolean): void => {
    for (const text of texts) {
      if (before.has(text.toLowerCase())) continue;
      before.add(text.toLowerCase());
      out.push({ text, private: secret });
    }
  };
  if (!all || outward) take(await ask(asker, state.question, claims(open), signal), false);
  if (all) take(await ask(asker, state.question, claims(state.notes), signal), true);
  return out;
}

function claims(notes: ResearchState["notes"]): string[] {
  return notes.slice(-mostKnown).map(({ claim }) => withoutMarks(claim));
}

async function ask(asker: Asker, question: string, known: string[], signal: AbortSignal): Promise<string[]> {
  const prompt = questionsPrompt(question, known, mostQuestions);
  const grammar = questionsGrammar(mostQuestions);
  const asked = (await asker.ask(prompt, parseQuestions, signal, { grammar })) ?? [];
  const clean = asked.map((text) => cleanText(text).replace(/\s+/g, " ").trim().slice(0, longest));
  return [...new Set(clean.filter((text) => text !== ""))].slice(0, mostQuestions);
}
