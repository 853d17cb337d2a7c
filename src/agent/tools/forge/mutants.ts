/**
 * Small changes of a tool's code, one at a time, that a good example would notice (mutation testing, DeMillo, Lipton and
 * Sayward 1978). Literals, comments and the file's declarations are left out, so that only the code of `run` changes.
 */
export interface Mutant {
  source: string;
  line: number;
  change: string;
}

const swaps: [RegExp, string][] = [
  [/ \+ /g, " - "],
  [/ - /g, " + "],
  [/ \* /g, " / "],
  [/ \/ /g, " * "],
  [/ % /g, " * "],
  [/ === /g, " !== "],
  [/ !== /g, " === "],
  [/ < /g, " >= "],
  [/ > /g, " <= "],
  [/ <= /g, " > "],
  [/ >= /g, " < "],
  [/ && /g, " || "],
  [/ \|\| /g, " && "],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/\breturn (?=[^;\s])/g, "return void "],
];

/** At most `limit` mutants, spread over the code. */
export function mutantsOf(source: string, limit = 10): Mutant[] {
  const masked = mask(source);
  const all: Mutant[] = [];
  for (const [pattern, next] of swaps) {
    for (const match of masked.matchAll(pattern)) all.push(mutant(source, match.index, match[0], next));
  }
  for (const match of masked.matchAll(/(?<![\w.])\d+(?:\.\d+)?(?![\w.])/g)) {
    all.push(mutant(source, match.index, match[0], String(Number(match[0]) + 1)));
  }
  all.sort((a, b) => a.line - b.line);
  const step = Math.max(1, all.length / limit);
  return Array.from({ length: Math.min(limit, all.length) }, (_, i) => all[Math.floor(i * step)]).filter(
    (each) => each !== undefined,
  );
}

function mutant(source: string, at: number, old: string, next: string): Mutant {
  return {
    source: source.slice(0, at) + next + source.slice(at + old.length),
    line: source.slice(0, at).split("\n").length,
    change: `${old.trim()} became ${next.trim()}`,
  };
}

/** The source with all that is no code of functions blanked out, every character in its place. */
function mask(source: string): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, "\u0001");
  const literals = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
  let out = source.replace(literals, blank);
  // Contract of the file: whatever `export const parameters = …` and its like hold, up to the next top-level statement.
  out = out.replace(
    /^export const (parameters|effects|capabilities|examples)\b[\s\S]*?(?=^(?:export|function|const|let|class|type|interface|async)\b|$(?![\s\S]))/gm,
    blank,
  );
  return out.replace(/^(type|interface)\b[^{;]*(\{[^}]*\}|;|=[^;]*;)/gm, blank);
}
