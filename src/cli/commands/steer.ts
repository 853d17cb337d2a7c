import path from "node:path";
import type { SteerGridResult } from "../../contract/acting";
import { UsageError, type Command, type CommandContext } from "../command";
import { readBehaviour, readPrompts } from "../inputs";
import { figure, table } from "../output";
import { numberList, onlyPlace, runAction, watched } from "../subcommands";

export const steer: Command = {
  name: "steer",
  summary: "a direction at every layer and strength: how often the behaviour shows, and what it costs",
  usage: "grid F.gguf --prompts FILE --behaviour FILE.json",
  options: {
    prompts: { type: "string", help: "prompts to answer", value: "FILE" },
    behaviour: { type: "string", help: "how the behaviour is recognised in an answer", value: "FILE.json" },
    strengths: { type: "string", help: "in units of the layer's residual norm (-1,-0.5,0,0.5,1)", value: "LIST" },
    layers: { type: "string", help: "all (the default) or a list", value: "all|LIST" },
    max: { type: "string", help: "tokens an answer (30)", value: "N" },
    think: { type: "string", help: "off or auto", value: "off|auto" },
  },
  run: (context) => runAction("steer", { grid }, context),
  table(result: SteerGridResult) {
    const cell = (layer: number, strength: number) =>
      `${figure(result.rate[layer]?.[strength] ?? NaN)} (${figure(result.kl[layer]?.[strength] ?? NaN)})`;
    const rows = result.layers.map((layer, l) => [String(layer), ...result.strengths.map((_, s) => cell(l, s))]);
    return `${table(["layer", ...result.strengths.map(String)], rows)}\n\nrate of the behaviour over ${result.n} prompts (KL on neutral text, nats)`;
  },
};

async function grid(context: CommandContext, rest: string[]): Promise<SteerGridResult> {
  const { options } = context;
  const file = path.resolve(onlyPlace(rest, "direction"));
  const layers = options.text("layers") ?? "all";
  const max = options.integer("max");
  const think = options.choice("think", ["off", "auto"]);
  const params = {
    file,
    prompts: await readPrompts(options.required("prompts")),
    behaviour: await readBehaviour(options.required("behaviour")),
    strengths: numberList(options.text("strengths") ?? "-1,-0.5,0,0.5,1", "--strengths"),
    layers: layers === "all" ? ("all" as const) : wholeNumbers(layers),
    ...(max === undefined ? {} : { max }),
    ...(think === undefined ? {} : { think }),
  };
  const { caller } = await context.engine();
  return caller.call("steerGrid", params, watched(context));
}

function wholeNumbers(text: string): number[] {
  const numbers = numberList(text, "--layers");
  if (!numbers.every((each) => Number.isInteger(each) && each >= 0))
    throw new UsageError(`--layers takes layers, not '${text}'`);
  return numbers;
}
