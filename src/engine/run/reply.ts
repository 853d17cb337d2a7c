import type { GeneratedToken } from "../../contract/token";
import type { ThoughtMarks } from "./thinking";

/** A token with everything but its part, which is known once the marks around it are. */
export type Unplaced = Omit<GeneratedToken, "part">;

interface Held {
  token: Unplaced;
  /** Its bytes, one character a byte; none for a token that ends the reply. */
  bytes: string;
  ends: boolean;
}

const decoder = new TextDecoder("utf-8");
const blank = /^[ \t\r\n]+/;

/** Text as one character a byte, so that marks and stop strings are found across tokens that split a character. */
function byteString(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function asText(bytes: string): string {
  return decoder.decode(Buffer.from(bytes, "latin1"));
}

export interface ReplyOptions {
  /** What goes around a thought; absent where a reply has none. */
  marks?: ThoughtMarks | undefined;
  /** The template has opened the thought already. */
  insideThought: boolean;
  stops: readonly string[];
}

/**
 * Reads a reply as it comes: parts thought from answer, finds stop strings across tokens, and lets a token out only when it
 * can no longer belong to a mark or a stop string.
 */
export class ReplyReader {
  private state: "start" | "thought" | "answer";
  private held: Held[] = [];
  private thoughtBytes = "";
  private answerBytes = "";
  private hasThought: boolean;
  private readonly open: string;
  private readonly close: string;
  private readonly stops: { bytes: string; text: string }[];
  /** The stop string that was found. */
  stopText: string | undefined;

  constructor({ marks, insideThought, stops }: ReplyOptions) {
    this.open = marks ? byteString(Buffer.from(marks.open)) : "";
    this.close = marks ? byteString(Buffer.from(marks.close)) : "";
    this.state = insideThought ? "thought" : marks ? "start" : "answer";
    this.hasThought = insideThought;
    this.stops = stops.map((text) => ({ bytes: byteString(Buffer.from(text)), text }));
  }

  /** Where the next token stands, as far as is known. */
  get part(): "start" | "thought" | "answer" {
    return this.state;
  }

  /** How many tokens are held back. */
  get holding(): number {
    return this.held.length;
  }

  /** Takes a token; gives those that are settled now. `ends`: it ends the reply, and has no text. */
  push(token: Unplaced, bytes: Uint8Array, ends: boolean): GeneratedToken[] {
    this.held.push({ token, bytes: ends ? "" : byteString(bytes), ends });
    return this.settle(ends);
  }

  /** Gives what is still held: no mark and no stop string will come of it. */
  finish(): GeneratedToken[] {
    return this.settle(true);
  }

  get text(): string {
    const text = asText(this.answerBytes);
    return this.hasThought ? text.replace(/^\s+/, "") : text;
  }

  get thought(): string {
    return asText(this.thoughtBytes).trim();
  }

  private settle(last: boolean): GeneratedToken[] {
    const out: GeneratedToken[] = [];
    if (this.state === "start") this.readStart(out, last);
    if (this.state === "thought") this.readThought(out, last);
    if (this.state === "answer") this.readAnswer(out, last);
    return out;
  }

  private readStart(out: GeneratedToken[], last: boolean): void {
    const bytes = this.heldBytes();
    const begun = bytes.replace(blank, "");
    if (begun.startsWith(this.open)) {
      this.thoughtBytes += begun.slice(this.open.length);
      this.release(out, this.held.length, "mark");
      this.hasThought = true;
      this.state = "thought";
    } else if (last || (begun !== "" && !this.open.startsWith(begun))) this.state = "answer";
  }

  private readThought(out: GeneratedToken[], last: boolean): void {
    const bytes = this.heldBytes();
    const at = bytes.indexOf(this.close);
    if (at < 0) {
      const count = this.endingBy(last ? bytes.length : bytes.length - beginningOf([this.close], bytes));
      this.thoughtBytes += this.bytesOf(count);
      this.release(out, count, "thought");
      return;
    }
    const end = at + this.close.length;
    const inside = this.beginningBefore(at);
    const marks = this.beginningBefore(end) - inside;
    this.thoughtBytes += bytes.slice(0, at);
    this.answerBytes += this.bytesOf(inside + marks).slice(end);
    this.release(out, inside, "thought");
    this.release(out, marks, "mark");
    this.state = "answer";
  }

  private readAnswer(out: GeneratedToken[], last: boolean): void {
    const bytes = this.heldBytes();
    const stop = this.firstStop(bytes);
    if (stop) {
      const count = this.beginningBefore(stop.at);
      this.addAnswer(count, stop.at);
      this.release(out, count, "answer");
      this.held = [];
      this.stopText = stop.text;
      return;
    }
    const open = last
      ? 0
      : beginningOf(
          this.stops.map((each) => each.bytes),
          bytes,
        );
    const count = this.endingBy(bytes.length - open);
    this.addAnswer(count, bytes.length);
    this.release(out, count, "answer");
  }

  private firstStop(bytes: string): { at: number; text: string } | undefined {
    let first: { at: number; text: string } | undefined;
    for (const stop of this.stops) {
      const at = bytes.indexOf(stop.bytes);
      if (at >= 0 && (!first || at < first.at)) first = { at, text: stop.text };
    }
    return first;
  }

  private heldBytes(): string {
    const [only, ...more] = this.held;
    return more.length === 0 ? (only?.bytes ?? "") : this.bytesOf(this.held.length);
  }

  private bytesOf(count: number): string {
    return this.held
      .slice(0, count)
      .map(({ bytes }) => bytes)
      .join("");
  }

  /** How many of the held tokens begin before a byte. */
  private beginningBefore(byte: number): number {
    let at = 0;
    let count = 0;
    while (count < this.held.length && at < byte) at += this.held[count++]!.bytes.length;
    return count;
  }

  /** How many of them end at a byte or before. */
  private endingBy(byte: number): number {
    let at = 0;
    let count = 0;
    while (count < this.held.length && at + this.held[count]!.bytes.length <= byte)
      at += this.held[count++]!.bytes.length;
    return count;
  }

  /** The answer's text is that of its tokens up to a byte; control tokens have none. */
  private addAnswer(count: number, end: number): void {
    let at = 0;
    for (const { token, bytes } of this.held.slice(0, count)) {
      if (!token.special) this.answerBytes += bytes.slice(0, Math.max(0, end - at));
      at += bytes.length;
    }
  }

  private release(out: GeneratedToken[], count: number, part: GeneratedToken["part"]): void {
    for (const { token, ends } of this.held.splice(0, count)) {
      const mark = ends || (part === "answer" && token.special === true);
      out.push({ ...token, part: mark ? "mark" : part });
    }
  }
}

/** Length of the longest end of `text` with which one of the strings could begin. */
function beginningOf(strings: readonly string[], text: string): number {
  let longest = 0;
  for (const each of strings) {
    for (let length = Math.min(each.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(each.slice(0, length))) {
        longest = length;
        break;
      }
    }
  }
  return longest;
}
