import type { ModelInfo } from "../../src/contract/model";
import type { Split } from "../corpus/draw";
import type { Inside } from "./inside";
import { wilson } from "./interval";

/** One measured behaviour. */
export interface Line {
  id: string;
  title: string;
  right: number;
  n: number;
  target?: number;
}

export interface CardInput {
  lines: Line[];
  split: Split;
  info: ModelInfo;
  bytes: number;
  seconds: number;
  /** Prompts the engine's template printed otherwise than the corpus. */
  differ: number;
  log: Record<string, unknown>[];
  inside?: Inside;
}

const percent = (x: number) => `${(100 * x).toFixed(1)} %`;

function row(line: Line): string {
  const [low, high] = wilson(line.right, line.n);
  const rate = line.n === 0 ? 0 : line.right / line.n;
  const target = line.target === undefined ? "" : `${percent(line.target)}`;
  const verdict =
    line.target === undefined
      ? ""
      : rate >= line.target
        ? "reached"
        : `missed by ${(100 * (line.target - rate)).toFixed(1)} points`;
  return `| ${line.title} | ${line.n === 0 ? "-" : percent(rate)} | ${percent(low)} - ${percent(high)} | ${line.n} | ${target} | ${verdict} |`;
}

/** How much thinking adds, where both ways were measured. */
function gains(lines: Line[]): string[] {
  const rate = (id: string) => {
    const line = lines.find((one) => one.id === id);
    return line && line.n > 0 ? line.right / line.n : undefined;
  };
  return [
    ["sum", "Addition"],
    ["word-problem", "Word problems"],
  ].flatMap(([id, title]) => {
    const [with_, without] = [rate(`${id}`), rate(`${id}-direct`)];
    if (with_ === undefined || without === undefined) return [];
    return [`- ${title}: thinking adds ${(100 * (with_ - without)).toFixed(0)} points (at least 30 were asked for).`];
  });
}

/** What the instruments see, where they were asked. */
function insideText(inside: Inside | undefined): string {
  if (!inside) return "Not measured in this run.";
  const { lens, ablation, directions } = inside;
  const least = ablation.reduce((a, b) => (b.kl < a.kl ? b : a));
  return [
    `- **Lens.** Of ${lens.n} facts answered right, the answer's first token is the lens's own first choice after block 0 for ${lens.settledEarly} and rises to it in a later block for ${lens.rising}. Share settled after each block: ${lens.perLayer.map((share) => share.toFixed(2)).join(", ")}.`,
    `- **No useless layer.** Attention and MLP of a block set to their means: KL to the plain output at the last prompt token, nats, block by block: ${ablation.map((one) => one.kl.toFixed(2)).join(", ")} (least: block ${least.layer}, where ${percent(least.changed)} of the next tokens change).`,
    ...directions.map(
      (one) =>
        `- **Direction of ${one.title}**, block ${one.layer}, ${one.n} held-out prompts a side: shown by ${percent(one.before.positive)} where asked and ${percent(one.before.negative)} where not; added: ${percent(one.added)} of the others; taken away: ${percent(one.levelled)} left when set to the others' mean, ${percent(one.zeroed)} when set to zero. KL on neutral text ${one.kl.toFixed(3)}; collapsed answers ${percent(one.collapsed)}.`,
    ),
  ].join("\n");
}

function training(log: Record<string, unknown>[]): { tokens: number; minutes: number } {
  const done = log.findLast((line) => typeof line["tokens"] === "number");
  const timed = log.findLast((line) => typeof line["seconds"] === "number");
  const end = log.findLast((line) => line["done"])?.["done"] as { tokens?: number; seconds?: number } | undefined;
  return {
    tokens: end?.tokens ?? Number(done?.["tokens"] ?? 0),
    minutes: (end?.seconds ?? Number(timed?.["seconds"] ?? 0)) / 60,
  };
}

/** The card: made by the command, never by hand. */
export function cardText(input: CardInput): string {
  const { info, lines } = input;
  const { tokens, minutes } = training(input.log);
  const missed = lines.filter((line) => line.target !== undefined && line.n > 0 && line.right / line.n < line.target);
  return `# The specimen's card

A very small model made to be looked into. Written by \`node scripts/ts.mjs specimen/evaluate/main.ts --split ${input.split}\`; not edited.

## What it is

| | |
|---|---|
| File | \`specimen/specimen.gguf\`, ${(input.bytes / 1e6).toFixed(2)} MB, weights ${info.quantisation} |
| Architecture | ${info.architecture}: ${(info.parameters / 1e6).toFixed(2)} M parameters, ${info.layers} layers of width ${info.embedding}, ${info.heads} heads (${info.kvHeads} for keys and values), ${info.neurons} neurons a layer, vocabulary ${info.vocabulary}, context ${info.trainedContext} |
| Trained on | ${(tokens / 1e6).toFixed(1)} M tokens made by \`specimen/corpus\`, each seen about once, in ${minutes.toFixed(0)} minutes on 2 shared CPU cores |
| Data | all generated here, from a made-up world, plain facts on about 100 countries, and invented words |
| Licence | MIT, as the rest of the repository; no one else's data or weights are in it |

## What it does, on held-out items

Greedy, through the product's own engine. Invented words, entities, joins of facts and wordings of the test split are not in the training data; one-hop facts themselves are, their wordings are not.
Intervals are Wilson's, 95 %. Prompts that the engine's template printed otherwise than the corpus: ${input.differ}.

| behaviour | right | 95 % interval | n | target | |
|---|---|---|---|---|---|
${lines.map(row).join("\n")}

${gains(lines).join("\n")}

## What is seen inside

${insideText(input.inside)}

Measured in ${input.seconds.toFixed(0)} s on one thread.

## What it misses

${missed.length === 0 ? "Every target of the table is reached." : missed.map((line) => `- ${line.title}: ${percent(line.right / line.n)}, ${percent(line.target ?? 0)} were asked for.`).join("\n")}

## What it cannot do

- It knows the small world of its corpus and nothing else: no news, no books, no people. Of what it was never told it says that it does not know, or it makes something up.
- It does not understand what it writes. Requests far from the wordings of its corpus get answers of the nearest kind.
- Its refusals are a demonstration of how refusing looks inside a model, not a safeguard. It holds no harmful knowledge: with refusal taken away it says empty sentences.
- It adds and takes away up to four digits, digit by digit; it does not multiply or divide.
- Its tools are chains of one or two simple operations on a text, a number or a list.
- Its Chinese is a few hundred sentences. Other languages it has not seen.
`;
}
