import type {
  AnswerPair,
  BehaviourRates,
  DirectionMode,
  DirectionTestParams,
  DirectionTestResult,
} from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import type { Intervention, Where } from "../../../contract/sites";
import type { Input } from "../../../contract/verbs";
import type { Lab } from "../lab";
import { answersTo, type Answer } from "../measures/answers";
import { rateOf, requireBehaviour, shows } from "../measures/behaviour";
import { costsOf, neutralTokens } from "../measures/neutral";
import { adding, levelling, usualWhere, zeroing } from "./act";
import type { Progressing } from "./extract";
import { neutralText } from "./neutralText";
import { actingOf, mainLayer, ownStrength, openDirection } from "./use";

/**
 * Proves a direction on held-out prompts, as the lecture does: add it where the behaviour does not appear, take it away where it
 * does. Every answer is generated greedily; the cost is taken on neutral text.
 */
export async function testDirection(
  lab: Lab,
  params: DirectionTestParams,
  run: Progressing,
): Promise<DirectionTestResult> {
  requireBehaviour(params.behaviour);
  const { positive, negative } = params;
  if (positive.length === 0 || negative.length === 0)
    fail("badArgument", "Both prompt sets are needed to test a direction.");
  const vector = openDirection(lab, params.file);
  const at = mainLayer(vector);
  const acting = await actingOf(lab, vector, at, run.signal);
  const strength = params.strength ?? ownStrength(vector, at, acting.scale);
  const { layers } = lab.info;
  const modes: { mode: DirectionMode; interventions: Intervention[]; everywhere: Intervention[] }[] = [
    pair("add", vector.where ?? "all", (where) => [adding(acting, at.layer, strength, where)]),
    pair("zero", usualWhere.zero, (where) => zeroing(acting, layers, 1, where)),
    ...(acting.profile ? [pair("mean", usualWhere.mean, (where) => levelling(acting, layers, 1, where))] : []),
  ];

  const total = (positive.length + negative.length) * (1 + modes.length);
  let done = 0;
  const say = (inputs: Input[], interventions: Intervention[], message: string) =>
    answersTo(lab, inputs, {
      interventions,
      max: params.max ?? 40,
      ...(params.think ? { think: params.think } : {}),
      signal: run.signal,
      onAnswer: () => run.progress(++done, total, message),
    });
  const both = async (interventions: Intervention[], message: string) => ({
    positive: await say(positive, interventions, message),
    negative: await say(negative, interventions, message),
  });
  const plain = await both([], "plain answers");
  const altered = new Map<DirectionMode, typeof plain>();
  for (const { mode, interventions } of modes) altered.set(mode, await both(interventions, messages[mode]));
  const costs = await costsOf(
    lab,
    neutralTokens(lab, params.neutral ?? neutralText),
    modes.map(({ everywhere }) => ({ interventions: everywhere })),
    run.signal,
  );

  const none = { kl: 0, perplexity: { before: costs[0]!.perplexity.before, after: costs[0]!.perplexity.before } };
  const cost = (mode: DirectionMode) => costs[modes.findIndex((each) => each.mode === mode)] ?? none;
  const rates = (answers: typeof plain): BehaviourRates => ({
    positive: rateIn(answers.positive, params),
    negative: rateIn(answers.negative, params),
  });
  const of = (mode: DirectionMode) => altered.get(mode) ?? plain;
  return {
    baseline: rates(plain),
    added: rates(of("add")),
    ablated: rates(of("zero")),
    mean: rates(of("mean")),
    n: { positive: positive.length, negative: negative.length },
    // Each way is judged where it is meant to change something.
    collapsed: {
      added: collapsedShare(of("add").negative),
      ablated: collapsedShare(of("zero").positive),
      mean: collapsedShare(of("mean").positive),
    },
    kl: cost("zero").kl,
    perplexity: cost("zero").perplexity,
    costs: { added: cost("add"), ablated: cost("zero"), mean: cost("mean") },
    strength,
    examples: examples(params, plain, altered),
  };
}

const messages: Record<DirectionMode, string> = {
  add: "direction added",
  zero: "projected out",
  mean: "set to the mean",
};

/** The interventions as they act on a conversation, and on neutral text, which has no last prompt token of its own. */
function pair(mode: DirectionMode, where: Where, build: (where: Where) => Intervention[]) {
  return { mode, interventions: build(where), everywhere: build("all") };
}

function rateIn(answers: Answer[], { behaviour }: DirectionTestParams) {
  return rateOf(answers.filter(({ text }) => shows(behaviour, text)).length, answers.length);
}

function collapsedShare(answers: Answer[]): number {
  return answers.filter(({ collapsed }) => collapsed).length / answers.length;
}

type Sides = Record<"positive" | "negative", Answer[]>;

/** A few answers side by side: added on the negative prompts, taken away on the positive ones. */
function examples(params: DirectionTestParams, plain: Sides, altered: Map<DirectionMode, Sides>): AnswerPair[] {
  const count = params.examples ?? 3;
  return [...altered].flatMap(([mode, answers]) => {
    const set = mode === "add" ? "negative" : "positive";
    return params[set].slice(0, count).map((input, i): AnswerPair => {
      const after = answers[set][i]!;
      return {
        prompt: promptText(input),
        set,
        mode,
        before: plain[set][i]!.text,
        after: after.text,
        entropy: after.entropy,
        collapsed: after.collapsed,
      };
    });
  });
}

/** What a person sees of an input: its text, or the last thing that was said. */
export function promptText(input: Input): string {
  if (input.kind === "prompt") return input.text;
  return input.kind === "chat" ? (input.messages.at(-1)?.content ?? "") : `${input.ids.length} tokens`;
}
