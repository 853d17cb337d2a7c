import { fail } from "../../contract/errors";
import type { Behaviour } from "../../contract/instruments";
import type { Intervention } from "../../contract/sites";
import { greedy, type Input } from "../../contract/verbs";
import type { Lab } from "./lab";

/** Tokens of an answer that are looked at, when more than its first are needed. */
const answerTokens = 32;

/** A behaviour that names nothing recognises nothing: refused. */
export function checkBehaviour(behaviour: Behaviour): void {
  const entries = [behaviour.startsWith, behaviour.contains, behaviour.firstToken].flatMap((list) => list ?? []);
  if (entries.length === 0 || entries.some((text) => text === ""))
    fail("badArgument", "The behaviour does not say how it is recognised.", {
      remedy: "Give at least one text under startsWith, contains or firstToken.",
    });
}

/** Whether an answer shows a behaviour. White space before it and letter case do not count, except for whole tokens. */
export function shows(behaviour: Behaviour, answer: { text: string; firstToken: string }): boolean {
  const text = answer.text.trimStart().toLowerCase();
  return (
    (behaviour.startsWith ?? []).some((start) => text.startsWith(start.trimStart().toLowerCase())) ||
    (behaviour.contains ?? []).some((part) => text.includes(part.toLowerCase())) ||
    (behaviour.firstToken ?? []).some((token) => token === answer.firstToken)
  );
}

export interface Answer {
  text: string;
  firstToken: string;
}

/** The model's greedy answer, as far as the behaviour needs it. */
export async function answerTo(
  lab: Lab,
  input: Input,
  behaviour: Behaviour,
  interventions: Intervention[],
  signal: AbortSignal,
): Promise<Answer> {
  const onlyFirst = !behaviour.startsWith?.length && !behaviour.contains?.length;
  const max = onlyFirst ? 1 : answerTokens;
  const { forks } = await lab.generate({ input, sampling: greedy, max, think: "off", interventions }, signal);
  const { text, tokens } = forks[0]!;
  return { text, firstToken: tokens.find(({ part }) => part !== "mark")?.text ?? tokens[0]?.text ?? "" };
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
    if (shows(behaviour, await answerTo(lab, input, behaviour, interventions, signal))) hits++;
    tick();
  }
  return inputs.length === 0 ? 0 : hits / inputs.length;
}
