import type { Json } from "../../src/contract/json";
import type { ForgeSpec } from "../../src/agent/prompts/forge";

/** A family of tasks: the same question over other values. */
export interface Family {
  spec: Omit<ForgeSpec, "examples">;
  /** The tool's code, as a maker writes it. */
  code: string;
  draw: (random: () => number) => Record<string, Json>;
  goal: (args: Record<string, Json>) => string;
  solve: (args: Record<string, Json>) => Json;
  /** Solving it in words, step by step: what a model without tools has to write. */
  trace: (args: Record<string, Json>) => string;
}

const pool =
  "river stone maple cloud ember forest lantern meadow harbor violet copper winter garden silver anchor bridge candle feather island jacket".split(
    " ",
  );
const pick = (random: () => number, n: number): string[] =>
  Array.from({ length: n }, () => pool[Math.floor(random() * pool.length)] ?? "");
const whole = (random: () => number, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));
const text = (value: Json | undefined): string => String(value);
const texts = (value: Json | undefined): string[] => value as string[];
const numbers = (value: Json | undefined): number[] => value as number[];

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

const roman: [number, string][] = [
  [1000, "M"],
  [900, "CM"],
  [500, "D"],
  [400, "CD"],
  [100, "C"],
  [90, "XC"],
  [50, "L"],
  [40, "XL"],
  [10, "X"],
  [9, "IX"],
  [5, "V"],
  [4, "IV"],
  [1, "I"],
];

function toRoman(n: number): string {
  let [left, out] = [n, ""];
  for (const [value, sign] of roman) for (; left >= value; left -= value) out += sign;
  return out;
}

function shifted(word: string, by: number): string {
  return [...word].map((char) => String.fromCharCode(((char.charCodeAt(0) - 97 + by) % 26) + 97)).join("");
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function balanced(brackets: string): boolean {
  let depth = 0;
  for (const char of brackets) {
    depth += char === "(" ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Each letter on a line of its own, with what is known so far. */
function letters(word: string, say: (char: string, i: number) => string): string {
  return [...word].map((char, i) => `${i + 1}. ${char}: ${say(char, i)}`).join("\n");
}

export const families: Family[] = [
  {
    spec: { name: "sort_words", description: "Sorts words alphabetically.", parameters: { words: "string[]" } },
    code: "export function run({ words }: { words: string[] }) {\n  return [...words].sort();\n}",
    draw: (r) => ({ words: pick(r, 9) }),
    goal: ({ words }) => `Sort these words alphabetically: ${texts(words).join(", ")}`,
    solve: ({ words }) => [...texts(words)].sort(),
    trace: ({ words }) => {
      const done: string[] = [];
      return texts(words)
        .map(
          (word) =>
            `Insert ${word}: ${[...done.splice(0, done.length, ...[...done, word].sort()), ""].length > 0 ? done.join(", ") : ""}`,
        )
        .join("\n");
    },
  },
  {
    spec: {
      name: "count_letter",
      description: "Counts how often a letter stands in a text.",
      parameters: { text: "string", letter: "string" },
    },
    code: "export function run({ text, letter }: { text: string; letter: string }) {\n  return text.split(letter).length - 1;\n}",
    draw: (r) => ({ text: pick(r, 5).join(" "), letter: "aeinor"[whole(r, 0, 5)] ?? "a" }),
    goal: ({ text: t, letter }) => `Count the letter ${text(letter)} in: ${text(t)}`,
    solve: ({ text: t, letter }) => text(t).split(text(letter)).length - 1,
    trace: ({ text: t, letter }) =>
      letters(
        text(t),
        (char, i) =>
          `${char === letter ? "yes" : "no"}, ${
            text(t)
              .slice(0, i + 1)
              .split(text(letter)).length - 1
          }`,
      ),
  },
  {
    spec: { name: "reverse_text", description: "Reverses a text letter by letter.", parameters: { text: "string" } },
    code: 'export function run({ text }: { text: string }) {\n  return [...text].reverse().join("");\n}',
    draw: (r) => ({ text: pick(r, 4).join(" ") }),
    goal: ({ text: t }) => `Reverse this text letter by letter: ${text(t)}`,
    solve: ({ text: t }) => [...text(t)].reverse().join(""),
    trace: ({ text: t }) =>
      letters([...text(t)].reverse().join(""), (_, i) =>
        [...text(t)]
          .reverse()
          .slice(0, i + 1)
          .join(""),
      ),
  },
  {
    spec: { name: "digit_sum", description: "Adds the digits of a number.", parameters: { number: "string" } },
    code: "export function run({ number }: { number: string }) {\n  return [...number].reduce((sum, digit) => sum + Number(digit), 0);\n}",
    draw: (r) => ({ number: Array.from({ length: 24 }, () => whole(r, 1, 9)).join("") }),
    goal: ({ number }) => `Add the digits of ${text(number)}`,
    solve: ({ number }) => [...text(number)].reduce((sum, digit) => sum + Number(digit), 0),
    trace: ({ number }) =>
      letters(
        text(number),
        (_, i) => `sum ${[...text(number).slice(0, i + 1)].reduce((sum, digit) => sum + Number(digit), 0)}`,
      ),
  },
  {
    spec: {
      name: "is_balanced",
      description: "Says whether brackets are balanced.",
      parameters: { brackets: "string" },
    },
    code: 'export function run({ brackets }: { brackets: string }) {\n  let depth = 0;\n  for (const char of brackets) {\n    depth += char === "(" ? 1 : -1;\n    if (depth < 0) return false;\n  }\n  return depth === 0;\n}',
    draw: (r) => {
      const half = whole(r, 8, 12);
      const good = "(".repeat(half) + ")".repeat(half);
      return { brackets: r() < 0.5 ? good : `${good.slice(0, 5)})${good.slice(6)}` };
    },
    goal: ({ brackets }) => `Are these brackets balanced (true or false)? ${text(brackets)}`,
    solve: ({ brackets }) => balanced(text(brackets)),
    trace: ({ brackets }) =>
      letters(
        text(brackets),
        (_, i) => `depth ${[...text(brackets).slice(0, i + 1)].reduce((d, char) => d + (char === "(" ? 1 : -1), 0)}`,
      ),
  },
  {
    spec: { name: "to_roman", description: "Writes a number in Roman numerals.", parameters: { number: "number" } },
    code: `export function run({ number }: { number: number }) {\n  const signs: [number, string][] = ${JSON.stringify(roman)};\n  let left = number;\n  let out = "";\n  for (const [value, sign] of signs) {\n    while (left >= value) {\n      out += sign;\n      left = left - value;\n    }\n  }\n  return out;\n}`,
    draw: (r) => ({ number: whole(r, 1400, 3899) }),
    goal: ({ number }) => `Write ${text(number)} in Roman numerals`,
    solve: ({ number }) => toRoman(Number(number)),
    trace: ({ number }) => {
      let left = Number(number);
      return roman
        .map(([value, sign]) => {
          const times = Math.floor(left / value);
          left -= times * value;
          return `${value} fits ${times} times: write ${sign.repeat(times) || "nothing"}, ${left} is left.`;
        })
        .join("\n");
    },
  },
  {
    spec: {
      name: "greatest_divisor",
      description: "Finds the greatest common divisor of two numbers.",
      parameters: { a: "number", b: "number" },
    },
    code: "export function run({ a, b }: { a: number; b: number }) {\n  let [x, y] = [a, b];\n  while (y !== 0) [x, y] = [y, x % y];\n  return x;\n}",
    draw: (r) => {
      const f = whole(r, 3, 40);
      return { a: f * whole(r, 1000, 9999), b: f * whole(r, 1000, 9999) };
    },
    goal: ({ a, b }) => `Find the greatest common divisor of ${text(a)} and ${text(b)}`,
    solve: ({ a, b }) => gcd(Number(a), Number(b)),
    trace: ({ a, b }) => {
      let [x, y] = [Number(a), Number(b)];
      const out: string[] = [];
      for (; y !== 0; [x, y] = [y, x % y])
        out.push(
          `${x} divided by ${y} is ${Math.floor(x / y)}, and ${Math.floor(x / y)} times ${y} is ${Math.floor(x / y) * y}, so the remainder is ${x % y}.`,
        );
      return out.join("\n");
    },
  },
  {
    spec: {
      name: "caesar",
      description: "Shifts each letter of a word forward in the alphabet.",
      parameters: { word: "string", by: "number" },
    },
    code: 'export function run({ word, by }: { word: string; by: number }) {\n  return [...word].map((char) => String.fromCharCode(((char.charCodeAt(0) - 97 + by) % 26) + 97)).join("");\n}',
    draw: (r) => ({ word: pick(r, 3).join(""), by: whole(r, 2, 12) }),
    goal: ({ word, by }) => `Shift each letter of ${text(word)} forward by ${text(by)}`,
    solve: ({ word, by }) => shifted(text(word), Number(by)),
    trace: ({ word, by }) =>
      letters(
        text(word),
        (char, i) =>
          `${char.charCodeAt(0) - 96} + ${text(by)} gives ${shifted(char, Number(by))}, so far ${shifted(text(word).slice(0, i + 1), Number(by))}`,
      ),
  },
  {
    spec: { name: "median", description: "Finds the median of numbers.", parameters: { numbers: "number[]" } },
    code: "export function run({ numbers }: { numbers: number[] }) {\n  const sorted = [...numbers].sort((a, b) => a - b);\n  const middle = Math.floor(sorted.length / 2);\n  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;\n}",
    draw: (r) => ({ numbers: Array.from({ length: 13 }, () => whole(r, 10, 999)) }),
    goal: ({ numbers: n }) => `Find the median of ${numbers(n).join(", ")}`,
    solve: ({ numbers: n }) => median(numbers(n)),
    trace: ({ numbers: n }) =>
      numbers(n)
        .map(
          (value, i) =>
            `Insert ${value}: ${numbers(n)
              .slice(0, i + 1)
              .sort((a, b) => a - b)
              .join(", ")}`,
        )
        .join("\n"),
  },
  {
    spec: { name: "without_vowels", description: "Takes the vowels out of a text.", parameters: { text: "string" } },
    code: 'export function run({ text }: { text: string }) {\n  return text.replace(/[aeiou]/g, "");\n}',
    draw: (r) => ({ text: pick(r, 5).join(" ") }),
    goal: ({ text: t }) => `Take the vowels out of: ${text(t)}`,
    solve: ({ text: t }) => text(t).replace(/[aeiou]/g, ""),
    trace: ({ text: t }) =>
      letters(
        text(t),
        (char, i) =>
          `${/[aeiou]/.test(char) ? "out" : "stays"}, ${text(t)
            .slice(0, i + 1)
            .replace(/[aeiou]/g, "")}`,
      ),
  },
  {
    spec: { name: "to_binary", description: "Writes a number in binary.", parameters: { number: "number" } },
    code: "export function run({ number }: { number: number }) {\n  return number.toString(2);\n}",
    draw: (r) => ({ number: whole(r, 100_000, 9_999_999) }),
    goal: ({ number }) => `Write ${text(number)} in binary`,
    solve: ({ number }) => Number(number).toString(2),
    trace: ({ number }) => {
      const out: string[] = [];
      for (let n = Number(number); n > 0; n = Math.floor(n / 2))
        out.push(`${n} divided by 2 is ${Math.floor(n / 2)}, remainder ${n % 2}.`);
      return out.join("\n");
    },
  },
  {
    spec: {
      name: "longest_word",
      description: "Finds the longest word of a list, the first of equals.",
      parameters: { words: "string[]" },
    },
    code: 'export function run({ words }: { words: string[] }) {\n  return words.reduce((best, word) => (word.length > best.length ? word : best), "");\n}',
    draw: (r) => ({ words: pick(r, 14) }),
    goal: ({ words }) => `Find the longest word, the first of equals: ${texts(words).join(", ")}`,
    solve: ({ words }) => texts(words).reduce((best, word) => (word.length > best.length ? word : best), ""),
    trace: ({ words }) =>
      texts(words)
        .map(
          (word, i) =>
            `${i + 1}. ${word} has ${word.length} letters; the longest so far is ${texts(words)
              .slice(0, i + 1)
              .reduce((best, each) => (each.length > best.length ? each : best), "")}.`,
        )
        .join("\n"),
  },
];
