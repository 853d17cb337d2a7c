import type { PlanJudgement, PlanPrediction } from "../../contract/plan";
import {
  judgeGrammar,
  judgePrompt,
  matchGrammar,
  matchPrompt,
  parseJudge,
  parseMatch,
  type Verdict,
} from "../prompts/judge";
import { parsePlan, planGrammar, proposePrompt, type PlanInput, type PlanStep } from "../prompts/plan";
import { spacedJson } from "../prompts/spacedJson";
import { parseWhy, whyPrompt } from "../prompts/why";
import { parseWorldModel, worldModelGrammar, worldModelPrompt } from "../prompts/worldModel";
import { fitsByRule } from "./expectation";
import type { PlanMind } from "./mind";
import { entropyOf, shares, valueOf, verdictProbabilities } from "./value";

/** Characters of an observation that a decision is made on. */
const longestSeen = 600;
const short = (text: string): string => text.slice(0, longestSeen);

/** Different next steps, the likeliest first; none where the reply cannot be read. */
export async function propose(mind: PlanMind, node: string, input: PlanInput, count: number): Promise<PlanStep[]> {
  const { reply } = await mind.ask(node, "propose", {
    messages: proposePrompt({ ...input, state: short(input.state) }, count),
    form: { kind: "gbnf", grammar: planGrammar(count) },
    max: 90 * count,
    think: "off",
  });
  const parsed = parsePlan(reply.text);
  return parsed.ok ? parsed.value.slice(0, count) : [];
}

/** What the action would bring; undefined where the world model says nothing that can be read. */
export async function imagine(
  mind: PlanMind,
  node: string,
  input: { state: string; action: string },
  history: number,
): Promise<PlanPrediction | undefined> {
  const { reply } = await mind.ask(node, "imagine", {
    messages: worldModelPrompt({ ...input, state: short(input.state) }),
    form: { kind: "gbnf", grammar: worldModelGrammar() },
    max: 240,
    think: "off",
  });
  const parsed = parseWorldModel(reply.text);
  if (!parsed.ok) return undefined;
  const told = reply.tokens?.filter(({ part }) => part === "answer") ?? [];
  const { seen, state } = parsed.value;
  if (told.length === 0) return { seen: short(seen), state: short(state), confidence: history, by: "history" };
  const mean = told.reduce((sum, { p }) => sum + Math.log(Math.max(p, 1e-9)), 0) / told.length;
  return { seen: short(seen), state: short(state), confidence: Math.exp(mean), by: "tokens" };
}

export interface Judged {
  value: number;
  /** The likeliest word. */
  verdict: Verdict | undefined;
  judgement: PlanJudgement;
}

/** What a step, real or imagined, is worth for the goal. A judge whose word cannot be read leaves the value at 0.5. */
export async function judge(
  mind: PlanMind,
  node: string,
  input: { goal: string; step: string; expected?: string; seen: string },
  samples: number,
): Promise<Judged> {
  const { reply, texts } = await mind.ask(node, "judge", {
    messages: judgePrompt({ ...input, seen: short(input.seen) }),
    form: { kind: "gbnf", grammar: judgeGrammar() },
    max: 8,
    think: "off",
    samples,
    top: 40,
    meters: true,
  });
  const words = texts.flatMap((text) => {
    const parsed = parseJudge(text);
    return parsed.ok ? [parsed.value] : [];
  });
  const exact = verdictProbabilities(reply.tokens);
  const p = exact ?? shares(words);
  const readings = (reply.tokens ?? []).flatMap(({ meters }) => Object.values(meters ?? {}));
  const judgement: PlanJudgement = {
    samples: words,
    entropy: entropyOf(p),
    ...(exact ? { probabilities: exact } : {}),
    ...(readings.length > 0 ? { meter: Math.max(...readings) } : {}),
  };
  if (!exact && words.length === 0) return { value: 0.5, verdict: undefined, judgement };
  const verdict = (["done", "good", "wrong"] as const).reduce((best, word) => (p[word] > p[best] ? word : best));
  return { value: valueOf(p), verdict, judgement };
}

export interface Fit {
  fits: boolean;
  by: "rule" | "model";
  nats?: number;
  natsPerToken?: number;
}

/** Whether what came is what was expected: by rule where one can tell, by the model where not; with its surprise in nats. */
export async function fit(
  mind: PlanMind,
  node: string,
  input: { expected: string; seen: string; failed: boolean },
  /** What the local model is asked its surprise after. */
  after?: { state: string; action: string },
): Promise<Fit> {
  const { expected, failed } = input;
  const seen = short(input.seen);
  const nats = after ? await surpriseOf(mind, { ...after, seen }) : {};
  const ruled = fitsByRule(expected, seen, failed);
  if (ruled !== undefined) return { fits: ruled, by: "rule", ...nats };
  const { reply } = await mind.ask(node, "match", {
    messages: matchPrompt(expected, seen),
    form: { kind: "gbnf", grammar: matchGrammar() },
    max: 8,
    think: "off",
  });
  const parsed = parseMatch(reply.text);
  // A reply that cannot be read is no reason to throw a plan away.
  return { fits: parsed.ok ? parsed.value : true, by: "model", ...nats };
}

/** -ln p of what was seen, as the world model's own reply would begin with it. */
async function surpriseOf(
  { brain, signal }: PlanMind,
  { state, action, seen }: { state: string; action: string; seen: string },
): Promise<{ nats?: number; natsPerToken?: number }> {
  if (!brain.surprisal || seen === "") return {};
  const opening = '{"seen": "';
  const text = spacedJson({ seen }).slice(opening.length, -1);
  const messages = worldModelPrompt({ state: short(state), action });
  const { nats, tokens } = await brain.surprisal({ messages, prefill: opening, text }, signal);
  return tokens === 0 || !Number.isFinite(nats) ? {} : { nats, natsPerToken: nats / tokens };
}

/** A sentence of the model's on a judgement. */
export async function why(
  mind: PlanMind,
  node: string,
  input: { goal: string; step: string; seen: string; verdict: string },
): Promise<string> {
  const { reply } = await mind.ask(node, "why", {
    messages: whyPrompt({ ...input, seen: short(input.seen) }),
    max: 60,
    think: "off",
  });
  return parseWhy(reply.text);
}
