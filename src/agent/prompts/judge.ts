import type { ChatMessage } from "../../contract/chat";
import { oneLine } from "./memoryLines";
import { bad, good, withoutThought, type Reply } from "./reply";

/** What a step was worth. The reply is one word, so that its probability can be read as a value. */
export type Verdict = "done" | "good" | "wrong";
export const verdicts: readonly Verdict[] = ["done", "good", "wrong"];

/** Asks what a step, real or imagined, did for the goal. */
export function judgePrompt(input: { goal: string; step: string; expected?: string; seen: string }): ChatMessage[] {
  const lines = [
    `Goal: ${oneLine(input.goal)}`,
    `Step: ${oneLine(input.step)}`,
    ...(input.expected ? [`Expected: ${oneLine(input.expected)}`] : []),
    `Seen: ${oneLine(input.seen)}`,
  ];
  return [
    {
      role: "system",
      content:
        "Judge the step. Reply with one word: done if the goal is reached, good if the step helps, wrong if it failed or leads away.",
    },
    { role: "user", content: lines.join("\n") },
  ];
}

export function judgeGrammar(): string {
  return `root ::= "done" | "good" | "wrong"\n`;
}

export function parseJudge(reply: string): Reply<Verdict> {
  const word = withoutThought(reply).toLowerCase().replace(/[.]$/, "");
  const verdict = verdicts.find((one) => one === word);
  return verdict ? good(verdict) : bad("The reply must be one word: done, good or wrong.", reply);
}

/** Asks whether what was seen is what was expected, where no rule can tell. */
export function matchPrompt(expected: string, seen: string): ChatMessage[] {
  return [
    { role: "system", content: "Does what was seen fit what was expected? Reply with one word: yes or no." },
    { role: "user", content: `Expected: ${oneLine(expected)}\nSeen: ${oneLine(seen)}` },
  ];
}

export function matchGrammar(): string {
  return `root ::= "yes" | "no"\n`;
}

export function parseMatch(reply: string): Reply<boolean> {
  const word = withoutThought(reply).toLowerCase().replace(/[.]$/, "");
  return word === "yes" || word === "no" ? good(word === "yes") : bad("The reply must be one word: yes or no.", reply);
}
