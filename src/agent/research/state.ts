import { fail, type ErrorData } from "../../contract/errors";
import type {
  Contradiction,
  DroppedClaim,
  Found,
  ResearchBudget,
  ResearchEvent,
  ResearchNote,
  ResearchQuestion,
  ResearchSpent,
  SourceKind,
  SourceRead,
} from "../../contract/research";
import { parseJson } from "../prompts/spacedJson";

/** A research as its journal tells it: everything that the next step is chosen from. */
export interface ResearchState {
  id: string;
  question: string;
  brain: string;
  sources: SourceKind[];
  budget: ResearchBudget;
  rounds: ResearchQuestion[][];
  /** What was found, by question and kind. */
  searches: { question: string; kind: SourceKind; found: Found[]; failed?: ErrorData }[];
  read: SourceRead[];
  unread: { place: string; kind: SourceKind; error: ErrorData }[];
  /** Question and source that notes were taken on. */
  noted: { question: string; source: number }[];
  notes: ResearchNote[];
  dropped: DroppedClaim[];
  contradictions: Contradiction[];
  /** Rounds whose notes were compared. */
  compared: number;
  outOf: (keyof ResearchBudget)[];
  spent: ResearchSpent;
  paused: boolean;
  report: string | undefined;
  error: ErrorData | undefined;
  updated: string;
}

export function emptyState(id: string): ResearchState {
  return {
    id,
    question: "",
    brain: "",
    sources: [],
    budget: { rounds: 0, reads: 0, tokens: 0, ms: 0 },
    rounds: [],
    searches: [],
    read: [],
    unread: [],
    noted: [],
    notes: [],
    dropped: [],
    contradictions: [],
    compared: 0,
    outOf: [],
    spent: { reads: 0, promptTokens: 0, tokens: 0, ms: 0 },
    paused: false,
    report: undefined,
    error: undefined,
    updated: "",
  };
}

/** The state after one more event. Pure: a journal read again gives the state that wrote it. */
export function withResearchEvent(state: ResearchState, event: ResearchEvent): ResearchState {
  const next = { ...state, updated: event.at };
  switch (event.type) {
    case "research":
      return {
        ...next,
        question: event.question,
        brain: event.brain,
        sources: event.sources,
        budget: event.budget,
      };
    case "questions":
      return { ...next, rounds: [...state.rounds, event.questions] };
    case "search": {
      const { question, kind, found, failed } = event;
      return { ...next, searches: [...state.searches, { question, kind, found, ...(failed ? { failed } : {}) }] };
    }
    case "read":
      return { ...next, read: [...state.read, event.source] };
    case "unread":
      return { ...next, unread: [...state.unread, { place: event.place, kind: event.kind, error: event.error }] };
    case "notes":
      return {
        ...next,
        noted: [...state.noted, { question: event.question, source: event.source }],
        notes: [...state.notes, ...event.notes],
        dropped: [...state.dropped, ...event.dropped],
      };
    case "compared":
      return {
        ...next,
        compared: event.round,
        contradictions: [...state.contradictions, ...event.contradictions],
      };
    case "paused":
      return { ...next, paused: true };
    case "resumed":
      return { ...next, paused: false, error: undefined };
    case "budget":
      return { ...next, outOf: [...state.outOf, event.of] };
    case "spent":
      return { ...next, spent: event.spent };
    case "report":
      return { ...next, report: event.file };
    case "failed":
      return { ...next, error: event.error };
  }
}

/** A research from the lines of its journal; fails with `damagedFile` when they do not begin with one. */
export function stateOfLines(id: string, lines: readonly string[]): ResearchState {
  let state = emptyState(id);
  for (const line of lines) {
    const value = parseJson(line);
    if (value === undefined || typeof value !== "object" || value === null || !("type" in value)) continue;
    state = withResearchEvent(state, value as unknown as ResearchEvent);
  }
  if (state.question === "") fail("damagedFile", `The journal of research ${id} does not say its question.`);
  return state;
}
