import type { Contradiction, ResearchNote, SourceRead } from "../../contract/research";
import { answerText } from "../tools/output";
import { spanFragment } from "./spans";
import type { ResearchState } from "./state";
import type { Written } from "./write";

/** Text of a page or a model as Markdown that is only text: nothing in it links, loads, runs or begins a block. */
export function mdText(text: string): string {
  return answerText(text)
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[\\`*_{}[\]()<>#|~!]/g, "\\$&")
    .replace(/^([-+>]|\d+[.)])/, "\\$1")
    .replace(/(https?):\/\//gi, "$1&#58;//")
    .replace(/&(?!#58;)/g, "&amp;");
}

/** A path within a link: everything but plain characters as UTF-8 in per cent. */
function linkPath(path: string): string {
  return path
    .split("/")
    .map(encodeURIComponent)
    .join("/")
    .replace(/[()]/g, (c) => (c === "(" ? "%28" : "%29"));
}

interface Parts {
  state: ResearchState;
  written: Written;
  /** From the report's folder to the workspace's first folder: `../`. */
  up: string;
  now: string;
}

/** The report: the answer with a citation on every sentence, then what was found, where sources disagree, and what stays open. */
export function reportMarkdown({ state, written, up, now }: Parts): string {
  const sources = new Map(state.read.map((source) => [source.id, source]));
  const notes = new Map(state.notes.map((note) => [note.id, note]));
  const cite = (id: number): string => {
    const note = notes.get(id);
    const source = note && sources.get(note.source);
    if (!note || !source) return "";
    return `[[${id}]](${up}${linkPath(source.file)}#${spanFragment(note.span)})`;
  };
  return [
    `# ${mdText(state.question)}`,
    "",
    `*${facts(state, now)}*`,
    "",
    "## Answer",
    "",
    ...answer(written, cite),
    "",
    ...(state.contradictions.length > 0
      ? ["## Where sources disagree", "", ...state.contradictions.map((each) => against(each, notes, cite)), ""]
      : []),
    "## What was found",
    "",
    ...found(state, cite),
    ...open(state),
    "## Sources",
    "",
    ...state.read.map((source) => sourceLine(source, up, state.notes)),
    ...unread(state),
    "",
    ...left(state, written),
  ]
    .join("\n")
    .replace(/\n{3,}/g, "\n\n");
}

function facts({ read, rounds, notes, dropped, brain, outOf }: ResearchState, now: string): string {
  const parts = [
    now.slice(0, 10),
    `${read.length} sources read in ${rounds.length} rounds`,
    `${notes.length} claims kept, ${dropped.length} dropped`,
    `written by ${mdText(brain)}`,
    ...(outOf.length > 0 ? [`the budget of ${outOf.join(", ")} was spent before it was done`] : []),
  ];
  return `${parts.join("; ")}.`;
}

function answer({ sentences }: Written, cite: (id: number) => string): string[] {
  if (sentences.length === 0) return ["The sources that were read do not answer this."];
  return sentences.map(({ text, notes, unsure }) => {
    const mark = unsure ? " *(not verified)*" : "";
    return `- ${mdText(text)} ${notes.map(cite).join(" ")}${mark}`;
  });
}

function against({ a, b, by }: Contradiction, notes: Map<number, ResearchNote>, cite: (id: number) => string): string {
  const side = (id: number): string => `${mdText(notes.get(id)?.claim ?? "")} ${cite(id)}`;
  return `- ${side(a)} — but: ${side(b)}${by === "values" ? " (other numbers)" : ""}`;
}

function found(state: ResearchState, cite: (id: number) => string): string[] {
  return state.rounds.flat().flatMap(({ text }) => {
    const about = state.notes.filter(({ question }) => question === text);
    if (about.length === 0) return [];
    const lines = about.map(({ id, claim, quote, support }) => {
      const mark = support === "unsure" ? " *(not verified)*" : "";
      return `- ${mdText(claim)}${mark} ${cite(id)}\n  > ${mdText(quote)}`;
    });
    return [`### ${mdText(text)}`, "", ...lines, ""];
  });
}

/** Questions that nothing was found on. */
function open(state: ResearchState): string[] {
  const gaps = state.rounds.flat().filter(({ text }) => !state.notes.some(({ question }) => question === text));
  if (gaps.length === 0) return [];
  return ["## Still open", "", ...gaps.map(({ text }) => `- ${mdText(text)}`), ""];
}

function sourceLine({ id, title, place, file, kind, cut }: SourceRead, up: string, notes: ResearchNote[]): string {
  const used = notes.filter(({ source }) => source === id).length;
  const where = kind === "file" ? "" : `, ${mdText(place)}`;
  return `${id}. [${mdText(title || place)}](${up}${linkPath(file)})${where} (${kind}; ${used} claims${cut ? "; only its beginning was read" : ""})`;
}

function unread({ unread: failed, searches }: ResearchState): string[] {
  const places = failed.map(({ place, error }) => `- ${mdText(place)}: ${mdText(error.message)}`);
  const engines = searches.flatMap(({ kind, question, failed: error }) =>
    error ? [`- search (${kind}) for ${mdText(question)}: ${mdText(error.message)}`] : [],
  );
  const all = [...places, ...engines];
  return all.length === 0 ? [] : ["", "### Could not be read", "", ...all];
}

function left({ dropped }: ResearchState, written: Written): string[] {
  const claims = dropped.map(({ claim, why }) => {
    const reason = why === "notInSource" ? "its quote is not in the source" : "its quote does not bear it";
    return `- ${mdText(claim)} (${reason})`;
  });
  const sentences = written.dropped.map(({ text, why }) => {
    const reason = why === "notCited" ? "it named no note" : "its notes do not bear it";
    return `- ${mdText(text)} (${reason})`;
  });
  const all = [...new Set([...claims, ...sentences])];
  return all.length === 0 ? [] : ["## Left out", "", ...all, ""];
}
