import type { Fact } from "../../../contract/acting";
import type { Lab } from "../lab";
import { spanOf } from "../patching/patch";
import { probeTokens } from "../probe";
import { inputOf } from "./facts";

/** A prompt with the place of its subject's last token. */
export interface Context {
  ids: number[];
  at: number;
}

const rawPrefixes = ["", "It is well known. ", "Here is one thing: "];
const chatPrefixes = ["", "Please tell me: ", "One more question. "];

/**
 * The fact's prompt as it is and after other words, so that what is written does not hang on one beginning. The subject's last
 * token is where a fact is looked up (Meng et al. 2022).
 */
export async function contextsOf(lab: Lab, fact: Fact, count = 3): Promise<Context[]> {
  const prefixes = (fact.chat ? chatPrefixes : rawPrefixes).slice(0, count);
  return Promise.all(prefixes.map((prefix) => contextOf(lab, fact, prefix + fact.prompt, fact.subject)));
}

/** What the subject is apart from this fact: its answers there are to stay. */
export async function essencesOf(lab: Lab, fact: Fact): Promise<Context[]> {
  const texts = fact.chat
    ? [`Tell me about ${fact.subject}.`, `Where is ${fact.subject}?`]
    : [`${fact.subject} is`, `In ${fact.subject},`];
  return Promise.all(texts.map((text) => contextOf(lab, fact, text, fact.subject)));
}

/** The fact's prompt about another subject. */
export async function aboutOther(lab: Lab, fact: Fact, subject: string): Promise<Context> {
  return contextOf(
    lab,
    fact,
    fact.prompt.replace(fact.subject, () => subject),
    subject,
  );
}

async function contextOf(lab: Lab, fact: Fact, text: string, subject: string): Promise<Context> {
  const tokens = await probeTokens(lab, inputOf(fact, text));
  return { ids: tokens.map(({ id }) => id), at: spanOf(tokens, subject, "subject").to };
}
