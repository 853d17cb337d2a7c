import type { PatchscopeResult } from "../../contract/acting";
import type { Command } from "../command";
import { inputOptions, readInput } from "../inputs";
import { table, visible } from "../output";
import { watched } from "../subcommands";

export const patchscope: Command = {
  name: "patchscope",
  summary: "put a state into another prompt that asks the model to say what it is",
  usage: "--prompt P --position N [--layer L] [--into TEXT --at N]",
  options: {
    ...inputOptions,
    position: { type: "string", help: "whose state; -1 is the last", value: "N" },
    layer: { type: "string", help: "every layer when absent", value: "L" },
    into: { type: "string", help: "the prompt that receives it (an identity prompt when absent)", value: "TEXT" },
    at: { type: "string", help: "the position that receives it (-1)", value: "N" },
    "into-layer": { type: "string", help: "the layer that receives it (the source's own)", value: "L" },
    max: { type: "string", help: "tokens said (8)", value: "N" },
  },
  async run(context) {
    const { options } = context;
    const into = options.text("into");
    const optional = {
      layer: options.integer("layer"),
      at: options.integer("at"),
      intoLayer: options.integer("into-layer"),
      max: options.integer("max"),
    };
    const params = {
      input: await readInput(context),
      position: options.integer("position") ?? -1,
      ...(into === undefined ? {} : { into: { kind: "prompt" as const, text: into } }),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    };
    const { caller } = await context.engine();
    const result = await caller.call("patchscope", params, watched(context));
    const [only] = result.rows;
    return params["layer" as keyof typeof params] === undefined || !only
      ? result
      : { ...result, text: only.text, tokens: only.tokens };
  },
  table(result: PatchscopeResult) {
    const rows = result.rows.map(({ layer, p, text }) => [layer, p, visible(text)]);
    return `${table(["layer", "p of its first token", "says"], rows)}\n\nplain: ${visible(result.plain)}`;
  },
};
