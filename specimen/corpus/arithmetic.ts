import type { Draw } from "./draw";
import { fill } from "./draw";
import type { Sample } from "./sample";
import { animals, firstNames, things } from "./words";

/** Column addition from the right, one digit a line: each line is within one pass of a small model. */
export function additionScratch(a: number, b: number): string {
  const lines = [`${a}+${b}`];
  let carry = 0;
  const width = Math.max(String(a).length, String(b).length);
  for (let i = 0; i < width; i++) {
    const [x, y] = [digit(a, i), digit(b, i)];
    const sum = x + y + carry;
    lines.push(`${x}+${y}${carry ? "+1" : ""}=${sum} write ${sum % 10}${sum > 9 ? " carry 1" : ""}`);
    carry = sum > 9 ? 1 : 0;
  }
  if (carry) lines.push("write 1");
  return [...lines, `=${a + b}`].join("\n");
}

/** Column subtraction, a not smaller than b. */
export function subtractionScratch(a: number, b: number): string {
  const lines = [`${a}-${b}`];
  let borrow = 0;
  for (let i = 0; i < String(a).length; i++) {
    const x = digit(a, i) - borrow;
    const y = digit(b, i);
    const under = x < y;
    lines.push(
      `${under ? x + 10 : x}-${y}=${(under ? x + 10 : x) - y} write ${(under ? x + 10 : x) - y}${under ? " borrow 1" : ""}`,
    );
    borrow = under ? 1 : 0;
  }
  return [...lines, `=${a - b}`].join("\n");
}

function digit(n: number, place: number): number {
  return Math.floor(n / 10 ** place) % 10;
}

const sumForms = [
  "What is {a} + {b}?",
  "{a} + {b}",
  "{a}+{b}=",
  "Add {a} and {b}.",
  "How much is {a} plus {b}?",
  "Compute {a} + {b}.",
  "What is the sum of {a} and {b}?",
  "{a} plus {b}?",
  "Calculate {a} + {b}.",
  "Please add {a} and {b}.",
];
const minusForms = [
  "What is {a} - {b}?",
  "{a} - {b}",
  "{a}-{b}=",
  "How much is {a} minus {b}?",
  "Compute {a} - {b}.",
  "Take {b} from {a}.",
  "{a} minus {b}?",
];

function number(draw: Draw, digits: number): number {
  return digits === 1 ? draw.int(0, 9) : draw.int(10 ** (digits - 1), 10 ** digits - 1);
}

/** Pairs are split by their sum's hash in effect: the space is far larger than what is ever seen. */
export function sumSample(draw: Draw, think: boolean, digits = draw.pick([1, 2, 2, 3, 3, 3, 4, 4])): Sample {
  const minus = draw.split === "train" && draw.chance(0.2);
  let a = number(draw, digits);
  let b = number(draw, draw.chance(0.7) ? digits : draw.int(1, digits));
  if (a < b) [a, b] = [b, a];
  if (!minus && draw.chance(0.5)) [a, b] = [b, a];
  const result = minus ? a - b : a + b;
  const content = fill(draw.form(minus ? minusForms : sumForms), { a, b });
  let thought = minus ? subtractionScratch(a, b) : additionScratch(a, b);
  // Some thoughts are gone over twice, so that a thought which is made longer from outside does not go astray.
  if (draw.split === "train" && draw.chance(0.04)) thought += `\nWait, again:\n${thought}`;
  return {
    task: think ? "sum" : "sum-direct",
    chat: [
      { role: "user", content },
      { role: "assistant", content: String(result), ...(think ? { thought } : {}) },
    ],
    noThink: !think,
    gold: { answer: String(result), digits },
  };
}

const gain = [
  "buys {n}",
  "receives {n} more",
  "collects {n} more",
  "earns {n} more",
  "buys {n} more",
  "gets {n} more",
  "finds {n} more",
  "receives {n} from {f}",
  "picks up {n} more",
  "is given {n} by {f}",
  "adds {n} more",
  "wins {n} more",
];
const loss = [
  "eats {n}",
  "breaks {n}",
  "throws away {n}",
  "lends {n} to {f}",
  "gives {n} to {f}",
  "loses {n}",
  "sells {n}",
  "gives away {n}",
  "drops {n}",
  "hands {n} to {f}",
  "throws out {n}",
  "sends {n} to {f}",
];
const starts = [
  "At first {p} has {n} {t}.",
  "{p} brings {n} {t}.",
  "{p} finds {n} {t}.",
  "{p} gets {n} {t}.",
  "{p} holds {n} {t}.",
  "{p} has {n} {t}.",
  "{p} owns {n} {t}.",
  "There are {n} {t} in {p}'s room.",
  "{p} starts with {n} {t}.",
  "{p} keeps {n} {t}.",
  "{p} counts {n} {t}.",
];
const asks = [
  "How many {t} are there now?",
  "How many {t} remain?",
  "How many {t} has {p} now?",
  "How many {t} does {p} have now?",
  "How many {t} are left?",
  "How many {t} is that?",
  "Now how many {t} are there?",
  "How many {t} does {p} have in the end?",
  "What number of {t} does {p} have now?",
];

/** Two steps of plus and minus, each worked digit by digit in the thought. */
export function wordProblemSample(draw: Draw, think: boolean): Sample {
  const p = draw.Name(firstNames);
  const f = draw.Name(firstNames);
  const t = draw.chance(0.5) ? `${draw.nonce()}s` : plural(draw.part([...things, ...animals]));
  const big = draw.chance(0.7);
  let total = big ? draw.int(10, 99) : draw.int(3, 30);
  const lines: string[] = [fill(draw.form(starts), { p, n: total, t })];
  const thought: string[] = [];
  for (let i = 0; i < 2; i++) {
    const plus = draw.chance(0.5) || total < 3;
    const n = plus ? draw.int(1, big ? 99 : 20) : draw.int(1, total);
    thought.push(plus ? additionScratch(total, n) : subtractionScratch(total, n));
    total = plus ? total + n : total - n;
    lines.push(fill(`{w} ${draw.form(plus ? gain : loss)}.`, { w: draw.pick([p, p, "Then " + p]), n, f, t }));
  }
  lines.push(fill(draw.form(asks), { p, t }));
  return {
    task: think ? "word-problem" : "word-problem-direct",
    chat: [
      { role: "user", content: lines.join(" ") },
      { role: "assistant", content: String(total), ...(think ? { thought: thought.join("\n") } : {}) },
    ],
    noThink: !think,
    gold: { answer: String(total) },
  };
}

export function plural(word: string): string {
  if (/(s|x|ch|sh)$/.test(word)) return `${word}es`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  if (/fe$/.test(word)) return `${word.slice(0, -2)}ves`;
  return `${word}s`;
}
