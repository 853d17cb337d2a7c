/**
 * A unified diff of two texts with three lines of context (Myers' O(ND) on lines, after common ends are taken off). Very
 * different texts are shown as one replaced block: a diff for people, not for patching.
 */
export function unifiedDiff(before: string, after: string, path: string, limit = 400): string {
  if (before === after) return "";
  const a = lines(before);
  const b = lines(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const edits = [
    ...a.slice(0, start).map((text): Edit => [" ", text]),
    ...script(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map((text): Edit => [" ", text]),
  ];
  const body = hunks(edits);
  const shown = body.length > limit ? [...body.slice(0, limit), `… ${body.length - limit} more lines`] : body;
  return [`--- ${before === "" ? "/dev/null" : `a/${path}`}`, `+++ b/${path}`, ...shown].join("\n");
}

type Edit = [" " | "+" | "-", string];

function lines(text: string): string[] {
  if (text === "") return [];
  const all = text.split("\n");
  if (all.at(-1) === "") all.pop();
  return all;
}

const mostEdits = 1_000;

function script(a: string[], b: string[]): Edit[] {
  const whole: Edit[] = [...a.map((text): Edit => ["-", text]), ...b.map((text): Edit => ["+", text])];
  if (a.length === 0 || b.length === 0) return whole;
  const max = Math.min(a.length + b.length, mostEdits);
  let v = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let d = 0; d <= max; d++) {
    trace.push(new Map(v));
    const next = new Map(v);
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
      let x = down ? (v.get(k + 1) ?? 0) : (v.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return backtrack(a, b, trace, d);
    }
    v = next;
  }
  return whole;
}

function backtrack(a: string[], b: string[], trace: Map<number, number>[], last: number): Edit[] {
  const out: Edit[] = [];
  let [x, y] = [a.length, b.length];
  for (let d = last; d >= 0; d--) {
    const v = trace[d] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
    const prior = down ? k + 1 : k - 1;
    const px = d === 0 ? 0 : (v.get(prior) ?? 0);
    const py = d === 0 ? 0 : px - prior;
    while (x > px && y > py && x > 0 && y > 0) {
      out.push([" ", a[--x] ?? ""]);
      y--;
    }
    if (d === 0) break;
    if (down) out.push(["+", b[--y] ?? ""]);
    else out.push(["-", a[--x] ?? ""]);
  }
  return out.reverse();
}

function hunks(edits: Edit[], context = 3): string[] {
  const out: string[] = [];
  let [oldLine, newLine] = [1, 1];
  const at = edits.map(([sign]) => {
    const place = { oldLine, newLine };
    if (sign !== "+") oldLine++;
    if (sign !== "-") newLine++;
    return place;
  });
  for (let i = 0; i < edits.length;) {
    if (edits[i]?.[0] === " ") {
      i++;
      continue;
    }
    const from = Math.max(0, i - context);
    let to = i;
    for (let j = i; j < edits.length && j <= to + 2 * context; j++) if (edits[j]?.[0] !== " ") to = j;
    const end = Math.min(edits.length, to + context + 1);
    const part = edits.slice(from, end);
    const count = (skip: string) => part.filter(([sign]) => sign !== skip).length;
    out.push(`@@ -${at[from]?.oldLine},${count("+")} +${at[from]?.newLine},${count("-")} @@`);
    out.push(...part.map(([sign, text]) => sign + text));
    i = end;
  }
  return out;
}
