import { errorData } from "../contract/errors";
import { UsageError } from "./command";

export const exitDone = 0;
export const exitFailed = 1;
export const exitUsage = 2;
export const exitCancelled = 130;

/** An error as one line: `vitrine: WHAT — WHAT TO DO`. */
export function errorLine(thrown: unknown): { line: string; status: number } {
  if (thrown instanceof UsageError) {
    return { line: `vitrine: ${oneLine(thrown.message)} — see 'vitrine help'`, status: exitUsage };
  }
  const { code, message, remedy } = errorData(thrown);
  if (code === "cancelled") return { line: "vitrine: cancelled", status: exitCancelled };
  const what = oneLine(message).replace(/[.\s]+$/, "");
  const line = remedy ? `vitrine: ${what} — ${oneLine(remedy)}` : `vitrine: ${what}`;
  return { line, status: code === "badArgument" ? exitUsage : exitFailed };
}

function oneLine(text: string): string {
  // Text of a model, a path or a library may carry escapes; none reaches the terminal.

  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}

/** A value as JSON; typed arrays become plain lists, numbers that JSON lacks become null. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, item: unknown) => (ArrayBuffer.isView(item) ? Array.from(item as Float32Array) : item),
    indent,
  );
}

/** Columns padded to their widest cell. Numbers to the right, text to the left. */
export function table(header: string[], rows: (string | number)[][]): string {
  const cells = [
    header,
    ...rows.map((row) => row.map((cell) => (typeof cell === "number" ? figure(cell) : visible(cell)))),
  ];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => width(row[column] ?? ""))));
  const right = header.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number"));
  return cells
    .map((row) =>
      row
        .map((cell, column) => {
          const gap = " ".repeat(Math.max(0, (widths[column] ?? 0) - width(cell)));
          return right[column] ? gap + cell : cell + gap;
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A figure with four significant digits. */
export function figure(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6
    ? String(Number(value.toPrecision(4)))
    : value.toExponential(2);
}

/** Text of a token with what cannot be seen made visible. */
export function visible(text: string): string {
  return text
    .replace(/\n/g, "⏎")
    .replace(/\t/g, "⇥")

    .replace(/[\u0000-\u001f\u007f-\u009f]/g, "·");
}

/** Terminal columns: East Asian wide characters take two. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    columns +=
      code >= 0x1100 &&
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(character)
        ? 2
        : 1;
  }
  return columns;
}
