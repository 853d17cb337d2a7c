import {
  failureText,
  forgePrompt,
  forgeSpecPrompt,
  forgeSpecText,
  repairPrompt,
  runHead,
  type ArgumentType,
  type ForgeSpec,
  type ToolExample,
} from "../../src/agent/prompts/forge";
import type { Json } from "../../src/contract/json";
import type { Draw } from "./draw";
import { capital, fill, splitOf } from "./draw";
import type { Sample } from "./sample";
import { foods, things } from "./words";

/** One operation on a value: how it is told, its code on `{x}`, and what it does. `k` is a constant of the order. */
interface Step {
  id: string;
  from: ArgumentType;
  to: ArgumentType;
  tell: string[];
  code: string;
  k?: (draw: Draw) => Json;
  run: (x: never, k: never) => Json;
}

const step = <X extends Json>(
  id: string,
  from: ArgumentType,
  to: ArgumentType,
  tell: string[],
  code: string,
  run: (x: X, k: never) => Json,
  k?: (draw: Draw) => Json,
): Step => ({ id, from, to, tell, code, run, ...(k ? { k } : {}) }) as Step;

const small = (draw: Draw) => draw.int(2, 9);
const wordK = (draw: Draw) => (draw.chance(0.6) ? draw.nonce() : draw.part([...things, ...foods]));

const steps: Step[] = [
  step(
    "upper",
    "string",
    "string",
    ["put {it} in capitals", "make {it} upper case", "turn {it} to upper case"],
    "{x}.toUpperCase()",
    (x: string) => x.toUpperCase(),
  ),
  step(
    "lower",
    "string",
    "string",
    ["make {it} lower case", "put {it} in small letters", "turn {it} to lower case"],
    "{x}.toLowerCase()",
    (x: string) => x.toLowerCase(),
  ),
  step(
    "reverse",
    "string",
    "string",
    ["reverse {it}", "turn {it} around", "write {it} backwards"],
    `{x}.split("").reverse().join("")`,
    (x: string) => [...x].reverse().join(""),
  ),
  step(
    "trim",
    "string",
    "string",
    ["trim {it}", "remove the spaces around {it}", "strip the outer spaces of {it}"],
    "{x}.trim()",
    (x: string) => x.trim(),
  ),
  step(
    "append",
    "string",
    "string",
    ["add {k} at the end of {it}", "put {k} after {it}", "append {k} to {it}"],
    "{x} + {k}",
    (x: string, k: string) => x + k,
    wordK,
  ),
  step(
    "prepend",
    "string",
    "string",
    ["add {k} at the start of {it}", "put {k} before {it}", "prefix {it} with {k}"],
    "{k} + {x}",
    (x: string, k: string) => k + x,
    wordK,
  ),
  step(
    "repeat",
    "string",
    "string",
    ["repeat {it} {k} times", "write {it} {k} times", "say {it} {k} times"],
    "{x}.repeat({k})",
    (x: string, k: number) => x.repeat(k),
    (d) => d.int(2, 4),
  ),
  step(
    "head",
    "string",
    "string",
    ["take the first {k} letters of {it}", "keep the first {k} letters of {it}", "cut {it} to {k} letters"],
    "{x}.slice(0, {k})",
    (x: string, k: number) => x.slice(0, k),
    (d) => d.int(1, 4),
  ),
  step(
    "tail",
    "string",
    "string",
    ["take the last {k} letters of {it}", "keep the last {k} letters of {it}", "give the last {k} letters of {it}"],
    "{x}.slice(-{k})",
    (x: string, k: number) => x.slice(-k),
    (d) => d.int(1, 4),
  ),
  step(
    "dash",
    "string",
    "string",
    [
      "replace the spaces of {it} with dashes",
      "put dashes for the spaces in {it}",
      "join the words of {it} with dashes",
    ],
    `{x}.replaceAll(" ", "-")`,
    (x: string) => x.replaceAll(" ", "-"),
  ),
  step(
    "chars",
    "string",
    "number",
    ["count the letters of {it}", "give the length of {it}", "say how long {it} is"],
    "{x}.length",
    (x: string) => x.length,
  ),
  step(
    "wordcount",
    "string",
    "number",
    ["count the words of {it}", "say how many words {it} has", "give the number of words in {it}"],
    `{x}.split(" ").length`,
    (x: string) => x.split(" ").length,
  ),
  step(
    "words",
    "string",
    "string[]",
    ["split {it} into words", "list the words of {it}", "give the words of {it}"],
    `{x}.split(" ")`,
    (x: string) => x.split(" "),
  ),
  step(
    "starts",
    "string",
    "boolean",
    ["check whether {it} starts with {k}", "say if {it} begins with {k}", "test if {it} starts with {k}"],
    "{x}.startsWith({k})",
    (x: string, k: string) => x.startsWith(k),
    wordK,
  ),
  step(
    "contains",
    "string",
    "boolean",
    ["check whether {it} contains {k}", "say if {it} has {k} in it", "test if {k} is in {it}"],
    "{x}.includes({k})",
    (x: string, k: string) => x.includes(k),
    wordK,
  ),
  step(
    "plus",
    "number",
    "number",
    ["add {k} to {it}", "increase {it} by {k}", "make {it} larger by {k}"],
    "{x} + {k}",
    (x: number, k: number) => x + k,
    small,
  ),
  step(
    "minus",
    "number",
    "number",
    ["take {k} from {it}", "subtract {k} from {it}", "make {it} smaller by {k}"],
    "{x} - {k}",
    (x: number, k: number) => x - k,
    small,
  ),
  step(
    "times",
    "number",
    "number",
    ["multiply {it} by {k}", "take {it} times {k}", "give {k} times {it}"],
    "{x} * {k}",
    (x: number, k: number) => x * k,
    small,
  ),
  step(
    "square",
    "number",
    "number",
    ["square {it}", "multiply {it} by itself", "give the square of {it}"],
    "({x}) ** 2",
    (x: number) => x ** 2,
  ),
  step(
    "negate",
    "number",
    "number",
    ["negate {it}", "change the sign of {it}", "flip the sign of {it}"],
    "-({x})",
    (x: number) => (x === 0 ? 0 : -x),
  ),
  step(
    "abs",
    "number",
    "number",
    ["take the absolute value of {it}", "drop the sign of {it}", "make {it} positive"],
    "Math.abs({x})",
    (x: number) => Math.abs(x),
  ),
  step(
    "half",
    "number",
    "number",
    ["halve {it}", "divide {it} by two", "give half of {it}"],
    "({x}) / 2",
    (x: number) => x / 2,
  ),
  step(
    "even",
    "number",
    "boolean",
    ["check whether {it} is even", "say if {it} is even", "test if {it} is an even number"],
    "({x}) % 2 === 0",
    (x: number) => x % 2 === 0,
  ),
  step(
    "over",
    "number",
    "boolean",
    ["check whether {it} is more than {k}", "say if {it} is over {k}", "test if {it} is larger than {k}"],
    "{x} > {k}",
    (x: number, k: number) => x > k,
    small,
  ),
  step(
    "text",
    "number",
    "string",
    ["write {it} as text", "turn {it} into a text", "give {it} as a string"],
    "String({x})",
    (x: number) => String(x),
  ),
  step(
    "sum",
    "number[]",
    "number",
    ["sum {it}", "add up {it}", "give the sum of {it}"],
    "{x}.reduce((a, b) => a + b, 0)",
    (x: number[]) => x.reduce((a, b) => a + b, 0),
  ),
  step(
    "max",
    "number[]",
    "number",
    ["find the largest of {it}", "give the maximum of {it}", "take the biggest of {it}"],
    "Math.max(...{x})",
    (x: number[]) => Math.max(...x),
  ),
  step(
    "min",
    "number[]",
    "number",
    ["find the smallest of {it}", "give the minimum of {it}", "take the lowest of {it}"],
    "Math.min(...{x})",
    (x: number[]) => Math.min(...x),
  ),
  step(
    "mapplus",
    "number[]",
    "number[]",
    ["add {k} to each of {it}", "increase each of {it} by {k}", "make each of {it} larger by {k}"],
    "{x}.map((n) => n + {k})",
    (x: number[], k: number) => x.map((n) => n + k),
    small,
  ),
  step(
    "maptimes",
    "number[]",
    "number[]",
    ["multiply each of {it} by {k}", "take each of {it} times {k}", "scale {it} by {k}"],
    "{x}.map((n) => n * {k})",
    (x: number[], k: number) => x.map((n) => n * k),
    small,
  ),
  step(
    "filterover",
    "number[]",
    "number[]",
    ["keep those of {it} over {k}", "keep what is more than {k} of {it}", "drop all of {it} that are not over {k}"],
    "{x}.filter((n) => n > {k})",
    (x: number[], k: number) => x.filter((n) => n > k),
    small,
  ),
  step(
    "evens",
    "number[]",
    "number[]",
    ["keep the even ones of {it}", "drop the odd ones of {it}", "take the even ones of {it}"],
    "{x}.filter((n) => n % 2 === 0)",
    (x: number[]) => x.filter((n) => n % 2 === 0),
  ),
  step(
    "sortnum",
    "number[]",
    "number[]",
    ["sort {it}", "order {it} from small to large", "put {it} in order"],
    "[...{x}].sort((a, b) => a - b)",
    (x: number[]) => [...x].sort((a, b) => a - b),
  ),
  step(
    "countn",
    "number[]",
    "number",
    ["count {it}", "say how many {it} there are", "give the number of {it}"],
    "{x}.length",
    (x: number[]) => x.length,
  ),
  step(
    "join",
    "string[]",
    "string",
    ["join {it} with {k}", "put {it} together with {k} between", "glue {it} with {k}"],
    "{x}.join({k})",
    (x: string[], k: string) => x.join(k),
    (d) => d.pick(["-", ", ", " ", "/", "+", "_"]),
  ),
  step(
    "sortwords",
    "string[]",
    "string[]",
    ["sort {it}", "order {it} by the alphabet", "put {it} in order"],
    "[...{x}].sort()",
    (x: string[]) => [...x].sort(),
  ),
  step(
    "countw",
    "string[]",
    "number",
    ["count {it}", "say how many {it} there are", "give the number of {it}"],
    "{x}.length",
    (x: string[]) => x.length,
  ),
  step(
    "first",
    "string[]",
    "string",
    ["take the first of {it}", "give the first of {it}", "keep only the first of {it}"],
    "{x}[0]",
    (x: string[]) => x[0] ?? "",
  ),
  step(
    "flip",
    "string[]",
    "string[]",
    ["reverse {it}", "turn {it} around", "give {it} from last to first"],
    "[...{x}].reverse()",
    (x: string[]) => [...x].reverse(),
  ),
  step(
    "uppers",
    "string[]",
    "string[]",
    ["put each of {it} in capitals", "make each of {it} upper case", "turn each of {it} to upper case"],
    "{x}.map((w) => w.toUpperCase())",
    (x: string[]) => x.map((w) => w.toUpperCase()),
  ),
];

const nouns: Partial<Record<ArgumentType, { name: string[]; it: (p: string) => string }>> = {
  string: { name: ["text", "word", "name", "line", "title", "input", "s"], it: (p) => `the ${p}` },
  number: { name: ["n", "number", "value", "amount", "count", "x"], it: (p) => `the ${p}` },
  "number[]": { name: ["numbers", "values", "list", "amounts", "items"], it: (p) => `the ${p}` },
  "string[]": { name: ["words", "names", "lines", "list", "items"], it: (p) => `the ${p}` },
};

/** An order, its right code, and inputs with their results that the order does not show. */
export interface ForgeItem {
  spec: ForgeSpec;
  request: string;
  code: string;
  hidden: ToolExample[];
  family: string;
}

function value(draw: Draw, type: ArgumentType, k: Json | undefined): Json {
  const word = () => (typeof k === "string" && /\w/.test(k) && draw.chance(0.2) ? k : draw.nonce());
  if (type === "string") return Array.from({ length: draw.int(1, 3) }, word).join(" ");
  if (type === "number") return draw.int(-9, 30);
  if (type === "number[]") return Array.from({ length: draw.int(2, 4) }, () => draw.int(-9, 20));
  return Array.from({ length: draw.int(2, 3) }, word);
}

/** One or two operations in a row. Pairs are families: a pair held out is never seen in training, its parts are. */
export function forgeItem(draw: Draw): ForgeItem {
  for (;;) {
    const one = draw.pick(steps);
    const single = draw.chance(draw.split === "train" ? 0.3 : 0.15);
    const next = steps.filter((each) => each.from === one.to && each.id !== one.id);
    const two = single || next.length === 0 ? undefined : draw.pick(next);
    const family = two ? `${one.id}.${two.id}` : one.id;
    if (two && splitOf(family) !== draw.split) continue;
    return build(draw, one, two, family);
  }
}

function build(draw: Draw, one: Step, two: Step | undefined, family: string): ForgeItem {
  const noun = nouns[one.from] ?? { name: ["input"], it: (p: string) => `the ${p}` };
  const p = draw.chance(0.25) ? draw.nonce() : draw.pick(noun.name);
  const ks = [one, two].map((each) => each?.k?.(draw));
  const show = (k: Json | undefined) => (k === undefined ? "" : typeof k === "string" ? JSON.stringify(k) : String(k));
  const tells = [one, two].flatMap((each, i) =>
    each ? [fill(draw.pick(each.tell), { it: i === 0 ? noun.it(p) : "it", k: show(ks[i]) })] : [],
  );
  const joined = tells.join(draw.pick([", then ", " and then ", ", and "]));
  const inner = fill(one.code, { x: p, k: show(ks[0]) });
  const wrapped = two && needsBrackets(inner, two.code) ? `(${inner})` : inner;
  const expression = two ? fill(two.code, { x: wrapped, k: show(ks[1]) }) : inner;
  const run = (x: Json): Json => {
    const middle = (one.run as (x: Json, k: unknown) => Json)(x, ks[0]);
    return two ? (two.run as (x: Json, k: unknown) => Json)(middle, ks[1]) : middle;
  };
  const examples = Array.from({ length: 4 }, () => {
    const x = value(
      draw,
      one.from,
      ks.find((k) => typeof k === "string"),
    );
    return { arguments: { [p]: x }, result: run(x) };
  });
  const ids = [one.id, two?.id].filter(Boolean).join("_");
  const spec: ForgeSpec = {
    name: draw.chance(0.3) ? `${draw.nonce()}_${ids}` : ids,
    description: `${capital(joined)}.`,
    parameters: { [p]: one.from },
    examples: examples.slice(0, draw.int(1, 2)),
  };
  return {
    spec,
    request: joined,
    code: `${runHead(spec.parameters)}\n  return ${expression.replace(/\(\((\w+)\)/g, "($1").replace(/^\((\w+)\)/, "$1")};\n}`,
    hidden: examples.slice(2),
    family,
  };
}

/** Whether an expression must be put in brackets before it stands in another's place. */
function needsBrackets(inner: string, outer: string): boolean {
  return (
    /[-+*%/>]| \? /.test(inner.replace(/\([^()]*\)/g, "").replace(/"[^"]*"/g, "")) &&
    /\{x\}[.[]|[*/%-] *\{x\}|\{x\} *[*/%]/.test(outer)
  );
}

export function forgeSample(draw: Draw): Sample {
  const item = forgeItem(draw);
  if (draw.split === "train" && draw.chance(0.12)) {
    const wrong = forgeItem(draw);
    const body = /return ([\s\S]*);\n\}$/.exec(wrong.code)?.[1] ?? "null";
    const broken = `${runHead(item.spec.parameters)}\n  return ${body};\n}`;
    const example = item.spec.examples[0] as ToolExample;
    const failure = failureText(example, draw.chance(0.5) ? (wrong.spec.examples[0]?.result ?? null) : `an error`);
    return {
      task: "repair",
      chat: [...repairPrompt(item.spec, broken, failure), { role: "assistant", content: item.code }],
    };
  }
  return {
    task: "forge",
    chat: [...forgePrompt(item.spec), { role: "assistant", content: item.code }],
    gold: { hidden: item.hidden as unknown as Json, family: item.family },
  };
}

const requests = [
  "Make a tool that can {r}.",
  "I need a tool to {r}.",
  "Write a tool to {r}.",
  "Forge a tool that can {r}.",
  "Create a tool which can {r}.",
  "Build me a tool to {r}.",
];

/** From a request in words to the order: name, sentence, arguments and an example that is easy to work out. */
export function forgeSpecSample(draw: Draw): Sample {
  const item = forgeItem(draw);
  const spec = { ...item.spec, name: item.family.replace(".", "_"), examples: item.spec.examples.slice(0, 1) };
  return {
    task: "forge-spec",
    chat: [
      ...forgeSpecPrompt(fill(draw.form(requests), { r: item.request })),
      { role: "assistant", content: forgeSpecText(spec) },
    ],
  };
}

export { requests as forgeRequests };
