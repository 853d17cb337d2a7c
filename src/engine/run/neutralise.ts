import type { Json } from "../../contract/json";

/**
 * Keeps text from outside from becoming control tokens. Before the template runs, every control token's text inside a
 * message, a tool or an argument is replaced by a mark that no text holds; after it, the mark is given its text back as
 * plain characters. Everything else is tokenised as it stands, so that ordinary conversations come out exactly as the
 * template's author meant.
 */
export class Neutraliser {
  private readonly pattern: RegExp | undefined;
  private readonly found: string[] = [];
  private readonly open: string;
  private readonly close: string;

  /** `texts`: of the control tokens, longest first. `content`: all text from outside, in which the marks must not occur. */
  constructor(texts: readonly string[], content: string) {
    this.pattern = texts.length === 0 ? undefined : new RegExp(texts.map(escape).join("|"), "g");
    [this.open, this.close] = unused(content);
  }

  /** The same value with control texts marked, keys included. */
  apply<T>(value: T): T {
    if (!this.pattern) return value;
    return this.walk(value as Json) as T;
  }

  private walk(value: Json): Json {
    if (typeof value === "string") return this.mark(value);
    if (Array.isArray(value)) return value.map((each) => this.walk(each));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [this.mark(key), this.walk(each)]));
  }

  private mark(text: string): string {
    return text.replace(this.pattern!, (control) => {
      this.found.push(control);
      return `${this.open}${this.found.length - 1}${this.close}`;
    });
  }

  /** Pieces of the rendered text: what the template wrote, and what outside text must stay as characters. */
  split(rendered: string): { text: string; outside: boolean }[] {
    if (this.found.length === 0) return [{ text: rendered, outside: false }];
    const marks = new RegExp(`${this.open}(\\d+)${this.close}`, "g");
    const pieces: { text: string; outside: boolean }[] = [];
    let at = 0;
    for (const match of rendered.matchAll(marks)) {
      if (match.index > at) pieces.push({ text: rendered.slice(at, match.index), outside: false });
      pieces.push({ text: this.found[Number(match[1])]!, outside: true });
      at = match.index + match[0].length;
    }
    if (at < rendered.length) pieces.push({ text: rendered.slice(at), outside: false });
    return pieces;
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Two private-use characters that the text does not hold. */
function unused(content: string): [string, string] {
  const found: string[] = [];
  for (let code = 0xe000; code < 0xf8ff && found.length < 2; code++) {
    const character = String.fromCharCode(code);
    if (!content.includes(character)) found.push(character);
  }
  return [found[0] ?? "\uE000", found[1] ?? "\uE001"];
}
