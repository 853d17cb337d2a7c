import type { TextSpan } from "../../contract/research";

/** Characters that readers take for one another when they copy words from a page. */
const alike: Record<string, string> = { "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " " };

/** A text with runs of white space as one space and typographic signs plain; `at[i]` is where character i stood. */
function plain(text: string): { text: string; at: number[] } {
  const out: string[] = [];
  const at: number[] = [];
  let spaced = true;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    const next = alike[char] ?? char;
    const space = /\s/.test(next);
    if (space && spaced) continue;
    spaced = space;
    out.push(space ? " " : next);
    at.push(i);
  }
  return { text: out.join(""), at };
}

/** A text made ready for many quotes to be found in it. */
export class QuotableText {
  private readonly flat: { text: string; at: number[] };
  private readonly lines: number[];

  constructor(readonly text: string) {
    this.flat = plain(text);
    this.lines = [0];
    for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) this.lines.push(i + 1);
  }

  /**
   * Where the words of a quote stand, white space and typographic quotes apart; undefined when they are not there. What
   * the place holds, not what a model wrote, is the quote from then on.
   */
  find(quote: string): { quote: string; span: TextSpan } | undefined {
    const wanted = plain(quote).text.trim();
    if (wanted.length < 3) return undefined;
    const from = this.flat.text.indexOf(wanted);
    if (from < 0) return undefined;
    const start = this.flat.at[from];
    const last = this.flat.at[from + wanted.length - 1];
    if (start === undefined || last === undefined) return undefined;
    const end = last + 1;
    return { quote: this.text.slice(start, end), span: this.span(start, end) };
  }

  private span(start: number, end: number): TextSpan {
    const from = this.place(start);
    const to = this.place(end);
    return { start, end, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
  }

  private place(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lines[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.lines[low] ?? 0) + 1 };
  }
}

/** The fragment of a link that opens a file at a span: `L3,5-L3,20`, as VS Code reads it. */
export function spanFragment({ line, column, endLine, endColumn }: TextSpan): string {
  return `L${line},${column}-L${endLine},${endColumn}`;
}

/** The text at a place that a fragment names; undefined when it names none of this text. */
export function textAtFragment(text: string, fragment: string): string | undefined {
  const match = /^L(\d+),(\d+)-L(\d+),(\d+)$/.exec(fragment);
  if (!match) return undefined;
  const [line = 0, column = 0, endLine = 0, endColumn = 0] = match.slice(1).map(Number);
  const starts = [0];
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  const [first, last] = [starts[line - 1], starts[endLine - 1]];
  if (first === undefined || last === undefined) return undefined;
  return text.slice(first + column - 1, last + endColumn - 1);
}
