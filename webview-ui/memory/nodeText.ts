import { visibleCharacter } from "../kit/visible";

/** A text on one line, with what cannot be seen made visible; blanks stay blanks. */
export function lineText(text: string): string {
  return Array.from(text.replace(/[ \t\r\n]+/g, " ").trim(), (each) =>
    each === " " ? each : visibleCharacter(each),
  ).join("");
}

/** The same, short enough to stand beside a node. */
export function shortText(text: string, most = 34): string {
  // Hostile names may be long: no more is looked at than can be shown.
  const line = lineText(text.slice(0, most * 4));
  const characters = Array.from(line);
  return characters.length <= most
    ? line
    : `${characters
        .slice(0, most - 1)
        .join("")
        .trimEnd()}…`;
}
