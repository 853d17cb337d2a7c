import { sha256 } from "../../tools/hash";

/** A name as it is compared: lower case, no marks, no article, no possessive. */
export function plainName(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/['’]s\b/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .replace(/^(the|a|an) (?=.)/, "");
}

/** The id of an entity: the same for every spelling that `plainName` takes as one. */
export function entityId(name: string): string {
  return `entity:${sha256(plainName(name) || name).slice(0, 16)}`;
}

export function relationId(from: string, relation: string, to: string): string {
  return `relation:${sha256(`${from}\n${plainName(relation)}\n${to}`).slice(0, 16)}`;
}

/** Dice coefficient of the three-letter pieces of two plain names, 0..1. */
export function likeness(a: string, b: string): number {
  const [x, y] = [pieces(a), pieces(b)];
  let common = 0;
  for (const piece of x) if (y.has(piece)) common++;
  return x.size + y.size === 0 ? 0 : (2 * common) / (x.size + y.size);
}

function pieces(name: string): Set<string> {
  const padded = `  ${name} `;
  const out = new Set<string>();
  for (let i = 0; i + 3 <= padded.length; i++) out.add(padded.slice(i, i + 3));
  return out;
}

/** HippoRAG's threshold for two names of one thing. */
const alike = 0.8;
/** A word of more names than this tells nothing. */
const tooCommon = 200;

/**
 * Pairs of names that are likely one thing: spelled nearly alike, or one the other with words left out in front
 * ("Nolan", "Christopher Nolan") where that is unambiguous. Only names that share a word are compared.
 */
export function synonyms(names: readonly { id: string; name: string }[]): { a: string; b: string; likeness: number }[] {
  const plain = names.map(({ id, name }) => ({ id, name: plainName(name) }));
  const byWord = new Map<string, number[]>();
  plain.forEach(({ name }, i) => {
    for (const word of new Set(name.split(" "))) {
      if (word.length < 2) continue;
      const list = byWord.get(word);
      if (list) list.push(i);
      else byWord.set(word, [i]);
    }
  });
  const found = new Map<string, { a: string; b: string; likeness: number }>();
  const add = (i: number, j: number, value: number): void => {
    const [a, b] = [plain[i]?.id ?? "", plain[j]?.id ?? ""].sort() as [string, string];
    if (a !== b) found.set(`${a} ${b}`, { a, b, likeness: value });
  };
  for (const list of byWord.values()) {
    if (list.length > tooCommon) continue;
    for (let x = 0; x < list.length; x++) {
      for (let y = x + 1; y < list.length; y++) {
        const [i, j] = [list[x] ?? 0, list[y] ?? 0];
        const value = likeness(plain[i]?.name ?? "", plain[j]?.name ?? "");
        if (value >= alike) add(i, j, value);
      }
    }
  }
  plain.forEach(({ name }, i) => {
    if (name.includes(" ") || name.length < 4) return;
    const longer = (byWord.get(name) ?? []).filter((j) => j !== i && plain[j]?.name.endsWith(` ${name}`));
    if (longer.length === 1) add(i, longer[0] ?? 0, alike);
  });
  return [...found.values()];
}
