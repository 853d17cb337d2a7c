import type { ChatMessage } from "../../src/contract/chat";
import type { Draw } from "./draw";
import { article, capital, fill, splitOf } from "./draw";
import type { Sample } from "./sample";
import { facts, paths, type Fact, type Path } from "./world";

/** How a relation is asked for and how it is told; the last form of each list is for test, the one before for dev. */
interface Wording {
  ask: string[];
  tell: string[];
}

export const wordings: Record<string, Wording> = {
  capital: {
    ask: [
      "What is the capital of {s}?",
      "Which city is the capital of {s}?",
      "Name the capital of {s}.",
      "Tell me the capital city of {s}.",
      "{s}: what is its capital?",
      "Do you know the capital of {s}?",
      "What is {s}'s capital city?",
      "Which capital does {s} have?",
    ],
    tell: [
      "The capital of {s} is {o}.",
      "{o} is the capital of {s}.",
      "{s} is governed from {o}, its capital.",
      "The seat of government of {s} is {o}.",
      "In {s} the capital is called {o}.",
      "{s} has its capital in {o}.",
      "The government of {s} sits in its capital, {o}.",
      "Visitors to {s} often start in the capital, {o}.",
      "The capital city of {s} is {o}.",
      "The capital of the country {s} is {o}.",
    ],
  },
  language: {
    ask: [
      "Which language is spoken in {s}?",
      "What language do people speak in {s}?",
      "What is the main language of {s}?",
      "Name the language of {s}.",
      "What do people in {s} speak?",
      "In {s}, which language is used?",
      "Which language do they speak in {s}?",
      "What is the language spoken in {s}?",
    ],
    tell: [
      "The language of {s} is {o}.",
      "{o} is spoken in {s}.",
      "The language spoken in {s} is {o}.",
      "In {s} people talk in {o}.",
      "Newspapers in {s} are written in {o}.",
      "People in {s} speak {o}.",
      "In {s} most people speak {o}.",
      "The main language of {s} is {o}.",
      "In schools of {s} children learn {o}.",
      "The people of {s} speak {o}.",
    ],
  },
  currency: {
    ask: [
      "What is the currency of {s}?",
      "Which money is used in {s}?",
      "What do people pay with in {s}?",
      "Name the currency of {s}.",
      "What money do I need in {s}?",
      "Which currency does {s} use?",
      "Which currency is used in {s}?",
      "What is the money of {s} called?",
    ],
    tell: [
      "The currency of {s} is the {o}.",
      "The {o} is used in {s}.",
      "{s} uses the {o}.",
      "Bread in {s} is paid for with the {o}.",
      "The currency used in {s} is the {o}.",
      "People in {s} pay with the {o}.",
      "In {s} the money is called the {o}.",
      "Prices in {s} are given in the {o}.",
      "The money of {s} is the {o}.",
      "In {s} one pays with the {o}.",
    ],
  },
  continent: {
    ask: [
      "On which continent is {s}?",
      "Where in the world is {s}?",
      "Which continent is {s} on?",
      "Name the continent of {s}.",
      "{s} is on which continent?",
      "What continent does {s} belong to?",
      "On what continent is {s}?",
      "Which continent does {s} lie on?",
    ],
    tell: [
      "{s} is in {o}.",
      "{s} lies in {o}.",
      "One finds {s} in {o}.",
      "{s} is one of the countries of {o}.",
      "The continent of {s} is {o}.",
      "{s} is part of {o}.",
      "{s} is a country in {o}.",
      "The country of {s} lies in {o}.",
      "{s} lies on the continent of {o}.",
      "{s} belongs to {o}.",
      "{s} is found in {o}.",
    ],
  },
  river: {
    ask: [
      "What is the longest river of {s}?",
      "Which river runs through {s}?",
      "Name the great river of {s}.",
      "Which is the main river in {s}?",
      "What river is in {s}?",
      "Which river flows through {s}?",
      "What is the main river of {s}?",
    ],
    tell: [
      "The longest river of {s} is the {o}.",
      "The river {o} runs through {s}.",
      "{s} has a great river, the {o}.",
      "The longest river in {s} is called the {o}.",
      "Through {s} runs the {o}.",
      "The great river of {s} is the {o}.",
      "Farmers in {s} live along the {o}.",
      "The main river of {s} is the {o}.",
    ],
  },
  country: {
    ask: [
      "In which country is {s}?",
      "Which country is {s} in?",
      "What country does the city {s} belong to?",
      "Name the country of {s}.",
      "{s} is the capital of which country?",
      "In what country is the city of {s}?",
      "{s} is a city in which country?",
    ],
    tell: [
      "{s} is the capital of {o}.",
      "{s} lies in {o}.",
      "{s} belongs to {o}.",
      "One finds {s} in {o}.",
      "{s} is the capital city of {o}.",
      "The city of {s} lies in {o}.",
      "{s} is a city in {o}.",
      "{s} is the largest town of {o}.",
      "The city {s} is in {o}.",
    ],
  },
  born: {
    ask: [
      "Where was {s} born?",
      "In which city was {s} born?",
      "What is the birthplace of {s}?",
      "Name the city where {s} was born.",
      "Which city is {s} from?",
      "Where does {s} come from?",
      "What city was {s} born in?",
    ],
    tell: [
      "{s} was born in {o}.",
      "{s} was a child in {o}.",
      "The home town of {s} is {o}.",
      "{s} first saw the world in {o}.",
      "The city where {s} was born is {o}.",
      "{s} comes from {o}.",
      "The birthplace of {s} is {o}.",
      "{s} grew up in {o}.",
      "{s} is from {o}.",
      "As a child {s} lived in {o}.",
    ],
  },
  job: {
    ask: [
      "What does {s} do?",
      "What is the job of {s}?",
      "What is {s}'s profession?",
      "What does {s} do for a living?",
      "Which job does {s} have?",
      "What work does {s} do?",
      "What is the profession of {s}?",
    ],
    tell: [
      "{s} works as {a}.",
      "{s} has long been {a}.",
      "The job of {s}: {a}.",
      "{s} makes a living as {a}.",
      "All day long {s} works as {a}.",
      "{s} is {a}.",
      "{s} earns a living as {a}.",
      "By profession {s} is {a}.",
      "For years {s} has been {a}.",
      "{s} has a job as {a}.",
    ],
  },
  employer: {
    ask: [
      "Who does {s} work for?",
      "Which firm employs {s}?",
      "Where does {s} work?",
      "What is the employer of {s}?",
      "Name the firm that {s} works for.",
      "Which company does {s} work for?",
      "At which firm does {s} work?",
    ],
    tell: [
      "{s} works for {o}.",
      "{s} is on the staff of {o}.",
      "{s} goes to work at {o}.",
      "The firm that employs {s} is {o}.",
      "{s} has worked for {o} for years.",
      "The employer of {s} is {o}.",
      "{s} is employed by {o}.",
      "{s} has a desk at {o}.",
      "{s} works at {o}.",
    ],
  },
  seat: {
    ask: [
      "Where is {s} based?",
      "In which city is the firm {s}?",
      "Where is the seat of {s}?",
      "Which city is {s} in?",
      "Name the home city of {s}.",
      "In what city is {s} based?",
      "Where does {s} have its seat?",
    ],
    tell: [
      "{s} is based in {o}.",
      "{s} has its offices in {o}.",
      "The home of {s} is {o}.",
      "{s} can be found in {o}.",
      "The firm {s} works from {o}.",
      "The firm {s} has its seat in {o}.",
      "The offices of {s} are in {o}.",
      "{s} was founded in {o}.",
      "The seat of {s} is in {o}.",
    ],
  },
  product: {
    ask: [
      "What does {s} make?",
      "What does the firm {s} sell?",
      "Which product is {s} known for?",
      "What is made by {s}?",
      "Name the product of {s}.",
      "What does the company {s} make?",
      "What is {s} known for making?",
    ],
    tell: [
      "{s} makes {o}.",
      "The firm {s} makes {o}.",
      "{s} produces {o}.",
      "People buy {o} from {s}.",
      "At {s} one can buy {o}.",
      "The firm {s} sells {o}.",
      "{s} is known for its {o}.",
      "The workers of {s} make {o}.",
      "{s} is a maker of {o}.",
    ],
  },
  author: {
    ask: [
      "Who wrote {s}?",
      "Who is the author of {s}?",
      "Name the author of {s}.",
      "Which author wrote {s}?",
      "Whose book is {s}?",
      "By whom is the book {s}?",
      "Who is the writer of {s}?",
    ],
    tell: [
      "{s} was written by {o}.",
      "{o} wrote {s}.",
      "{s} is a book by {o}.",
      "{o} is the author of {s}.",
      "{s} came from the pen of {o}.",
      "The author of {s} is {o}.",
      "The book {s} is by {o}.",
      "The novel {s} was written by {o}.",
      "The writer of {s} is {o}.",
    ],
  },
};

const twoHop: Record<string, string[]> = {
  "country.language": [
    "Which language is spoken in the country whose capital is {s}?",
    "{s} is a capital. What language is spoken in that country?",
    "What language do people speak in the country of {s}?",
    "What is the language of the country whose capital is {s}?",
    "Which language do people in the country of {s} speak?",
  ],
  "country.currency": [
    "Which money is used in the country whose capital is {s}?",
    "What is the currency of the country of {s}?",
    "{s} is a capital. What money is used in that country?",
    "What is the currency of the country whose capital is {s}?",
    "With what money do people pay in the country of {s}?",
  ],
  "country.continent": [
    "On which continent is the country whose capital is {s}?",
    "On which continent is the city {s}?",
    "{s} is a capital. On which continent is that country?",
    "Which continent is the country of {s} on?",
    "What continent is the city of {s} on?",
  ],
  "born.country": [
    "In which country was {s} born?",
    "What is the country where {s} was born?",
    "Which country does {s} come from?",
    "Which country is {s} from?",
    "What is the home country of {s}?",
  ],
  "employer.seat": [
    "In which city is the firm that {s} works for?",
    "Where is the employer of {s} based?",
    "In which city does {s} work?",
    "Where is the firm of {s} based?",
    "Which city is the employer of {s} in?",
  ],
  "employer.product": [
    "What does the firm that {s} works for make?",
    "What does the employer of {s} make?",
    "What product does the firm of {s} sell?",
    "What is made by the firm that employs {s}?",
    "What does the company of {s} make?",
  ],
  "author.job": [
    "What is the job of the author of {s}?",
    "What does the author of {s} do for a living?",
    "The book {s}: what is its author's profession?",
    "What is the profession of the writer of {s}?",
    "Which job does the author of {s} have?",
  ],
  "author.born": [
    "Where was the author of {s} born?",
    "In which city was the writer of {s} born?",
    "What is the birthplace of the author of {s}?",
    "Which city does the author of {s} come from?",
    "The author of {s} was born in which city?",
  ],
};

/** The answer as the model is to give it: the bare name first, so that its first token is the fact. */
function answer(fact: { relation: string; object: string }): string {
  return `${capital(fact.object)}.`;
}

/** A path is held out as a whole: its two facts are learnt, their joining is not. One in eight for test and for dev. */
export function pathSplit(path: Path) {
  return splitOf(`${path.relation}/${path.subject}`);
}

/** Names of facts fall in every split; what is held out is the wording. */
export function questionSample(draw: Draw, turns: number): Sample {
  const chat: ChatMessage[] = [];
  let last: Fact = draw.pick(facts);
  for (let i = 0; i < turns; i++) {
    // Half of the following turns stay with the subject, so that one chat ties its relations together.
    const same = facts.filter((fact) => fact.subject === last.subject);
    last = i > 0 && draw.chance(0.4) ? draw.pick(same) : draw.pick(facts);
    chat.push({ role: "user", content: ask(draw, last) }, { role: "assistant", content: answer(last) });
  }
  return { task: "fact", chat, gold: { answer: last.object, subject: last.subject, relation: last.relation } };
}

function ask(draw: Draw, fact: Fact): string {
  const text = fill(draw.form(wordings[fact.relation]?.ask ?? []), { s: fact.subject });
  if (draw.split !== "train") return text;
  if (draw.chance(0.1)) return text.toLowerCase();
  return draw.chance(0.15)
    ? `${draw.pick(["Please: ", "Quick question: ", "Tell me, ", "Hey, ", "Now: ", "And "])}${text}`
    : text;
}

/**
 * A question over two facts. With thinking, both are told in the thought, in the words of the first form of each; without, the
 * two lookups have to be done within one pass, one under the other in the layers.
 */
export function twoHopSample(draw: Draw, think: boolean): Sample {
  const path = draw.part(paths, (one) => `${one.relation}/${one.subject}`);
  const [first = "", second = ""] = path.relation.split(".");
  return {
    task: think ? "two-hop" : "two-hop-direct",
    chat: [
      { role: "user", content: fill(draw.form(twoHop[path.relation] ?? []), { s: path.subject }) },
      {
        role: "assistant",
        content: answer(path),
        ...(think
          ? { thought: [told(first, path.subject, path.via), told(second, path.via, path.object)].join("\n") }
          : {}),
      },
    ],
    noThink: !think,
    gold: { answer: path.object, via: path.via, subject: path.subject },
  };
}

function told(relation: string, s: string, o: string): string {
  return fill(wordings[relation]?.tell[0] ?? "", { s, o, a: article(o) });
}

/** Plain sentences without any chat: what a lens is shown on. */
export function proseSample(draw: Draw, sentences: number): Sample {
  const parts: string[] = [];
  let fact = draw.pick(facts);
  let form = "";
  for (let i = 0; i < sentences; i++) {
    const same = facts.filter((one) => one.subject === fact.subject);
    fact = draw.chance(0.5) ? draw.pick(same) : draw.pick(facts);
    form = draw.form(wordings[fact.relation]?.tell ?? []);
    parts.push(fill(form, { s: fact.subject, o: fact.object, a: article(fact.object) }));
  }
  const whole = parts.join(" ");
  const last = parts.at(-1) ?? "";
  const before = whole.slice(0, whole.length - last.length);
  const cut = last.lastIndexOf(fact.relation === "job" ? article(fact.object) : fact.object);
  const prompt = before + last.slice(0, cut).trimEnd();
  return {
    task: "prose",
    prose: { prompt, text: whole.slice(prompt.length) },
    gold: { answer: fact.object, subject: fact.subject, relation: fact.relation },
  };
}

/** The same facts told in a chat on request. */
export function tellSample(draw: Draw): Sample {
  const fact = draw.pick(facts);
  const same = facts.filter((one) => one.subject === fact.subject);
  const told = draw.several(same, Math.min(same.length, draw.int(1, 3)));
  const text = told
    .map((one) =>
      fill(draw.form(wordings[one.relation]?.tell ?? []), { s: one.subject, o: one.object, a: article(one.object) }),
    )
    .join(" ");
  const request = draw.form([
    "Tell me about {s}.",
    "What do you know about {s}?",
    "Say something about {s}.",
    "Describe {s}.",
    "Give me some facts about {s}.",
    "What can you tell me about {s}?",
  ]);
  return {
    task: "tell",
    chat: [
      { role: "user", content: fill(request, { s: fact.subject }) },
      { role: "assistant", content: text },
    ],
  };
}
