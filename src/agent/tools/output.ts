/**
 * The one place where text from tools, files, pages and models is made harmless before a model or a person reads it.
 * It stays data: nothing here makes it trusted.
 */

// Terminal control: CSI, OSC and other string sequences, then single controls except tab and line feed.

const sequences =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u009b[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b\u009c]{0,4096}(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;

const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Characters that reorder or hide text (CVE-2021-42574): what a person reads would not be what is there. */
const reordering = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

const loneSurrogates = /[\ud800-\udfff]/gu;

/** Without terminal sequences, control and reordering characters; line ends as `\n`. */
export function cleanText(text: string): string {
  return text
    .replace(sequences, "")
    .replace(/\r\n?/g, "\n")
    .replace(controls, "")
    .replace(reordering, "")
    .replace(loneSurrogates, "\ufffd");
}

/** Says whether a text holds characters that `cleanText` would take away (a command shown would differ from what runs). */
export function hidesSomething(text: string): boolean {
  return cleanText(text) !== text.replace(/\r\n?/g, "\n") || text.includes("\r");
}

/** Marks of chat templates lose their force, so that no tool output opens a turn, a thought or a call. */
export function withoutMarks(text: string): string {
  return text
    .replace(/<\|/g, "<\u2009|")
    .replace(/<(\/?)(tool_response|tool_call|tools?|think|output|s)>/gi, "<$1 $2>")
    .replace(/\[(\/?)(INST|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS)\]/g, "[$1 $2]")
    .replace(/<(start|end)_of_turn>/g, "<$1 of turn>");
}

export interface CutText {
  text: string;
  /** Characters left out. */
  leftOut: number;
}

/** At most `limit` characters: head and tail, with what was left out said between them. */
export function cutText(text: string, limit: number, pointer = ""): CutText {
  if (text.length <= limit) return { text, leftOut: 0 };
  const room = Math.max(0, limit - 80 - pointer.length);
  const head = lineEnd(text.slice(0, Math.ceil(room * 0.7)));
  const tail = lineStart(room === 0 ? "" : text.slice(-Math.max(1, Math.floor(room * 0.3))));
  const leftOut = text.length - head.length - tail.length;
  const said = `[${leftOut} of ${text.length} characters left out${pointer ? `; ${pointer}` : ""}]`;
  return { text: [head, said, tail].filter(Boolean).join("\n").replace(loneSurrogates, "\ufffd"), leftOut };
}

/** Ends at a line's end where one is near. */
function lineEnd(text: string): string {
  const at = text.lastIndexOf("\n");
  return at > text.length * 0.8 ? text.slice(0, at) : text;
}

function lineStart(text: string): string {
  const at = text.indexOf("\n");
  return at >= 0 && at < text.length * 0.2 ? text.slice(at + 1) : text;
}

/** What the user is shown as an answer: pictures from the network become links, since loading one tells its server what is in the address. */
export function answerText(text: string): string {
  return cleanText(text)
    .replace(
      /!\[([^\]]{0,500})\]\(([^)]{0,4000})\)/g,
      (_, alt: string, target: string) => `[${alt || "picture"}](${target})`,
    )
    .replace(/<img\b[^>]{0,4000}>/gi, "[picture]");
}
