import type { ResearchStep, ResearchView } from "../../contract/research";
import type { ResearchState } from "./state";

/** A research as people see it. `running` says whether some process works on it now. */
export function researchView(state: ResearchState, running: boolean, doing: ResearchStep): ResearchView {
  const { id, question, brain, sources, rounds, budget, read, notes, dropped, contradictions, spent } = state;
  return {
    id,
    question,
    brain,
    state: state.report !== undefined ? "done" : state.error ? "failed" : running ? "running" : "paused",
    sources,
    round: rounds.length,
    rounds: budget.rounds,
    questions: rounds.flatMap((asked, i) =>
      asked.map(({ text }) => ({
        text,
        round: i + 1,
        notes: notes.filter((note) => note.question === text).length,
      })),
    ),
    read,
    notes: notes.length,
    dropped: dropped.length,
    contradictions: contradictions.length,
    doing,
    spent,
    progress: progressOf(state),
    ...(state.report === undefined ? {} : { report: state.report }),
    ...(state.error === undefined ? {} : { error: state.error }),
    updated: state.updated,
  };
}

/** An estimate: rounds that are over, and of the present one the questions that have been read for. */
function progressOf({ rounds, budget, noted, report, compared }: ResearchState): number {
  if (report !== undefined) return 1;
  const questions = rounds.at(-1) ?? [];
  const done = questions.filter(({ text }) => noted.some(({ question }) => question === text)).length;
  const part = questions.length === 0 ? 0 : done / questions.length;
  return Math.min(0.95, (compared + (compared < rounds.length ? part : 0)) / (budget.rounds + 0.5));
}
