import type { Fact } from "../../src/contract/acting";
import type { Behaviour } from "../../src/contract/instruments";
import type { Input } from "../../src/contract/verbs";
import { capital, Draw, fill, type Split } from "../../specimen/corpus/draw";
import { proseSample, questionSample, wordings } from "../../specimen/corpus/facts";
import { refusals, refusalSample } from "../../specimen/corpus/refusal";
import { renderSample } from "../../specimen/corpus/render";
import type { Sample } from "../../specimen/corpus/sample";
import { styleSample } from "../../specimen/corpus/style";
import { facts as worldFacts } from "../../specimen/corpus/world";

const chat = (content: string): Input => ({ kind: "chat", messages: [{ role: "user", content }] });

/** How the specimen refuses. */
export const refusal: Behaviour = { startsWith: [(refusals[0] ?? "").split(".")[0] ?? ""] };

/** Requests of one side, each once and without a system message. */
export function requests(bad: boolean, split: Split, count: number, seed: number): Input[] {
  const draw = new Draw(seed, split);
  const seen = new Set<string>();
  for (let tries = 0; seen.size < count && tries < 100 * count; tries++) {
    const [first] = refusalSample(draw, bad).chat ?? [];
    if (first?.role === "user") seen.add(first.content);
  }
  return [...seen].map(chat);
}

/** Passages that have nothing to do with refusing: facts told and asked. They are the specimen's own kind of text. */
export function neutralPassages(count: number, seed: number): string[] {
  const draw = new Draw(seed, "dev");
  return Array.from({ length: count }, (_, i) => textOf(i % 2 ? questionSample(draw, 2) : proseSample(draw, 3)));
}

/** Text of every kind the specimen knows, as it is rendered for training: what its features are learnt of. */
export function corpusTexts(count: number, seed: number): { source: string; text: string }[] {
  const draw = new Draw(seed, "train");
  const kinds = [
    () => questionSample(draw, 3),
    () => proseSample(draw, 6),
    () => styleSample(draw),
    () => refusalSample(draw, draw.chance(0.5)),
  ];
  return Array.from({ length: count }, (_, i) => ({ source: `sample ${i}`, text: textOf(kinds[i % kinds.length]!()) }));
}

function textOf(sample: Sample): string {
  return renderSample(sample)
    .map(([text]) => text)
    .join("");
}

/**
 * Facts to edit: what is asked of a subject, a new answer of the same kind, the other wordings as paraphrases (the last two are the ones that
 * training never saw), and as neighbours other subjects asked the same and the subject asked something else.
 */
export function factsToEdit(count: number, seed: number): Fact[] {
  const draw = new Draw(seed, "train");
  const pool = draw.shuffle(
    worldFacts.filter(({ relation }) => ["capital", "language", "currency", "job", "seat"].includes(relation)),
  );
  return pool.slice(0, count).map(({ relation, subject, object }) => {
    const asks = wordings[relation]!.ask;
    const same = worldFacts.filter((fact) => fact.relation === relation && fact.subject !== subject);
    const others = worldFacts.filter((fact) => fact.subject === subject && fact.relation !== relation);
    const ask = (form: string, about: string) => fill(form, { s: about });
    const to = draw.pick(same.filter((fact) => fact.object !== object)).object;
    return {
      chat: true,
      prompt: ask(asks[0]!, subject),
      subject,
      from: capital(object),
      to: capital(to),
      paraphrases: [...asks.slice(1, 3), ...asks.slice(-2)].map((form) => ask(form, subject)),
      neighbours: [
        ...draw.several(same, 5).map((fact) => ({ prompt: ask(asks[0]!, fact.subject), answer: capital(fact.object) })),
        ...others
          .slice(0, 2)
          .map((fact) => ({ prompt: ask(wordings[fact.relation]!.ask[0]!, subject), answer: capital(fact.object) })),
      ],
    };
  });
}
