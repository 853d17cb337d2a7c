import type { Found, SourceKind } from "../../contract/research";

/** A text to take notes from. */
export interface SourceText {
  title: string;
  text: string;
  /** It was longer than was read. */
  cut: boolean;
  /** The workspace file itself, relative with `/`, where citations can open it; others are saved as they were read. */
  file?: string;
}

/** One kind of place where answers may be: the port behind which every search engine, file tree or browser stands. */
export interface ResearchSource {
  readonly kind: SourceKind;
  /** What is asked of it never leaves the machine, and what it gives is the user's own. */
  readonly private: boolean;
  /** Places that may answer, the likeliest first. Nothing found is an empty list, no failure. */
  search(query: string, limit: number, signal: AbortSignal): Promise<Found[]>;
  read(place: string, signal: AbortSignal): Promise<SourceText>;
}
