import type { EditProposal, Fact } from "../../../contract/acting";
import { greedy } from "../../../contract/verbs";
import type { Progressing } from "../directions/extract";
import type { Lab } from "../lab";
import { continuations } from "../measures/passes";
import { checkpoint } from "../probe";
import { vocabularyNames } from "./donors";
import { answered, answerTokens, checkFact, inputOf, say } from "./facts";

const beginnings = ["It is well known. ", "Here is one thing: ", "As everybody knows, "];
const chatBeginnings = ["Please tell me: ", "One more question. ", "I would like to know: "];
const most = 4;
/** Probability of the whole answer from which on a neighbour counts as known. */
const certain = 0.5;

/**
 * Test prompts for a fact. Wordings come from the model itself and from putting other words before; only those stay to which the
 * untouched model gives the old answer, so that a poor writer proposes little rather than wrong. Neighbours are the same prompt
 * about other names of the vocabulary, with what the model says now, where it is sure of it.
 */
export async function proposeTests(lab: Lab, fact: Fact, run: Progressing): Promise<EditProposal> {
  checkFact(fact);
  const ids = async (prompt: string) => (await lab.render(inputOf(fact, prompt))).map(({ id }) => id);
  run.progress(0, 3, "rewording");
  const wordings = [...(await reworded(lab, fact, run.signal)), ...prefixed(fact)].filter(
    (text, i, all) => text !== fact.prompt && text.includes(fact.subject) && all.indexOf(text) === i,
  );
  const pairs = await Promise.all(
    wordings.map(async (text) => ({ prompt: await ids(text), answer: answerTokens(lab, fact, text, fact.from) })),
  );
  run.progress(1, 3, "checking wordings");
  const right = pairs.length === 0 ? [] : await answered(lab, pairs, { signal: run.signal });
  run.progress(2, 3, "asking about others");
  return {
    paraphrases: wordings.filter((_, i) => right[i]).slice(0, most),
    neighbours: await neighboursOf(lab, fact, ids, run),
  };
}

function prefixed(fact: Fact): string[] {
  return (fact.chat ? chatBeginnings : beginnings).map((text) => text + fact.prompt);
}

async function reworded(lab: Lab, fact: Fact, signal: AbortSignal): Promise<string[]> {
  if (!lab.info.chatTemplate) return [];
  const content = `Write three other ways to say this, one on each line, and nothing else: ${fact.prompt}`;
  const { forks } = await lab.generate(
    {
      input: { kind: "chat", messages: [{ role: "user", content }] },
      sampling: greedy,
      max: 80,
      top: 0,
      think: "off",
    },
    signal,
  );
  return forks[0]!.text
    .split("\n")
    .map((line) => line.replace(/^[\s\d.)*-]+/, "").trim())
    .filter((line) => line.length > 0 && line.length < 300)
    .slice(0, 6);
}

async function neighboursOf(
  lab: Lab,
  fact: Fact,
  ids: (prompt: string) => Promise<number[]>,
  { signal }: Progressing,
): Promise<EditProposal["neighbours"]> {
  const found: EditProposal["neighbours"] = [];
  const tried = vocabularyNames(lab, 24).filter((name) => name !== fact.subject && !fact.from.includes(name));
  for (const name of tried) {
    checkpoint(signal);
    if (found.length === most) break;
    const prompt = fact.prompt.replaceAll(fact.subject, () => name);
    const asked = await ids(prompt);
    const said = (await say(lab, asked, { signal }, 10)).trim();
    // The first sentence: what comes after it is another matter.
    const answer = (/^[^.!?\n]*[.!?]?/.exec(said)?.[0] ?? "").trim();
    if (answer === "" || answer.includes(fact.from.trim())) continue;
    const [sure] = await continuations(
      lab,
      [{ prompt: asked, continuation: answerTokens(lab, fact, prompt, answer) }],
      {
        signal,
      },
    );
    // What the model only guesses may change by anything: it says nothing of an edit.
    if (sure!.greedy && sure!.logProbability >= Math.log(certain)) found.push({ prompt, answer });
  }
  return found;
}
