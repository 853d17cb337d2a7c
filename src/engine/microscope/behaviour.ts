import type { Behaviour } from "../../contract/instruments";
import type { Intervention } from "../../contract/sites";
import { greedy, type Input } from "../../contract/verbs";
import type { Lab } from "./lab";
import { shows } from "./measures/behaviour";

/** Tokens of an answer that are looked at, when more than its first are needed. */
const answerTokens = 32;

/** The model's greedy answer and its first token, as far as the behaviour needs them. */
export async function answerTo(
  lab: Lab,
  input: Input,
  behaviour: Behaviour,
  interventions: Intervention[],
  signal: AbortSignal,
): Promise<{ text: string; firstToken: string }> {
  const onlyFirst = !behaviour.startsWith?.length && !behaviour.contains?.length;
  const max = onlyFirst ? 1 : answerTokens;
  const { forks } = await lab.generate({ input, sampling: greedy, max, think: "off", interventions }, signal);
  const { text, tokens } = forks[0]!;
  return { text, firstToken: tokens.find(({ part }) => part === "answer")?.text ?? "" };
}

/** Share of the inputs whose answers show the behaviour. */
export async function behaviourRate(
  lab: Lab,
  inputs: readonly Input[],
  behaviour: Behaviour,
  interventions: Intervention[],
  signal: AbortSignal,
  tick: () => void = () => {},
): Promise<number> {
  let hits = 0;
  for (const input of inputs) {
    const { text } = await answerTo(lab, input, behaviour, interventions, signal);
    if (shows(behaviour, text)) hits++;
    tick();
  }
  return inputs.length === 0 ? 0 : hits / inputs.length;
}
