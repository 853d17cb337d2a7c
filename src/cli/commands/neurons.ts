import type { NeuronsResult } from "../../contract/instruments";
import type { Command } from "../command";
import { table, visible } from "../output";
import { probeOptions, readProbe } from "../probe";

export const neurons: Command = {
  name: "neurons",
  summary: "the neurons that count most at a token, and what each promotes",
  usage: "--prompt TEXT | --chat FILE.json [--layer L] [--target TEXT]",
  options: {
    ...probeOptions,
    layer: { type: "string", help: "one layer only", value: "L" },
    position: { type: "string", help: "which token, -1 (the default) is the last", value: "N" },
    target: { type: "string", help: "rank by contribution to this token's logit", value: "TEXT" },
    count: { type: "string", help: "how many (20)", value: "N" },
  },
  async run(context) {
    const { options } = context;
    const [layer, target] = [options.integer("layer"), options.text("target")];
    const params = {
      ...(await readProbe(context)),
      ...(layer === undefined ? {} : { layer }),
      ...(target === undefined ? {} : { target }),
      position: options.integer("position") ?? -1,
      count: options.integer("count") ?? 20,
    };
    const { caller } = await context.engine();
    return caller.call("neurons", params, { signal: context.signal });
  },
  table(result: NeuronsResult) {
    const words = (list: { text: string }[]) =>
      list
        .slice(0, 5)
        .map(({ text }) => visible(text))
        .join(" ");
    const rows = result.neurons.map((neuron) => [
      neuron.id,
      neuron.activation,
      neuron.contribution,
      words(neuron.promotes),
      words(neuron.suppresses),
    ]);
    return table(["neuron", "activation", "contribution", "promotes", "suppresses"], rows);
  },
};
