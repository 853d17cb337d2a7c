import type { Found, ResearchQuestion, SourceKind } from "../../contract/research";
import type { ResearchState } from "./state";

/** What is to be done next. Each step's result is one event, so a research goes on from its journal at any of them. */
export type Task =
  | { kind: "questions"; round: number }
  | { kind: "search"; question: ResearchQuestion; source: SourceKind }
  | { kind: "read"; question: ResearchQuestion; found: Found }
  | { kind: "note"; question: ResearchQuestion; source: number }
  | { kind: "compare"; round: number }
  | { kind: "report" };

/** Places that a search gives at most, and those of them that are read for a question. */
export const searchLimit = 12;
export const readsAQuestion = 8;

/** Chosen from the state alone: searching, reading and noting question by question, then comparing, then the next round. */
export function nextTask(state: ResearchState, privateKinds: ReadonlySet<SourceKind>): Task {
  const round = state.rounds.length;
  const questions = state.rounds.at(-1);
  const broke = state.outOf.length > 0;
  if (!questions) return broke ? { kind: "report" } : { kind: "questions", round: 1 };
  if (!broke) {
    for (const question of questions) {
      for (const source of state.sources) {
        // What came from private texts is not told to anyone outside.
        if (question.private && !privateKinds.has(source)) continue;
        const done = state.searches.some((each) => each.question === question.text && each.kind === source);
        if (!done) return { kind: "search", question, source };
      }
      for (const found of chosen(state, question)) {
        const source = state.read.find((each) => each.kind === found.kind && each.place === found.place);
        if (!source) {
          if (state.unread.some((each) => each.kind === found.kind && each.place === found.place)) continue;
          return { kind: "read", question, found };
        }
        const noted = state.noted.some((each) => each.question === question.text && each.source === source.id);
        if (!noted) return { kind: "note", question, source: source.id };
      }
    }
    if (state.compared < round) return { kind: "compare", round };
    if (questions.length > 0 && round < state.budget.rounds) return { kind: "questions", round: round + 1 };
  }
  return { kind: "report" };
}

/**
 * The places read for a question: the searches' lists dealt out in turns, so that no source crowds out another. What was
 * read for another question already is asked about this one too, wherever it stands in the lists.
 */
export function chosen(state: ResearchState, { text }: ResearchQuestion): Found[] {
  const lists = state.searches.filter(({ question }) => question === text).map(({ found }) => found);
  const out: Found[] = [];
  for (let i = 0; i < searchLimit; i++) {
    for (const list of lists) {
      const found = list[i];
      if (found && !out.some(({ kind, place }) => kind === found.kind && place === found.place)) out.push(found);
    }
  }
  const most = readsAQuestion + lists.length - 1;
  const known = ({ kind, place }: Found): boolean =>
    state.read.some((each) => each.kind === kind && each.place === place);
  return out.filter((found, i) => i < most || known(found));
}
