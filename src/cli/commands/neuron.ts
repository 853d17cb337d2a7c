import type { NeuronExperimentResult } from "../../contract/instruments";
import { UsageError, type Command } from "../command";
import { readBehaviour, readPrompts, readText } from "../inputs";
import { figure, table } from "../output";

export const neuron: Command = {
  name: "neuron",
  summary: "the three-step experiment on one neuron: correlation, removal, dose",
  usage: "LAYER.NEURON --positive FILE --negative FILE [--behaviour FILE.json]",
  options: {
    positive: { type: "string", help: "prompts where the behaviour appears", value: "FILE" },
    negative: { type: "string", help: "prompts where it does not", value: "FILE" },
    behaviour: { type: "string", help: "how the behaviour is recognised in an answer", value: "FILE" },
    neutral: { type: "string", help: "neutral text, a passage a line, for the side effects", value: "FILE" },
    doses: { type: "string", help: "activations to set, comma-separated", value: "LIST" },
  },
  async run(context) {
    const { options } = context;
    const [id] = context.positionals;
    if (id === undefined) throw new UsageError("which neuron? write LAYER.NEURON");
    const [behaviour, neutral, doses] = [options.text("behaviour"), options.text("neutral"), options.text("doses")];
    const params = {
      id,
      positive: await readPrompts(options.required("positive")),
      negative: await readPrompts(options.required("negative")),
      ...(behaviour === undefined ? {} : { behaviour: await readBehaviour(behaviour) }),
      ...(neutral === undefined
        ? {}
        : { neutral: (await readText(neutral)).split("\n").filter((line) => line.trim()) }),
      ...(doses === undefined ? {} : { doses: readNumbers(doses) }),
    };
    const { caller } = await context.engine();
    return caller.call("neuronExperiment", params, {
      signal: context.signal,
      onProgress: ({ done, total, message }) => context.progress(done, total, message),
    });
  },
  table(result: NeuronExperimentResult) {
    const { correlation, ablation, dose, n } = result;
    const removal = (name: string, { before, after, negativeBefore, negativeAfter, kl }: typeof ablation.zero) => [
      name,
      `${figure(before)} -> ${figure(after)}`,
      `${figure(negativeBefore)} -> ${figure(negativeAfter)}`,
      kl,
    ];
    return [
      `correlation  AUC ${figure(correlation.auc)}, mean ${figure(correlation.meanPositive)} against ${figure(correlation.meanNegative)} (n ${n.positive}, ${n.negative})`,
      "",
      table(
        ["removal", "rate on positive", "rate on negative", "KL elsewhere (nats)"],
        [removal("zero", ablation.zero), removal("mean", ablation.mean)],
      ),
      "",
      table(
        ["dose", "rate", "KL (nats)"],
        dose.map(({ activation, rate, kl }) => [activation, rate, kl]),
      ),
    ].join("\n");
  },
};

function readNumbers(text: string): number[] {
  const numbers = text.split(",").map((item) => (item.trim() === "" ? NaN : Number(item)));
  if (!numbers.every(Number.isFinite)) throw new UsageError(`--doses takes numbers with commas between, not '${text}'`);
  return numbers;
}
