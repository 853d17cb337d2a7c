import type { Token as MdToken } from "markdown-it";
import { StateInline } from "./markdownTypes";

/** Where a piece of rendered text comes from. `exact`: character by character; otherwise as a whole. */
export interface Origin {
  at: number;
  length: number;
  exact: boolean;
}

/** An inline state that remembers where in its source each token was made. */
export class PlacedState extends StateInline {
  override push(type: string, tag: string, nesting: -1 | 0 | 1): MdToken {
    const token = super.push(type, tag, nesting);
    token.meta = { ...token.meta, pos: this.pos };
    return token;
  }
  override pushPending(): MdToken {
    // Some rules step forward before they flush what was pending; it is the nearest match behind.
    const at = this.src.lastIndexOf(this.pending, this.pos - this.pending.length);
    const token = super.pushPending();
    token.meta = { pos: Math.max(0, at) };
    return token;
  }
}

/** Writes an `origin` into `meta` of every token whose text comes from `source`. */
export function placeTokens(tokens: MdToken[], source: string): void {
  const lines = lineStarts(source);
  for (const token of tokens) {
    if (!token.map) continue;
    if (token.type === "inline") placeInline(token, source, lines);
    else if (token.type === "fence" || token.type === "code_block") placeCode(token, source, lines);
  }
}

function lineStarts(source: string): number[] {
  const starts = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** For each line of a block's content, where it lies in the source; -1 where it cannot be found. */
function placeLines(
  content: string,
  first: number,
  last: number,
  source: string,
  lines: number[],
  cursor: number[],
): number[] {
  return content.split("\n").map((line, i) => {
    const row = Math.min(first + i, last);
    const from = Math.max(lines[row] ?? source.length, cursor[row] ?? 0);
    const to = lines[row + 1] ?? source.length + 1;
    const at = source.indexOf(line.trimEnd(), from);
    if (at < 0 || at >= to) return -1;
    cursor[row] = at + line.trimEnd().length;
    return at;
  });
}

/** Cells of a table share a line: each search begins where the one before ended. */
const cursors = new WeakMap<number[], number[]>();

function placeInline(token: MdToken, source: string, lines: number[]): void {
  const cursor = cursors.get(lines) ?? [];
  cursors.set(lines, cursor);
  const [first, end] = token.map!;
  const content = token.content;
  const placed = placeLines(content, first, Math.max(first, end - 1), source, lines, cursor);
  const own = lineStarts(content);
  const toSource = (offset: number): number => {
    let row = own.length - 1;
    while (row > 0 && own[row]! > offset) row--;
    return placed[row]! < 0 ? -1 : placed[row]! + offset - own[row]!;
  };
  let at = 0;
  for (const child of token.children ?? []) {
    const from = Math.max(at, Number(child.meta?.["pos"] ?? 0));
    const found = findChild(child, content, from);
    if (!found) continue;
    at = found.at + found.length;
    const start = toSource(found.at);
    if (start >= 0) child.meta = { ...child.meta, origin: { ...found, at: start } };
  }
}

function findChild(child: MdToken, content: string, from: number): Origin | null {
  const find = (text: string, where: string): Origin | null => {
    const at = text === "" ? -1 : where.indexOf(text, from);
    return at < 0 ? null : { at, length: text.length, exact: true };
  };
  if (child.type === "text") return find(child.content, content);
  if (child.type === "code_inline") return find(child.content, content.replaceAll("\n", " "));
  if (child.type === "text_special") {
    const found = find(child.markup, content);
    return found && { ...found, exact: child.markup === child.content };
  }
  return null;
}

/** Code keeps its lines: each is looked for in its own line of the source. */
function placeCode(token: MdToken, source: string, lines: number[]): void {
  const [first, end] = token.map!;
  const offset = token.type === "fence" ? 1 : 0;
  const body = token.content.endsWith("\n") ? token.content.slice(0, -1) : token.content;
  const placed = placeLines(body, first + offset, Math.max(first + offset, end - 1), source, lines, []);
  token.meta = { ...token.meta, lines: placed };
}
