import { fail } from "../../contract/errors";
import type {
  Behaviour,
  Fraction,
  NeuronExperimentParams,
  NeuronExperimentResult,
  Removal,
} from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { Intervention } from "../../contract/sites";
import type { Input } from "../../contract/verbs";
import { answerTo, behaviourRate } from "./behaviour";
import type { Lab } from "./lab";
import { auc, mean, pairHistogram } from "./maths/statistics";
import { requireBehaviour } from "./measures/behaviour";
import { parseNeuronId, type NeuronId } from "./neuronId";
import { meanKl, outputStates } from "./outputKl";
import { probeTokens } from "./probe";

const bins = 20;
const defaultDoses = 9;

/**
 * The three steps that tell whether a neuron has to do with a behaviour. (1) Correlation: its activation at the end of prompts
 * that call the behaviour up against prompts that do not. (2) Removal: the rate of the behaviour with the neuron at 0 and at
 * its mean, and what that does to neutral text. (3) Dose: the rate with the activation held at each of a range of values.
 * Step 1 alone proves nothing: many neurons share a function, and one neuron has many.
 * Without `behaviour`, it is taken to be the first tokens that the plain model gives to positive prompts and to no negative.
 */
export async function neuronExperiment(
  lab: Lab,
  params: NeuronExperimentParams,
  context: CallContext<Fraction>,
): Promise<NeuronExperimentResult> {
  const { positive, negative } = params;
  const id = parseNeuronId(lab, params.id);
  if (id.expert !== undefined)
    fail(
      "noSuchSite",
      "An experiment needs a neuron that is there for every token; an expert's is only where it is chosen.",
    );
  if (positive.length === 0 || negative.length === 0)
    fail("badArgument", "Both prompt sets are needed: one where the behaviour appears, one where it does not.");
  const doses = params.doses;
  if (doses && (doses.length === 0 || !doses.every(Number.isFinite))) fail("badArgument", "The doses must be numbers.");
  if (params.behaviour) requireBehaviour(params.behaviour);
  const { signal } = context;

  const prompts = positive.length + negative.length;
  const settings = 3 + (doses?.length ?? defaultDoses);
  const total = prompts * (settings + 1);
  let done = 0;
  const tick = (message: string) => () => context.progress({ done: ++done, total, message });

  const readings = await readActivations(lab, id, [...positive, ...negative], signal, tick("activations"));
  const lasts = readings.map(({ last }) => last);
  const [onPositive, onNegative] = [lasts.slice(0, positive.length), lasts.slice(positive.length)];
  const behaviour = params.behaviour ?? (await ownBehaviour(lab, positive, negative, signal));
  const neutral = (params.neutral ?? [])
    .map((text) => lab.tokenize(text, false).map((token) => token.id))
    .filter((ids) => ids.length > 0);
  const plain = await outputStates(lab, neutral, [], signal);

  const rates = async (interventions: Intervention[], message: string) => ({
    positive: await behaviourRate(lab, positive, behaviour, interventions, signal, tick(message)),
    negative: await behaviourRate(lab, negative, behaviour, interventions, signal, tick(message)),
  });
  const kl = async (interventions: Intervention[]) =>
    meanKl(lab, plain, await outputStates(lab, neutral, interventions, signal));
  const before = await rates([], "plain");
  const removal = async (value: number, message: string): Promise<Removal> => {
    const interventions = [held(id, value)];
    const after = await rates(interventions, message);
    return {
      before: before.positive,
      after: after.positive,
      negativeBefore: before.negative,
      negativeAfter: after.negative,
      kl: await kl(interventions),
    };
  };
  const zero = await removal(0, "zero ablation");
  const average =
    readings.reduce((sum, { sum: s }) => sum + s, 0) / readings.reduce((sum, { count }) => sum + count, 0);
  const ablation = { zero, mean: await removal(average, "mean ablation") };

  const dose: NeuronExperimentResult["dose"] = [];
  for (const activation of doses ?? doseRange(lasts)) {
    const interventions = [held(id, activation)];
    const after = await rates(interventions, "dose");
    const rate = (after.positive * positive.length + after.negative * negative.length) / prompts;
    dose.push({ activation, rate, kl: await kl(interventions) });
  }
  return {
    id: params.id,
    behaviour,
    correlation: {
      auc: auc(onPositive, onNegative),
      meanPositive: mean(onPositive),
      meanNegative: mean(onNegative),
      histogram: pairHistogram(onPositive, onNegative, bins),
    },
    ablation,
    dose,
    n: { positive: positive.length, negative: negative.length },
  };
}

/** Holds a neuron at a value wherever it acts. */
const held = ({ layer, neuron }: NeuronId, value: number): Intervention => ({
  site: "mlp_post",
  layer,
  where: "all",
  operation: "set",
  indices: [neuron],
  values: Float32Array.of(value),
});

interface Reading {
  /** At the last token of the prompt. */
  last: number;
  sum: number;
  count: number;
}

async function readActivations(
  lab: Lab,
  { layer, neuron }: NeuronId,
  inputs: Input[],
  signal: AbortSignal,
  tick: () => void,
): Promise<Reading[]> {
  const out: Reading[] = [];
  for (const input of inputs) {
    const ids = (await probeTokens(lab, input)).map((token) => token.id);
    const reading: Reading = { last: 0, sum: 0, count: ids.length };
    await lab.pass({
      sequences: [ids],
      reads: [{ site: "mlp_post", layer, positions: "all" }],
      signal,
      onChunk: ({ states, count }) => {
        const { data, width } = states[0]!;
        for (let t = 0; t < count; t++) reading.sum += data[t * width + neuron]!;
        reading.last = data[(count - 1) * width + neuron]!;
      },
    });
    out.push(reading);
    tick();
  }
  return out;
}

/** From as far below the range of activations as it is wide, to as far above. */
function doseRange(values: number[]): number[] {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const span = high - low || 1;
  return Array.from({ length: defaultDoses }, (_, i) => low - span + (3 * span * i) / (defaultDoses - 1));
}

async function ownBehaviour(lab: Lab, positive: Input[], negative: Input[], signal: AbortSignal): Promise<Behaviour> {
  const first = async (inputs: Input[]) => {
    const out = new Set<string>();
    for (const input of inputs) out.add((await answerTo(lab, input, { firstToken: [""] }, [], signal)).firstToken);
    return out;
  };
  const elsewhere = await first(negative);
  const firstToken = [...(await first(positive))].filter((token) => token.trim() !== "" && !elsewhere.has(token));
  if (firstToken.length === 0)
    fail("badArgument", "The answers to both prompt sets begin alike, so there is no behaviour to recognise.", {
      remedy: "Say how it is recognised (startsWith, contains or firstToken).",
    });
  return { firstToken };
}
