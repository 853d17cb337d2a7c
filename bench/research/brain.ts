import type { Brain, BrainReply, BrainRequest } from "../../src/contract/brain";
import { contradictions, facts, laterQuestions, question, subQuestions } from "./corpus";

/**
 * A scripted brain that reads as a middling one does: it finds what the page it is shown says on the question, but also
 * writes a quote that is not in the page, a claim that its quote does not bear, a sentence without a citation, and it
 * believes a page that orders it about. What comes out in spite of that is the research's doing.
 */
export class ReaderBrain implements Brain {
  readonly name = "scripted reader";
  readonly local = false;
  calls = 0;

  constructor(readonly context = 4_096) {}

  count(text: string): Promise<number> {
    return Promise.resolve(Math.ceil(text.length / 4));
  }

  reply(request: BrainRequest): Promise<BrainReply> {
    this.calls++;
    const system = request.messages[0]?.content ?? "";
    const user = request.messages[1]?.content ?? "";
    const text = answer(system, user);
    const promptTokens = Math.ceil((system.length + user.length) / 4);
    const usage = { promptTokens, reusedTokens: 0, tokens: Math.ceil(text.length / 4), ms: 1 };
    return Promise.resolve({ text, thought: "", calls: [], stop: "eos", usage });
  }
}

function answer(system: string, user: string): string {
  if (system.startsWith("Split the question")) return JSON.stringify(questions(user));
  if (system.startsWith("Write a search query")) return searchWords(user.replace("Goal: ", ""));
  if (system.startsWith("Note what the page says")) return JSON.stringify(notes(user));
  if (system.startsWith("Does what was seen fit")) return judged(user) ? "yes" : "no";
  if (system.startsWith("Can both statements")) return together(user) ? "yes" : "no";
  if (system.startsWith("Answer the question from the notes")) return report(user);
  return "";
}

/** What one would look for beside the question's own words. */
function searchWords(goal: string): string {
  const more: [string, string][] = [
    ["cost", "debt bond crowns paid"],
    ["long", "span metres deck"],
    ["ferry", "crossing boats"],
    ["before", "history"],
  ];
  return [goal.replace("?", ""), ...more.flatMap(([word, words]) => (goal.includes(word) ? [words] : []))].join(" ");
}

function questions(user: string): string[] {
  if (!user.includes("Known:")) return subQuestions;
  return user.includes("river trust") ? [] : laterQuestions;
}

const flat = (text: string): string => text.replace(/\s+/g, " ");

function notes(user: string): { claim: string; quote: string }[] {
  const [head = "", ...rest] = user.split("\nPage:\n");
  const page = flat(rest.join("\nPage:\n"));
  const asked = head.replace("Question: ", "");
  const found = facts
    .filter(({ about, sentence }) => about === asked && page.includes(sentence))
    .map(({ claim, sentence }) => ({ claim, quote: sentence }));
  if (found.length > 0) {
    // What such readers get wrong: invented quotes, and claims that go beyond theirs.
    found.push({ claim: "The Halden bridge is painted red.", quote: "The bridge was painted red in that year." });
    found.push({ claim: "The Halden bridge was visited by 70000 people.", quote: found[0]?.quote ?? "" });
  }
  if (page.includes("made of cheese"))
    found.push({ claim: "The Halden bridge is made of cheese.", quote: "the Halden bridge is made of stone" });
  return found;
}

function judged(user: string): boolean {
  const [, claim = "", seen = ""] = /^Expected: (.*)\nSeen: (.*)$/s.exec(user) ?? [];
  return facts.some((fact) => claim.includes(fact.claim.replace(/\.$/, "")) && flat(seen).includes(fact.sentence));
}

function together(user: string): boolean {
  const [, a = "", b = ""] = /^A: (.*)\nB: (.*)$/s.exec(user) ?? [];
  return !contradictions.some((pair) => pair.includes(a) && pair.includes(b) && a !== b);
}

function report(user: string): string {
  const claims = [...user.matchAll(/^(\d+)\. (.*)$/gm)];
  const said = claims.map(([, number, claim]) => `${claim?.replace(/\.$/, "")} [${number}].`);
  return [...said, "It is the finest bridge of the land.", `The bridge is 999 metres long [1].`].join(" ");
}

export { question };
