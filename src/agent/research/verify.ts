import { fail } from "../../contract/errors";
import type { ResearchNote } from "../../contract/research";
import { sha256 } from "../tools/hash";
import { textAtFragment } from "./spans";
import { stateOfLines } from "./state";
import type { ResearchStore } from "./store";

/** A link of a report that was opened and read. */
export interface CheckedCitation {
  note: number;
  file: string;
  quote: string;
  /** The file holds the quoted words at that place. */
  holds: boolean;
  /** The source is not the text that was read any more. */
  changed: boolean;
}

/**
 * Opens every citation of a finished research's report as a reader would: by its link alone, whose place must hold the
 * note's quote word for word. Fails with `badArgument` when there is no report yet.
 */
export async function checkReport(store: ResearchStore, id: string): Promise<CheckedCitation[]> {
  const state = stateOfLines(id, await store.journal.read(id));
  if (state.report === undefined) fail("badArgument", "This research has no report yet.");
  const report = await store.text(state.report);
  const notes = new Map<number, ResearchNote>(state.notes.map((note) => [note.id, note]));
  const out: CheckedCitation[] = [];
  for (const [, number = "", path = "", fragment = ""] of report.matchAll(/\[\[(\d+)\]\]\(\.\.\/([^)#]+)#([^)]+)\)/g)) {
    const note = notes.get(Number(number));
    const file = decodeURIComponent(path);
    const text = await store.text(file).catch(() => undefined);
    const source = state.read.find((each) => each.id === note?.source);
    const there = text === undefined ? undefined : textAtFragment(text, fragment);
    out.push({
      note: Number(number),
      file,
      quote: note?.quote ?? "",
      holds: note !== undefined && source?.file === file && there === note.quote,
      changed: text === undefined || sha256(text) !== source?.hash,
    });
  }
  return out;
}
